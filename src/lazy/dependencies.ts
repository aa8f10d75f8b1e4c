/** Questions about pending values and what they are computed from. */
import type { TensorData, Operand, TensorOperand } from './tensor_data';
import { sameShape, type Shape } from '../plan/shape';
import { isWorthKeeping } from './cost';

/** Whether it is a float32 tensor that may be taken in. */
export function isFloat(operand: Operand): operand is TensorOperand {
  return 'entry' in operand && operand.entry.dtype === 'float32' && !operand.persistent;
}

/** Whether it is one that has an element for each of `shape`, as it is. */
export function isWhole(operand: Operand, shape: Shape): operand is TensorOperand {
  return isFloat(operand) && sameShape(operand.entry.shape, shape) && sameShape(operand.shape, shape);
}

/** The operand whose computation shortens an expression most. */
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

/** Whether a pass has computed it for itself before, and reading it would be cheaper than the next time. */
export function wasUsed({ pending }: TensorData): boolean {
  return pending?.kind === 'map' && pending.uses > 0 && isWorthKeeping(pending);
}

/** Whether anybody may still ask for it. */
export function isHeld(entry: TensorData): boolean {
  return entry.refCount > 0 || entry.readers > 0;
}

/** Whether it may be read by more than the pass that computes it on the way. */
export function isWanted(entry: TensorData): boolean {
  return entry.refCount > 0 || entry.readers > 1;
}

/**
 * Whether no pass of another kind has to run before.
 *
 * @param known values that are ready, which those found on the way join
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

/** Whether a value is pending on one that nobody else holds. */
export function holdsAlone(entry: TensorData): boolean {
  return someDependency(entry, ({ pending, refCount }) => !pending && refCount <= 0);
}

/** An elementwise value and those that nobody can ask for but by it, through elementwise ops alone. */
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

/** Whether `test` holds for anything that a pending value is computed from; asks no further once it does. */
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

/** Calls `visit` with everything that a pending value is computed from. */
export function eachDependency(entry: TensorData, visit: (entry: TensorData) => void): void {
  someDependency(entry, (within) => {
    visit(within);
    return false;
  });
}
