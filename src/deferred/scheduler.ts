/** Where the values of tensors are: on the host, in textures, or in expressions that it computes when somebody asks. */
import {
  type ElementOp,
  type Entry,
  type Extent,
  type Operand,
  type Pending,
  type PendingFold,
  type PendingMap,
  type Reduction,
  type TensorOperand,
  gpuDType,
  newEntry,
} from '../entry';
import { ContextLostError } from '../gl/context';
import type { Device, Texture, Values } from '../gl/device';
import { layoutOf } from '../layout';
import type { Layout } from '../plan';
import { sizeOf, type Shape } from '../shape';
import { isTooLong, isTooLongToFold, isTooMuch, isWorthKeeping, pendingFold, pendingMap } from './expression';
import { flatten, isInReach, type Flat } from './flatten';
import { mapPlan } from './map';
import { runFolds } from './reduce';

/** Values of at most this many elements stay on the host beside their texture: constants and metrics are read often. */
export const KEPT_ELEMENTS = 128;
/** Bytes of textures that nobody but pending expressions holds; beyond, those are computed. */
const HELD_BYTES = 64 * 2 ** 20;
/** Textures that every device binds to a pass. */
const MOST_LEAVES = 16;
/** A value that is pending while this many others are made will outlive the step that made it. */
const LASTING = 128;
/** Up to this many elements a pass costs more than what it computes, and takes others of its shape along. */
const SMALL = 1 << 16;

export class Scheduler {
  readonly #device: Device;
  readonly #deferring: boolean;
  /** Pending values, by what they may share a pass with. */
  readonly #live = new Map<string, Set<Entry>>();
  /** What is being computed. */
  readonly #computing = new Set<Entry>();
  #heldBytes = 0;
  /** Values deferred so far. */
  #clock = 0;
  /** Whether what is computed now is what outlives a step. */
  #settling = false;

  constructor(device: Device, deferring: boolean) {
    this.#device = device;
    this.#deferring = deferring;
  }

