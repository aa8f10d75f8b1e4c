/** Decides which pending values share a pass. */
import type { Layout } from '../plan/plan';
import { sizeOf, type Shape } from '../plan/shape';
import { isTooMuch } from './cost';
import { eachDependency, holdsAlone, isReady, isWanted, wasUsed } from './dependencies';
import { inlineExpressions, isInReach, type Inlined } from './inlining';
import type { PendingSet } from './pending_set';
import type { PendingMap, TensorData } from './tensor_data';

/** Textures that every device binds to a pass. */
const MOST_LEAVES = 16;
/** Up to this many elements a pass costs more than its arithmetic, so others of its shape share it. */
const SMALL = 1 << 16;

/** The values that one pass computes, and their expressions, whose leaves may be pending. */
export interface Pass {
  readonly roots: readonly TensorData[];
  readonly flat: Inlined;
}

/** What the values of a pass have in common. */
export interface PassForm {
  /** The elementwise expression of a value, or of what it reduces. */
  readonly load: (entry: TensorData) => PendingMap;
  readonly shape: Shape;
  readonly indexed: boolean;
}

/**
 * The pass that computes the first of `candidates`, and as many of the others as fit.
 *
 * @param computing values under way, which no pass can wait for
 */
export function sharedPass(
  candidates: readonly TensorData[],
  { load, shape, indexed }: PassForm,
  computing: ReadonlySet<TensorData>,
): Pass {
  const large = sizeOf(shape) > SMALL;
  for (let roots = candidates; ;) {
    const apart = (entry: TensorData): boolean => large && wasUsed(entry) && !roots.includes(entry);
    const flat = inlineExpressions(roots.map(load), shape, { indexed, apart });
    const isUnderWay = (entry: TensorData): boolean => roots.includes(entry) || computing.has(entry);
    if (roots.length === 1) return { roots, flat };
    if (flat.leaves.length > MOST_LEAVES || isTooMuch(flat.inlined))
      roots = roots.slice(0, Math.ceil(roots.length / 2));
    else if (flat.leaves.some(({ entry }) => entry.pending && isUnderWay(entry))) roots = roots.slice(0, 1);
    else return { roots, flat };
  }
}

/**
 * Elementwise values that the pass of `root` may compute beside it: for a small one, all of its layout that can be computed now;
 * for a large one, those of its dependencies that will be read again.
 *
 * @param settling whether a step ends, so that values which alone keep a texture alive are computed
 */
export function mapsBeside(root: TensorData, pendingSet: PendingSet, settling: boolean): readonly TensorData[] {
  const { layout, key } = root.pending!;
  const found: TensorData[] = [];
  if (isConstantMap(root)) return found;
  const ready = new Set<TensorData>();
  const small = sizeOf(layout.shape) <= SMALL;
  const isWorthIt = (entry: TensorData): boolean =>
    small ? isWanted(entry) && isReady(entry, ready) : isKept(entry, settling);
  const consider = (entry: TensorData): void => {
    if (!isConstantMap(entry) && fitsBeside(entry, layout) && isWorthIt(entry)) found.push(entry);
  };
  if (small) pendingSet.alike(key).forEach(consider);
  else eachDependency(root, consider);
  return found;
}

/** Whether the same pass can compute an elementwise value as one of layout `to`. */
function fitsBeside({ pending }: TensorData, to: Layout): boolean {
  if (pending?.kind !== 'map') return false;
  const { shape, dtype, width, height } = pending.layout;
  const alike = width === to.width && height === to.height && dtype === to.dtype && sizeOf(shape) === sizeOf(to.shape);
  return alike && isInReach(pending, to.shape);
}

/** Whether a dependency that a pass inlines is worth a target of its own. */
function isKept(entry: TensorData, settling: boolean): boolean {
  if (wasUsed(entry)) return isWanted(entry);
  return (entry.persistent || settling) && entry.refCount > 0 && holdsAlone(entry);
}

/** Reductions of a key that can be computed now. */
export function reductionsBeside(root: TensorData, pendingSet: PendingSet): readonly TensorData[] {
  const ready = new Set<TensorData>();
  return [...pendingSet.alike(root.pending!.key)].filter((entry) => isReady(entry, ready));
}

/** Whether an elementwise value has no operands. It shares no pass, because only first steps have such values. */
export const isConstantMap = ({ pending }: TensorData): boolean =>
  pending?.kind === 'map' && pending.operands.length === 0;
