/** Rewrites a sum of products with a common factor as a product with a sum. */
import type { ElementOp, TensorData, Extent, Operand, Reduction, TensorOperand } from './tensor_data';
import { isFloat, isReady, isWhole, someDependency } from './dependencies';

/** The product that a sum runs over. */
export interface ProductTerm {
  /** Constant along the summed axes; has the shape of the sum. */
  readonly factor: Term;
  readonly summand: TensorOperand;
}

/** An operand, or an expression that computes one. */
export type Term = Operand | Computed;

interface Computed {
  readonly name: string;
  readonly op: ElementOp;
  readonly terms: readonly Term[];
}

/** A sum of terms of both signs, or of 0, is NaN once they are multiplied with an infinity. */
export const FACTORED: ElementOp = {
  expression: 'mix(NAN, sum * factor, isFinite(factor))',
  dtype: 'float32',
};

/**
 * The factors of a summed product, if factoring one out saves a pass over the elements: that one depends on another reduction, as in
 * the gradient of batch statistics, while the other can be summed now, in one pass with other sums.
 */
export function productOf(
  { load, kind, finish }: Reduction,
  operands: readonly Operand[],
  extent: Extent,
): ProductTerm | undefined {
  if (load.kind !== 'identity' || load.dtype !== 'float32' || kind !== 'sum' || finish) return undefined;
  const product = operands[0]!;
  if (!isWhole(product, extent.shape) || product.entry.pending?.kind !== 'map') return undefined;
  const { op, operands: factors } = product.entry.pending;
  if (op.kind !== 'product' || op.dtype !== 'float32') return undefined;
  const [a, b] = factors as [Operand, Operand];
  return productFrom(a, b, extent) ?? productFrom(b, a, extent);
}

function productFrom(factor: Operand, summand: Operand, extent: Extent): ProductTerm | undefined {
  if (!isFloat(factor) || !isFloat(summand) || isReduction(summand.entry) || !isReady(summand.entry)) return undefined;
  if (!isReduction(factor.entry) && !someDependency(factor.entry, isReduction)) return undefined;
  const term = narrowed(factor, extent);
  return term && { factor: { ...term, name: 'factor' }, summand: { ...summand, name: 'x' } };
}

const isReduction = ({ pending }: TensorData): boolean => pending?.kind === 'reduce';

/** The operand without the summed axes, if it is constant along them, or is an expression of operands that are. */
function narrowed(operand: Operand, extent: Extent): Term | undefined {
  if (!('entry' in operand)) return operand;
  const { shape, axes, out } = extent;
  const lead = shape.length - operand.shape.length;
  if (axes.every((axis) => axis < lead || operand.shape[axis - lead] === 1)) {
    const kept = operand.shape.filter((_, i) => out.length === shape.length || !axes.includes(lead + i));
    return { ...operand, shape: kept };
  }
  const { pending } = operand.entry;
  if (pending?.kind !== 'map' || pending.traits.usesIndex || !isWhole(operand, shape)) return undefined;
  const terms: Term[] = [];
  for (const own of pending.operands) {
    const term = narrowed(own, extent);
    if (!term) return undefined;
    terms.push(term);
  }
  return { name: operand.name, op: pending.op, terms };
}

/** The tensors that a term reads. */
export function entriesOf(term: Term): readonly TensorData[] {
  if ('op' in term) return term.terms.flatMap(entriesOf);
  return 'entry' in term ? [term.entry] : [];
}