  /** The texels of a value's texture, now or once it has one. @throws TextureSizeError */
  layout(entry: Entry): Pick<Layout, 'width' | 'height'> {
    const { texture, pending, shape, dtype } = entry;
    // Only the pass itself knows.
    if (pending?.kind === 'pass') return this.texture(entry);
    return texture ?? pending?.layout ?? layoutOf(shape, gpuDType(dtype), this.#device.limits);
  }

  /**
   * A value that `op` computes when it is needed.
   *
   * @throws TextureSizeError where it would fit no texture
   */
  defer(op: ElementOp, operands: readonly Operand[], shape: Shape): Entry {
    const layout = layoutOf(shape, op.dtype, this.#device.limits);
    const make = (): PendingMap => pendingMap(op, operands, layout);
    return this.#add(this.#shortened(operands, make, isTooLong));
  }

  /**
   * A value that a reduction of `inputs` computes when it is needed.
   *
   * @throws TextureSizeError where it would fit no texture
   */
  deferFold(reduction: Reduction, operands: readonly Operand[], extent: Extent): Entry {
    const layout = layoutOf(extent.out, reduction.load.dtype, this.#device.limits);
    const make = (): PendingFold => pendingFold(reduction, operands, extent, layout);
    return this.#add(this.#shortened(operands, make, ({ load }) => isTooLongToFold(load)));
  }

  /** A value that `run` computes from other values when it is needed. @throws TextureSizeError */
  deferPass(operands: readonly TensorOperand[], shape: Shape, run: () => Texture): Entry {
    const layout = layoutOf(shape, 'float32', this.#device.limits);
    return this.#add({ kind: 'pass', operands, layout, run, key: 'pass', born: 0 });
  }

  /**
   * The value's texture, computed or uploaded now if need be.
   *
   * @param run texels that rows should hold in whole, if the value is still to be computed
   * @throws ContextLostError, TextureSizeError, OutOfGpuMemoryError
   */
  texture(entry: Entry, run?: number): Texture {
    const current = this.current(entry);
    if (current) return current;
    this.#device.use(() => this.#make(entry, run));
    return entry.texture!;
  }

  /** The texture if there is one; undefined where the values are on the host or pending. @throws ContextLostError where they are nowhere any more */
  current(entry: Entry): Texture | undefined {
    if (entry.texture && entry.generation !== this.#device.generation) entry.texture = undefined;
    if (!entry.texture && !entry.values && !entry.pending)
      throw new ContextLostError(`Reading a tensor of shape [${entry.shape.join(', ')}]`);
    return entry.texture;
  }

  /** Gives up a value that has no reference any more, as soon as no pending expression reads it. */
  release(entry: Entry): void {
    if (entry.readers === 0) this.#drop(entry);
    else this.#heldBytes += entry.texture?.bytes ?? 0;
  }

  /** Computes every value that keeps others from being freed. */
  settle(): void {
    const held = [...this.#live.values()].flatMap((entries) =>
      [...entries].filter((entry) => entry.refCount > 0 && holdsAlone(entry)),
    );
    this.#settling = true;
    try {
      // Reductions first, so that all that is small can be computed together.
      for (const entry of held) eachWithin(entry, (within) => within.pending?.kind === 'fold' && this.texture(within));
      // The latest first: what others are computed from comes along with them.
      for (const entry of held.reverse()) this.texture(entry);
    } finally {
      this.#settling = false;
    }
  }

  /** Computes every pending value. */
  computeAll(): void {
    for (const entries of this.#live.values()) for (const entry of entries) if (entry.refCount > 0) this.texture(entry);
  }

  /** What `make` gives, with the heaviest of the operands computed as long as it is too long for one shader. */
  #shortened<P extends Pending>(operands: readonly Operand[], make: () => P, tooLong: (pending: P) => boolean): P {
    let pending = make();
    for (let heaviest; tooLong(pending) && (heaviest = heaviestOf(operands));) {
      this.texture(heaviest);
      pending = make();
    }
    return pending;
  }

  #add(pending: Pending): Entry {
    if (this.#device.lost) throw new ContextLostError('Making a tensor');
    const { layout, operands } = pending;
    pending.born = this.#clock++;
    const entry = newEntry(layout.shape, layout.dtype, { pending });
    for (const operand of operands) if ('entry' in operand) this.current(operand.entry);
    for (const operand of operands) if ('entry' in operand) operand.entry.readers++;
    this.#alike(pending).add(entry);
    if (!this.#deferring) this.texture(entry);
    else if (this.#heldBytes > HELD_BYTES) this.settle();
    return entry;
  }

  #make(entry: Entry, run?: number): void {
    const { pending } = entry;
    if (!pending) this.#upload(entry);
    else if (pending.kind === 'map') this.#computeMap(entry, pending, run);
    else if (pending.kind === 'fold') this.#computeFold(entry, pending);
    else this.#finish([entry], [pending.run()]);
  }

  #upload(entry: Entry): void {
    const size = sizeOf(entry.shape);
    const texture = this.#device.acquire(layoutOf(entry.shape, gpuDType(entry.dtype), this.#device.limits));
    if (size > 0) this.#device.upload(texture, entry.values as Values);
    this.#place(entry, texture);
    if (size > KEPT_ELEMENTS) entry.values = undefined;
  }

  #computeMap(root: Entry, { layout }: PendingMap, run?: number): void {
    const device = this.#device;
    const own = run === undefined ? layout : layoutOf(layout.shape, layout.dtype, device.limits, run);
    if (sizeOf(layout.shape) === 0) return this.#finish([root], [device.acquire(own)]);
    const pass = this.#prepare(root, {
      others: () => (own.width === layout.width ? this.#alikeMaps(root, layout) : []),
      load: ({ pending }) => pending as PendingMap,
      shape: layout.shape,
      indexed: true,
    });
    if (!pass) return;
    const { roots, flat } = pass;
    const layouts = flat.leaves.map(({ entry, dtype }): Layout => {
      const { width, height } = entry.texture!;
      return { shape: entry.shape, dtype, width, height };
    });
    const outputs = roots.map(() => own);
    this.#finish(roots, device.runInto(mapPlan(flat, layouts, outputs), texturesOf(flat)));
  }

  #computeFold(root: Entry, fold: PendingFold): void {
    const pass = this.#prepare(root, {
      others: () => [...this.#alike(fold)].filter(isReady),
      load: ({ pending }) => (pending as PendingFold).load,
      shape: fold.extent.shape,
      indexed: false,
    });
    if (!pass) return;
    const { roots, flat } = pass;
    const members = roots.map(({ pending }) => pending as PendingFold);
    this.#finish(roots, runFolds(this.#device, members, flat, texturesOf(flat)));
  }

  /**
   * The values that one pass computes, and its expressions, whose leaves all have textures. Nothing where `root` has been
   * computed on the way: what a pass needs may need others, which take along what is alike.
   */
  #prepare(root: Entry, { others, load, shape, indexed }: PassOptions): Pass | undefined {
    const large = sizeOf(shape) > SMALL;
    let most = this.#computing.has(root) ? 1 : this.#device.limits.maxTargets;
    this.#computing.add(root);
    try {
      while (root.pending) {
        const roots = [...new Set([root, ...(most > 1 ? others() : [])])].slice(0, most);
        const apart = (entry: Entry): boolean => large && wasUsed(entry) && !roots.includes(entry);
        const flat = flatten(roots.map(load), shape, { indexed, apart });
        const waiting = flat.leaves.filter(({ entry }) => !this.current(entry)).map(({ entry }) => entry);
        if (roots.length > 1 && (flat.leaves.length > MOST_LEAVES || isTooMuch(flat.inlined)))
          most = Math.ceil(roots.length / 2);
        else if (roots.length > 1 && waiting.some((entry) => roots.includes(entry) || this.#computing.has(entry)))
          most = 1;
        else if (waiting.length > 0) {
          // Computing one may compute what read another, which is gone then.
          for (const entry of waiting) if (isHeld(entry)) this.texture(entry);
        } else {
          for (const pending of flat.inlined) pending.uses++;
          return { roots, flat };
        }
      }
      return undefined;
    } finally {
      this.#computing.delete(root);
    }
  }

  /**
   * What the pass of `root` computes beside it: small values of its shape that can be computed now, and of large ones what
   * it needs on the way and somebody will need again.
   */
  #alikeMaps(root: Entry, { shape, dtype, width, height }: Layout): readonly Entry[] {
    const small = sizeOf(shape) <= SMALL;
    const found: Entry[] = [];
    const consider = (entry: Entry): void => {
      const { pending } = entry;
      if (pending?.kind !== 'map' || !(small ? isWanted(entry) && isReady(entry) : this.#isKept(entry))) return;
      const { layout } = pending;
      const alike = layout.width === width && layout.height === height && layout.dtype === dtype;
      if (alike && sizeOf(layout.shape) === sizeOf(shape) && isInReach(pending, shape)) found.push(entry);
    };
    if (small) this.#alike(root.pending!).forEach(consider);
    else eachWithin(root, consider);
    return found;
  }

  /** Whether a value on the way of a pass is worth a target of its own. */
  #isKept(entry: Entry): boolean {
    if (wasUsed(entry)) return isWanted(entry);
    const old = this.#clock - entry.pending!.born > LASTING || this.#settling;
    return old && entry.refCount > 0 && holdsAlone(entry);
  }

  #finish(roots: readonly Entry[], targets: readonly Texture[]): void {
    const operands = roots.flatMap((entry) => entry.pending!.operands);
    roots.forEach((entry, i) => {
      this.#forget(entry);
      entry.pending = undefined;
      this.#place(entry, targets[i]!);
    });
    this.#unread(operands);
  }

  #place(entry: Entry, texture: Texture): void {
    entry.texture = texture;
    entry.generation = this.#device.generation;
    if (entry.refCount <= 0) this.#heldBytes += texture.bytes;
  }

