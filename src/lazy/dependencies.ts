/** Queries over the dependency graph of pending values. */
import type { TensorData, Operand, TensorOperand } from './tensor_data';
import { sameShape, type Shape } from '../plan/shape';
import { isWorthKeeping } from './cost';

/** Whether an operand is a float32 tensor that may be inlined. */
export function isFloat(operand: Operand): operand is TensorOperand {
  return 'entry' in operand && operand.entry.dtype === 'float32' && !operand.persistent;
}

/** Whether it is one of exactly this shape, without a reshape or broadcast. */
export function isWhole(operand: Operand, shape: Shape): operand is TensorOperand {
  return isFloat(operand) && sameShape(operand.entry.shape, shape) && sameShape(operand.shape, shape);
}

/** The pending operand with the largest weight: computing it shortens an expression most. */
export function heaviestOf(operands: readonly Operand[]): TensorData | undefined {
  let most = 0;
  let heaviest: TensorData | undefined;
  for (const operand of operands) {
    if (!('entry' in operand) || operand.persistent) continue;
    const { pending } = operand.entry;
    if (pending?.kind !== 'map' || pending.weight <= most) continue;
    most = pending.weight;
    heaviest = operand.entry;
  }
  return heaviest;
}

/** Whether a pass has inlined it before, and reading its texture would be cheaper than computing it again. */
export function wasUsed({ pending }: TensorData): boolean {
  return pending?.kind === 'map' && pending.uses > 0 && isWorthKeeping(pending);
}

/** Whether anything refers to a value. */
export function isHeld(entry: TensorData): boolean {
  return entry.refCount > 0 || entry.readers > 0;
}

/** Whether anything beyond one pass may read it. */
export function isWanted(entry: TensorData): boolean {
  return entry.refCount > 0 || entry.readers > 1;
}

/**
 * Whether a value can be computed now: it depends on no pending reduction or pass.
 *
 * @param known values known to be ready; those found are added
 */
export function isReady({ pending }: TensorData, known = new Set<TensorData>()): boolean {
  if (!pending) return true;
  for (const operand of pending.operands) {
    if (!('entry' in operand)) continue;
    const { entry } = operand;
    if (!entry.pending || known.has(entry)) continue;
    if (entry.pending.kind !== 'map' || !isReady(entry, known)) return false;
    known.add(entry);
  }
  return true;
}

/** Whether a pending value alone keeps a texture alive. */
export function holdsAlone(entry: TensorData): boolean {
  return someDependency(entry, ({ pending, refCount }) => !pending && refCount <= 0);
}

/** An elementwise value and all values that are reachable only through it, by elementwise ops. */
export function ownedBy(root: TensorData): readonly TensorData[] {
  const owned = [root];
  const reads = new Map<TensorData, number>();
  // Grows meanwhile.
  for (const { pending } of owned) {
    if (pending?.kind !== 'map') continue;
    for (const operand of pending.operands) {
      if (!('entry' in operand)) continue;
      const { entry } = operand;
      const count = (reads.get(entry) ?? 0) + 1;
      reads.set(entry, count);
      if (count === entry.readers && entry.refCount <= 0) owned.push(entry);
    }
  }
  return owned;
}

/** Whether `test` holds for any dependency of a pending value. Stops at the first. */
export function someDependency(
  { pending }: TensorData,
  test: (entry: TensorData) => boolean,
  seen?: Set<TensorData>,
): boolean {
  if (!pending) return false;
  const met = seen ?? new Set<TensorData>();
  for (const operand of pending.operands) {
    if (!('entry' in operand) || met.has(operand.entry)) continue;
    met.add(operand.entry);
    if (test(operand.entry) || someDependency(operand.entry, test, met)) return true;
  }
  return false;
}

/** Calls `visit` with every dependency of a pending value. */
export function eachDependency(entry: TensorData, visit: (entry: TensorData) => void): void {
  someDependency(entry, (within) => {
    visit(within);
    return false;
  });
}
