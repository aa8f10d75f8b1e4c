/** Elementwise work that has not run yet: an op, its operands, and how much a shader of it would hold. */
import type { Entry } from '../entry';
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
export type Operand =
  | { readonly name: string; readonly entry: Entry; readonly shape: Shape }
  | { readonly name: string; readonly value: number; readonly dtype: DType };

/** An elementwise op over operands broadcast to the layout's shape. */
export interface Pending {
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
}

/** A shader of more takes long to compile, and little is gained by it. */
const MOST_WEIGHT = 48;
/** Every device binds sixteen textures to a pass. */
const MOST_READS = 12;

/** A call of a function of numeric.ts takes about this many instructions. */
const CALL = 6;

/** The expression of `op` alone, over operands that may be pending themselves. */
export function pendingOf(op: ElementOp, operands: readonly Operand[], layout: Layout): Pending {
  const size = sizeOf(layout.shape);
  let weight = weightOf(op.expression);
  let reads = 0;
  let largeReads = 0;
  for (const operand of operands) {
    if (!('entry' in operand)) continue;
    const { pending } = operand.entry;
    const large = sizeOf(operand.shape) === size;
    if (pending && large) {
      weight += pending.weight;
      reads += pending.reads;
      largeReads += pending.largeReads;
    } else {
      reads++;
      if (large) largeReads++;
    }
  }
  return { op, operands, layout, weight, reads, largeReads, uses: 0 };
}

/** Whether one shader should hold no more. */
export function isTooLong({ weight, reads }: Pending): boolean {
  return weight > MOST_WEIGHT || reads > MOST_READS;
}

/** Whether reading the result saves more than computing it again would cost. */
export function isWorthKeeping({ weight, largeReads }: Pending): boolean {
  return largeReads > 1 || weight > MOST_WEIGHT / 4;
}

const weights = new Map<string, number>();

function weightOf(expression: string): number {
  let weight = weights.get(expression);
  if (weight === undefined) {
    const calls = expression.match(/\b(?!float\b|int\b|abs\b|min\b|max\b|isNaN\b|isOrdered\b)[A-Za-z]\w*\(/g) ?? [];
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