  #unread(operands: readonly Operand[]): void {
    for (const operand of operands) {
      if (!('entry' in operand)) continue;
      const { entry } = operand;
      if (--entry.readers > 0 || entry.refCount > 0) continue;
      this.#heldBytes -= entry.texture?.bytes ?? 0;
      this.#drop(entry);
    }
  }

  #drop(entry: Entry): void {
    const { texture, pending } = entry;
    this.#forget(entry);
    entry.texture = undefined;
    entry.pending = undefined;
    if (texture && entry.generation === this.#device.generation) this.#device.textures.release(texture);
    if (pending) this.#unread(pending.operands);
  }

  /** The pending values that may be computed in one pass with this. */
  #alike(pending: Pending): Set<Entry> {
    let entries = this.#live.get(pending.key);
    if (!entries) this.#live.set(pending.key, (entries = new Set()));
    return entries;
  }

  #forget(entry: Entry): void {
    if (!entry.pending) return;
    const { key } = entry.pending;
    const alike = this.#live.get(key);
    alike?.delete(entry);
    if (alike?.size === 0) this.#live.delete(key);
  }
}

/** What one pass computes. */
interface Pass {
  readonly roots: readonly Entry[];
  readonly flat: Flat;
}

interface PassOptions {
  /** What could be computed in the same pass now. */
  readonly others: () => readonly Entry[];
  /** The elements of a value that is computed. */
  readonly load: (entry: Entry) => PendingMap;
  readonly shape: Shape;
  readonly indexed: boolean;
}

