/** Makes pending elementwise ops and reductions, estimates their cost, and limits what one shader holds. */
import type { ElementOp, Extent, Operand, PendingReduction, PendingMap, Reduction, Traits } from './tensor_data';
import { callCost } from '../glsl/numeric';
import { wordsOf } from '../glsl/words';
import { keyOf, type Layout } from '../plan/plan';
import { sizeOf } from '../plan/shape';

/** A shader of more takes long to compile, and little is gained by it. */
const MOST_WEIGHT = 48;
/** The most that several values of one pass may weigh together. */
const MOST_TOGETHER = 64;
/** Every device binds sixteen textures to a pass. */
const MOST_READS = 12;

/** The weight of calls that a reduction or an epilogue may hold. */
const MOST_COPIED_CALLS = 12;

/** The expression of `op` alone, over operands that may be pending themselves. */
export function pendingMap(op: ElementOp, operands: readonly Operand[], layout: Layout): PendingMap {
  const size = sizeOf(layout.shape);
  const traits = traitsOf(op);
  let { weight } = traits;
  let calls = weight - 1;
  let reads = 0;
  let largeReads = 0;
  for (const operand of operands) {
    if (!('entry' in operand)) continue;
    const { pending } = operand.entry;
    const large = sizeOf(operand.shape) === size;
    if (pending?.kind === 'map' && !operand.persistent && (large || isCheap(pending))) {
      weight += pending.weight;
      calls += pending.calls;
      reads += pending.reads;
      if (large) largeReads += pending.largeReads;
    } else {
      reads++;
      if (large) largeReads++;
    }
  }
  const key = `${layout.width}x${layout.height}`;
  return { kind: 'map', op, traits, operands, layout, key, weight, calls, reads, largeReads, uses: 0 };
}

/** A reduction whose result will lie as `layout` says. */
export function pendingReduction(
  reduction: Reduction,
  operands: readonly Operand[],
  extent: Extent,
  layout: Layout,
): PendingReduction {
  const { load, kind, ordered = false } = reduction;
  const { shape, axes } = extent;
  const { width, height } = layout;
  // Dimensions of one element make no difference.
  const dims = shape.map((d, i) => (d === 1 ? undefined : { d, reduced: axes.includes(i) })).filter((d) => d);
  return {
    kind: 'reduce',
    reduction,
    extent,
    load: pendingMap(load, operands, { shape, dtype: load.dtype, width: 0, height: 0 }),
    operands,
    layout,
    key: keyOf({ dims, width, height, dtype: load.dtype, kind, ordered }),
  };
}

/** Whether one shader should hold no more. */
export function isTooLong({ weight, reads }: PendingMap): boolean {
  return weight > MOST_WEIGHT || reads > MOST_READS;
}

/** Whether it is too long where a shader holds many copies: in the loop of a reduction, or for each row of a tile. */
export function isTooLongToCopy(pending: PendingMap): boolean {
  return isTooLong(pending) || pending.calls > MOST_COPIED_CALLS;
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

const known = new Map<string, Traits>();

function traitsOf({ expression, kind }: ElementOp): Traits {
  const key = `${kind ?? ''} ${expression}`;
  let traits = known.get(key);
  if (!traits) {
    const words = wordsOf(expression);
    const usesIndex = words.some(({ name }) => name === 'index');
    known.set(key, (traits = { number: known.size, weight: 1 + callCost(words), usesIndex }));
  }
  return traits;
}

/** Whether one pass should not compute so much at once. */
export function isTooMuch(inlined: readonly PendingMap[]): boolean {
  return inlined.reduce((sum, { traits }) => sum + traits.weight, 0) > MOST_TOGETHER;
}
