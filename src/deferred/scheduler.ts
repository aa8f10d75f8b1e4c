/** Where the values of tensors are: on the host, in textures, or in expressions that it computes when somebody asks. */
import { newEntry, gpuDType, type Entry } from '../entry';
import { ContextLostError } from '../gl/context';
import type { Device, Texture, Values } from '../gl/device';
import { layoutOf } from '../layout';
import type { Layout } from '../plan';
import { sizeOf, type Shape } from '../shape';
import { isTooLong, isWorthKeeping, pendingOf, type ElementOp, type Operand, type Pending } from './expression';
import { flatten, type Flat } from './flatten';
import { mapPlan } from './map';

/** Values of at most this many elements stay on the host beside their texture: constants and metrics are read often. */
export const KEPT_ELEMENTS = 128;
/** Bytes of textures that nobody but pending expressions holds; beyond, those are computed. */
const HELD_BYTES = 64 * 2 ** 20;
/** Textures that every device binds to a pass. */
const MOST_LEAVES = 16;
/** Up to this many elements a pass costs more than what it computes, and takes others of its shape along. */
const SMALL = 1 << 16;

export class Scheduler {
  readonly #device: Device;
  readonly #deferring: boolean;
  /** Pending values that somebody refers to, by their layout. */
  readonly #live = new Map<string, Set<Entry>>();
  #heldBytes = 0;

  constructor(device: Device, deferring: boolean) {
    this.#device = device;
    this.#deferring = deferring;
  }