const texturesOf = (flat: Flat): readonly Texture[] => flat.leaves.map(({ entry }) => entry.texture!);

/** The operand whose computation shortens an expression most. */
function heaviestOf(operands: readonly Operand[]): Entry | undefined {
  let most = 0;
  let heaviest: Entry | undefined;
  for (const operand of operands) {
    if (!('entry' in operand)) continue;
    const { pending } = operand.entry;
    if (pending?.kind !== 'map' || pending.weight <= most) continue;
    most = pending.weight;
    heaviest = operand.entry;
  }
  return heaviest;
}

/** Whether a pass has computed it for itself before, and reading it would be cheaper than the next time. */
function wasUsed({ pending }: Entry): boolean {
  return pending?.kind === 'map' && pending.uses > 0 && isWorthKeeping(pending);
}

const isHeld = (entry: Entry): boolean => entry.refCount > 0 || entry.readers > 0;

/** Whether it may be read by more than the pass that computes it on the way. */
const isWanted = (entry: Entry): boolean => entry.refCount > 0 || entry.readers > 1;

/** Whether no pass of another kind has to run before. */
function isReady(entry: Entry): boolean {
  return !someWithin(entry, ({ pending }) => pending !== undefined && pending.kind !== 'map');
}

/** Whether a value is pending on one that nobody else holds. */
function holdsAlone(entry: Entry): boolean {
  return someWithin(entry, ({ pending, refCount }) => !pending && refCount <= 0);
}

/** Whether `test` holds for anything that a pending value is computed from; asks no further once it does. */
function someWithin(entry: Entry, test: (entry: Entry) => boolean, seen = new Set<Entry>()): boolean {
  for (const operand of entry.pending?.operands ?? []) {
    if (!('entry' in operand) || seen.has(operand.entry)) continue;
    seen.add(operand.entry);
    if (test(operand.entry) || someWithin(operand.entry, test, seen)) return true;
  }
  return false;
}

/** Calls `visit` with everything that a pending value is computed from. */
function eachWithin(entry: Entry, visit: (entry: Entry) => void): void {
  someWithin(entry, (within) => {
    visit(within);
    return false;
  });
}
