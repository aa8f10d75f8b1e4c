/** Sums of products of which one factor is the same for all that is summed: it can be multiplied with the sum instead. */
import type { ElementOp, Entry, Extent, Operand, Reduction, TensorOperand } from '../entry';
import { sameShape, type Shape } from '../shape';
import { isReady, someWithin } from './within';

/** The product that a sum runs over. */
export interface Product {
  /** The same for all that is summed. */
  readonly factor: TensorOperand;
  readonly summand: TensorOperand;
}

/** Makes an elementwise value. */
type Defer = (op: ElementOp, operands: readonly Operand[], shape: Shape) => Entry;

const PRODUCT = 'a * b';

/** Terms of both signs, or of 0, have no sum once they are multiplied with an infinity. */
export const FACTORED: ElementOp = {
  expression: 'mix(sum * factor, NAN, !(abs(factor) < INFINITY))',
  dtype: 'float32',
};

/**
 * The factors of a sum where that saves a pass over what is summed: one of them waits for another reduction, as in the
 * gradient of batch statistics, and the sum of the other can be taken in one pass with sums that are due now.
 */
export function productOf(
  { load, fold, finish }: Reduction,
  operands: readonly Operand[],
  extent: Extent,
): Product | undefined {
  if (load.expression !== 'x' || load.dtype !== 'float32' || fold !== 'a + b' || finish) return undefined;
  const product = operands[0]!;
  if (!isWhole(product, extent.shape) || product.entry.pending?.kind !== 'map') return undefined;
  const { op, operands: factors } = product.entry.pending;
  if (op.expression !== PRODUCT || op.dtype !== 'float32') return undefined;
  const [a, b] = factors as [Operand, Operand];
  if (isFactor(a, extent) && isSummand(b)) return { factor: a, summand: { ...b, name: 'x' } };
  if (isFactor(b, extent) && isSummand(a)) return { factor: b, summand: { ...a, name: 'x' } };
  return undefined;
}

/** The factor as an operand of a product with the sum: what `defer` makes of it, where it is still to be computed for each term. */
export function narrowed(operand: Operand, extent: Extent, defer: Defer): Operand {
  if (!('entry' in operand)) return operand;
  const { shape, axes, out } = extent;
  if (isFixed(operand, extent)) {
    const lead = shape.length - operand.shape.length;
    const kept = operand.shape.filter((_, i) => out.length === shape.length || !axes.includes(lead + i));
    return { ...operand, shape: kept };
  }
  const { pending } = operand.entry;
  if (pending?.kind !== 'map') throw new Error('Expected a factor that is the same all along what is summed.');
  const entry = defer(
    pending.op,
    pending.operands.map((o) => narrowed(o, extent, defer)),
    out,
  );
  return { ...operand, entry, shape: out };
}

const isFloat = (operand: Operand): operand is TensorOperand =>
  'entry' in operand && operand.entry.dtype === 'float32' && !operand.lasting;

const isFold = ({ pending }: Entry): boolean => pending?.kind === 'fold';

const isSummand = (operand: Operand): operand is TensorOperand =>
  isFloat(operand) && !isFold(operand.entry) && isReady(operand.entry);

const isFactor = (operand: Operand, extent: Extent): operand is TensorOperand =>
  isFloat(operand) && (isFold(operand.entry) || someWithin(operand.entry, isFold)) && isAlike(operand, extent);

/** Whether it is the same along all axes, be it after it is computed for each of them. */
function isAlike(operand: Operand, extent: Extent): boolean {
  if (!('entry' in operand) || isFixed(operand, extent)) return true;
  const { pending } = operand.entry;
  if (pending?.kind !== 'map' || operand.lasting || pending.traits.usesIndex) return false;
  return isWhole(operand, extent.shape) && pending.operands.every((o) => isAlike(o, extent));
}

/** Whether it has but one element along all axes. */
function isFixed({ shape }: TensorOperand, extent: Extent): boolean {
  const lead = extent.shape.length - shape.length;
  return extent.axes.every((axis) => axis < lead || shape[axis - lead] === 1);
}

const isWhole = (operand: Operand, shape: Shape): operand is TensorOperand =>
  'entry' in operand && sameShape(operand.entry.shape, shape) && sameShape(operand.shape, shape);