  /** The texels of a value's texture, now or once it has one. @throws TextureSizeError */
  layout({ texture, pending, shape, dtype }: Entry): Pick<Layout, 'width' | 'height'> {
    return texture ?? pending?.layout ?? layoutOf(shape, gpuDType(dtype), this.#device.limits);
  }

  /**
   * A value that `op` computes when it is needed.
   *
   * @throws TextureSizeError where it would fit no texture
   */
  defer(op: ElementOp, operands: readonly Operand[], shape: Shape): Entry {
    const layout = layoutOf(shape, op.dtype, this.#device.limits);
    let pending = pendingOf(op, operands, layout);
    for (let heaviest; isTooLong(pending) && (heaviest = heaviestOf(operands)); ) {
      this.texture(heaviest);
      pending = pendingOf(op, operands, layout);
    }
    const entry = newEntry(shape, op.dtype, { pending });
    for (const operand of operands) if ('entry' in operand) operand.entry.readers++;
    this.#liveLike(layout).add(entry);
    if (!this.#deferring) this.texture(entry);
    else if (this.#heldBytes > HELD_BYTES) this.settle();
    return entry;
  }

  /**
   * The elements of `op` for a pass of another kind, which has to run before anything else is computed.
   *
   * @param shape that the operands broadcast to
   */
  fuse(op: ElementOp, operands: readonly Operand[], shape: Shape): Flat {
    const root = pendingOf(op, operands, { shape, dtype: op.dtype, width: 0, height: 0 });
    const flat = this.#flatten(() => [root], shape, { indexed: false, apart: wasUsed });
    for (const pending of flat.inlined) pending.uses++;
    return flat;
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
    if (entry.pending) this.#compute(entry, run);
    else this.#upload(entry);
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
    this.#forget(entry);
    if (entry.readers === 0) this.#drop(entry);
    else this.#heldBytes += entry.texture?.bytes ?? 0;
  }

  /** Computes every value that keeps others from being freed. */
  settle(): void {
    for (const entries of this.#live.values()) for (const entry of entries) if (holdsAlone(entry)) this.texture(entry);
  }

  /** Computes every pending value. */
  computeAll(): void {
    for (const entries of this.#live.values()) for (const entry of entries) this.texture(entry);
  }

  #upload(entry: Entry): void {
    const size = sizeOf(entry.shape);
    const texture = this.#device.acquire(layoutOf(entry.shape, gpuDType(entry.dtype), this.#device.limits));
    if (size > 0) this.#device.upload(texture, entry.values as Values);
    this.#place(entry, texture);
    if (size > KEPT_ELEMENTS) entry.values = undefined;
  }

  #compute(root: Entry, run?: number): void {
    const { layout } = root.pending!;
    const { limits } = this.#device;
    const own = run === undefined ? layout : layoutOf(layout.shape, layout.dtype, limits, run);
    if (sizeOf(layout.shape) === 0) return this.#finish([root], [this.#device.acquire(own)]);
    let roots: readonly Entry[] = [root];
    const choose = (): readonly Pending[] => {
      roots = own.width === layout.width ? this.#together(root) : [root];
      return roots.map((r) => r.pending!);
    };
    const apart = (entry: Entry): boolean => wasUsed(entry) && !roots.includes(entry);
    let flat = this.#flatten(choose, layout.shape, { indexed: true, apart });
    if (flat.leaves.length > MOST_LEAVES) {
      roots = [root];
      flat = this.#flatten(() => [root.pending!], layout.shape, { indexed: true, apart });
    }
    this.#draw(roots, flat, own);
  }

  /** A flat form whose leaves all have textures. Computing one may compute others, so that another form is best then. */
  #flatten(
    roots: () => readonly Pending[],
    shape: Shape,
    options: { readonly indexed: boolean; readonly apart: (entry: Entry) => boolean },
  ): Flat {
    for (;;) {
      const flat = flatten(roots(), shape, options);
      const waiting = flat.leaves.filter(({ entry }) => !this.current(entry));
      if (waiting.length === 0) return flat;
      for (const { entry } of waiting) this.texture(entry);
    }
  }

  #draw(roots: readonly Entry[], flat: Flat, own: Layout): void {
    const textures = flat.leaves.map(({ entry }) => entry.texture!);
    const layouts = flat.leaves.map(({ entry, dtype }, i): Layout => {
      const { width, height } = textures[i]!;
      return { shape: entry.shape, dtype, width, height };
    });
    const outputs = roots.map((r) => ({ ...own, dtype: r.pending!.op.dtype }));
    const targets: Texture[] = [];
    try {
      for (const output of outputs) targets.push(this.#device.acquire(output));
      this.#device.run(mapPlan(flat, layouts, outputs), textures, targets);
    } catch (error) {
      targets.forEach((t) => this.#device.textures.release(t));
      throw error;
    }
    for (const pending of flat.inlined) pending.uses++;
    this.#finish(roots, targets);
  }

  #finish(roots: readonly Entry[], targets: readonly Texture[]): void {
    roots.forEach((entry, i) => {
      this.#forget(entry);
      this.#place(entry, targets[i]!);
      const { operands } = entry.pending!;
      entry.pending = undefined;
      this.#unread(operands);
    });
  }

  /** The values that the pass of `root` computes: also what it needs on the way and somebody will need again, and small ones of its shape. */
  #together(root: Entry): readonly Entry[] {
    const { maxTargets } = this.#device.limits;
    const { layout, op } = root.pending!;
    const roots = [root];
    const alike = ({ pending }: Entry): boolean =>
      pending !== undefined &&
      pending.op.dtype === op.dtype &&
      pending.layout.width === layout.width &&
      pending.layout.height === layout.height &&
      sizeOf(pending.layout.shape) === sizeOf(layout.shape);
    const consider = (entry: Entry): void => {
      if (roots.length >= maxTargets || roots.includes(entry) || !alike(entry)) return;
      if (isNeededAgain(entry)) roots.push(entry);
    };
    eachWithin(root, consider);
    if (sizeOf(layout.shape) <= SMALL) for (const entry of this.#liveLike(layout)) consider(entry);
    return roots;
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
    entry.texture = undefined;
    entry.pending = undefined;
    if (texture && entry.generation === this.#device.generation) this.#device.textures.release(texture);
    if (pending) this.#unread(pending.operands);
  }

  #liveLike({ width, height }: Layout): Set<Entry> {
    const key = `${width}x${height}`;
    let entries = this.#live.get(key);
    if (!entries) this.#live.set(key, (entries = new Set()));
    return entries;
  }

  #forget(entry: Entry): void {
    if (entry.pending) this.#liveLike(entry.pending.layout).delete(entry);
  }
}

/** The operand whose computation shortens an expression most. */
function heaviestOf(operands: readonly Operand[]): Entry | undefined {
  let heaviest: Entry | undefined;
  for (const operand of operands) {
    if (!('entry' in operand) || !operand.entry.pending) continue;
    if (!heaviest || operand.entry.pending.weight > heaviest.pending!.weight) ({ entry: heaviest } = operand);
  }
  return heaviest;
}

/** Whether a pass has computed it for itself before, and reading it would be cheaper than the next time. */
function wasUsed({ pending }: Entry): boolean {
  return pending !== undefined && pending.uses > 0 && isWorthKeeping(pending);
}

function isNeededAgain(entry: Entry): boolean {
  if (entry.refCount > 0 && holdsAlone(entry)) return true;
  return wasUsed(entry) && (entry.refCount > 0 || entry.readers > 1);
}

/** Whether a value is pending on one that nobody else holds. */
function holdsAlone(entry: Entry): boolean {
  let alone = false;
  eachWithin(entry, (operand) => {
    if (!operand.pending && operand.refCount <= 0) alone = true;
  });
  return alone;
}

/** Calls `visit` with everything that a pending value is computed from. */
function eachWithin(entry: Entry, visit: (entry: Entry) => void, seen = new Set<Entry>()): void {
  for (const operand of entry.pending?.operands ?? []) {
    if (!('entry' in operand) || seen.has(operand.entry)) continue;
    seen.add(operand.entry);
    visit(operand.entry);
    eachWithin(operand.entry, visit, seen);
  }
}
