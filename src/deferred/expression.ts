/** Work that has not run yet: an elementwise op or a reduction of one, its operands, and how much a shader of it would hold. */
import type { Entry } from '../entry';
import type { Texture } from '../gl/device';
import type { DType, Layout } from '../plan';
import { sizeOf, type Shape } from '../shape';

/** One elementwise op. */
export interface ElementOp {
  /** GLSL of one output element, in the operands' names; `index` is its flat index. */
  readonly expression: string;
  readonly dtype: DType;
  /** GLSL functions that it calls, beside those of numeric.ts. */
  readonly helpers?: string;
  /** Float uniforms named in the expression. */
  readonly attributes?: Readonly<Record<string, number>>;
  /** Int uniforms named in the expression. */
  readonly integers?: Readonly<Record<string, number>>;
  /** Whether the expression sees all operands as floats; else each has its own type, bool as int. */
  readonly floats?: boolean;
}

/** An operand: a tensor as a shape that broadcasts, or a value that the host knows. */
export type Operand = TensorOperand | { readonly name: string; readonly value: number; readonly dtype: DType };

export interface TensorOperand {
  readonly name: string;
  readonly entry: Entry;
  readonly shape: Shape;
}

/** A GLSL expression with the values of the float uniforms that it names. */
export interface Finish {
  readonly expression: string;
  readonly attributes?: Readonly<Record<string, number>>;
}

/** What a reduction folds, and how. Expressions are scalar. */
export interface Reduction {
  /** The elements; `index` is their place along the axis. Its dtype is that of the result. */
  readonly load: ElementOp;
  /** Two partial results `a` and `b` as one; any grouping must do. */
  readonly fold: string;
  /** What folds to the other partial result. */
  readonly identity: string;
  /** What becomes of the whole, `acc`. */
  readonly finish?: Finish | undefined;
  /** Whether `load` names `index`. */
  readonly ordered?: boolean;
}

/** What a reduction runs over. */
export interface Extent {
  /** The shape that the inputs are broadcast to; not empty. */
  readonly shape: Shape;
  /** Its reduced dimensions. */
  readonly axes: readonly number[];
  /** The shape of the result. */
  readonly out: Shape;
}

export type Pending = PendingMap | PendingFold | PendingPass;

/** A pass of any other kind, put off because its result may never be asked for. */
export interface PendingPass {
  readonly kind: 'pass';
  readonly operands: readonly TensorOperand[];
  readonly layout: Layout;
  readonly run: () => Texture;
  born: number;
}

/** A reduction of an elementwise op. */
export interface PendingFold {
  readonly kind: 'fold';
  readonly reduction: Reduction;
  readonly extent: Extent;
  /** The elements that are folded. */
  readonly load: PendingMap;
  readonly operands: readonly Operand[];
  readonly layout: Layout;
  /** Reductions of the same key can share a pass. */
  readonly key: string;
  /** When it was deferred, in values. */
  born: number;
}

/** An elementwise op over operands broadcast to the layout's shape. */
export interface PendingMap {
  readonly kind: 'map';
  readonly op: ElementOp;
  readonly operands: readonly Operand[];
  /** Shape of the result, and where its texels will lie. */
  readonly layout: Layout;
  /** Instructions of the whole expression, about; what it shares is counted more than once. */
  readonly weight: number;
  /** Tensors that the whole expression reads, at most. */
  readonly reads: number;
  /** Those of them with as many elements as the result. */
  readonly largeReads: number;
  /** Passes that have computed it for their own use and dropped it. */
  uses: number;
  /** When it was deferred, in values. */
  born: number;
}

/** A shader of more takes long to compile, and little is gained by it. */
const MOST_WEIGHT = 48;
/** Every device binds sixteen textures to a pass. */
const MOST_READS = 12;

/** A call of a function of numeric.ts takes about this many instructions. */
const CALL = 6;

/** The expression of `op` alone, over operands that may be pending themselves. */
export function pendingMap(op: ElementOp, operands: readonly Operand[], layout: Layout): PendingMap {
  const size = sizeOf(layout.shape);
  let weight = weightOf(op.expression);
  let reads = 0;
  let largeReads = 0;
  for (const operand of operands) {
    if (!('entry' in operand)) continue;
    const { pending } = operand.entry;
    const large = sizeOf(operand.shape) === size;
    if (pending?.kind === 'map' && (large || isCheap(pending))) {
      weight += pending.weight;
      reads += pending.reads;
      if (large) largeReads += pending.largeReads;
    } else {
      reads++;
      if (large) largeReads++;
    }
  }
  return { kind: 'map', op, operands, layout, weight, reads, largeReads, uses: 0, born: 0 };
}

/** A reduction whose result will lie as `layout` says. */
export function pendingFold(
  reduction: Reduction,
  operands: readonly Operand[],
  extent: Extent,
  layout: Layout,
): PendingFold {
  const { load, fold, ordered = false } = reduction;
  const { shape, axes, out } = extent;
  return {
    kind: 'fold',
    reduction,
    extent,
    load: pendingMap(load, operands, { shape, dtype: load.dtype, width: 0, height: 0 }),
    operands,
    layout,
    key: `${shape.join()} ${axes.join()} ${out.join()} ${load.dtype} ${fold} ${ordered}`,
    born: 0,
  };
}

/** Whether one shader should hold no more. */
export function isTooLong({ weight, reads }: PendingMap): boolean {
  return weight > MOST_WEIGHT || reads > MOST_READS;
}

/** Whether reading the result saves more than computing it again would cost. */
export function isWorthKeeping({ weight, largeReads }: PendingMap): boolean {
  return largeReads > 1 || weight > MOST_WEIGHT / 4;
}

/** Whether computing it for every element that it is broadcast to is better than a pass of its own. */
export function isCheap({ weight, reads }: PendingMap): boolean {
  return weight <= CHEAP_WEIGHT && reads <= CHEAP_READS;
}

const CHEAP_WEIGHT = 12;
const CHEAP_READS = 4;

const weights = new Map<string, number>();

function weightOf(expression: string): number {
  let weight = weights.get(expression);
  if (weight === undefined) {
    const calls =
      expression.match(/\b(?!float\b|int\b|abs\b|min\b|max\b|sqrt\b|floor\b|isNaN\b|isOrdered\b)[A-Za-z]\w*\(/g) ?? [];
    weight = 1 + CALL * calls.length;
    weights.set(expression, weight);
  }
  return weight;
}

/** Whether the expression names its own place, which only a pass over all elements in their order knows. */
export function usesIndex({ expression }: ElementOp): boolean {
  return INDEX.test(expression);
}

const INDEX = /\bindex\b/;
