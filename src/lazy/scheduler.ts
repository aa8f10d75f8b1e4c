/** Decides when pending values are computed, and which of them share a pass; uploads host values on first use. */
import {
  type ElementOp,
  type TensorData,
  type Extent,
  type Operand,
  type Pending,
  type PendingReduction,
  type PendingMap,
  type PendingPass,
  type Reduction,
  type TensorOperand,
  gpuDType,
} from './tensor_data';
import { ContextLostError } from '../gl/context';
import type { Device, Texture } from '../gl/device';
import type { Values } from '../plan/host_values';
import { layoutOf } from '../plan/layout';
import type { Layout } from '../plan/plan';
import { sizeOf, type Shape } from '../plan/shape';
import { isTooLong, isTooLongToCopy, isTooMuch, pendingReduction, pendingMap } from './cost';
import { entriesOf, FACTORED, productOf, type ProductTerm, type Term } from './factor_out';
import { inlineExpressions, isInReach, type Inlined } from './inlining';
import { consumerOf, fusionOf } from './epilogue_fusion';
import { mapPlan } from './map';
import { momentsOf, runMoments, type Moments } from './moments';
import { runReductions } from './reduce_passes';
import { PendingSet } from './pending_set';
import {
  eachDependency,
  heaviestOf,
  holdsAlone,
  isHeld,
  isReady,
  isWanted,
  someDependency,
  wasUsed,
} from './dependencies';

/** Values of at most this many elements stay on the host beside their texture: constants and metrics are read often. */
export const KEPT_ELEMENTS = 128;
/** Passes of other kinds share nothing. */
const PASS = 'pass';
/** Pending expressions are computed once they alone keep more bytes of textures alive. */
const HELD_BYTES = 64 * 2 ** 20;
/** They may keep this share of all bytes in use, so that steps of larger batches need no more passes. */
const HELD_SHARE = 1 / 3;
/** Textures that every device binds to a pass. */
const MOST_LEAVES = 16;
/** Up to this many elements a pass costs more than its arithmetic, so others of its shape share it. */
const SMALL = 1 << 16;

export class Scheduler {
  readonly #device: Device;
  readonly #deferring: boolean;
  readonly #waiting: PendingSet;
  /** Values being computed. */
  readonly #computing = new Set<TensorData>();
  /** Whether each pass computes one value only, because a pass of several has failed. */
  #alone = false;
  /** Whether `settle` is computing what outlives a step. */
  #settling = false;

  constructor(device: Device, deferring: boolean) {
    this.#device = device;
    this.#deferring = deferring;
    this.#waiting = new PendingSet(device);
    device.onLost = () => this.#waiting.lose();
  }

  /** The size of a value's texture, which it has or will have. @throws TextureSizeError */
  layout(entry: TensorData): Pick<Layout, 'width' | 'height'> {
    const { texture, pending, shape, dtype } = entry;
    // Only the pass itself knows, which may compute more than its own result.
    if (pending?.kind === 'pass' || this.#isWithPass(entry)) return this.texture(entry);
    return texture ?? pending?.layout ?? layoutOf(shape, gpuDType(dtype), this.#device.limits);
  }

  /**
   * A value that `op` computes when it is needed.
   *
   * @throws TextureSizeError where it would fit no texture
   */
  defer(op: ElementOp, operands: readonly Operand[], shape: Shape): TensorData {
    const layout = layoutOf(shape, op.dtype, this.#device.limits);
    const make = (): PendingMap => pendingMap(op, operands, layout);
    return this.#add(this.#shortened(operands, make, isTooLong));
  }

  /**
   * A value that a reduction of `inputs` computes when it is needed.
   *
   * @throws TextureSizeError where it would fit no texture
   */
  deferReduction(reduction: Reduction, operands: readonly Operand[], extent: Extent): TensorData {
    const product = productOf(reduction, operands, extent);
    if (product) return this.#deferProduct(product, reduction, extent);
    const layout = layoutOf(extent.out, reduction.load.dtype, this.#device.limits);
    const make = (): PendingReduction => pendingReduction(reduction, operands, extent, layout);
    return this.#add(this.#shortened(operands, make, ({ load }) => isTooLongToCopy(load)));
  }

  /** Defers the sum of a product as a product with a sum. */
  #deferProduct({ factor, summand }: ProductTerm, reduction: Reduction, extent: Extent): TensorData {
    const { out } = extent;
    const made: TensorData[] = [];
    const own = (name: string, entry: TensorData): Operand => {
      made.push(entry);
      return { name, entry, shape: out, persistent: false };
    };
    const computed = (term: Term): Operand =>
      'op' in term ? own(term.name, this.defer(term.op, term.terms.map(computed), out)) : term;
    // Each call may compute values, after which values that only those read are dropped.
    return this.lending([summand.entry, ...entriesOf(factor)], () => {
      try {
        const sum = own('sum', this.deferReduction(reduction, [summand], extent));
        return this.defer(FACTORED, [sum, computed(factor)], out);
      } finally {
        for (const entry of made) this.#waiting.giveBack(entry);
      }
    });
  }

  /** A value that a pass of another kind computes from other values when it is needed. @throws TextureSizeError */
  deferPass(operands: readonly TensorOperand[], shape: Shape, pass: Pick<PendingPass, 'run' | 'fuses'>): TensorData {
    const layout = layoutOf(shape, 'float32', this.#device.limits);
    return this.#add({ kind: 'pass', operands, layout, ...pass, key: PASS });
  }

  /**
   * The value's texture, computed or uploaded now if need be.
   *
   * @param run texels that rows should hold in whole, if the value is still to be computed
   * @throws ContextLostError, TextureSizeError, OutOfGpuMemoryError, ShaderError; it may be asked for again
   */
  texture(entry: TensorData, run?: number): Texture {
    const current = this.current(entry);
    if (current) return current;
    try {
      this.#device.use(() => this.#make(entry, run));
    } catch (error) {
      entry.failed = !(error instanceof ContextLostError);
      throw error;
    }
    return entry.texture!;
  }

  /** Computes a value ahead of its readers. A failure is reported to those. */
  #attempt(entry: TensorData): void {
    if (entry.failed || this.#device.lost) return;
    try {
      this.texture(entry);
    } catch {
      // Told to its readers.
    }
  }

  /** The texture if there is one; undefined where the values are on the host or pending. @throws ContextLostError where they are nowhere any more */
  current(entry: TensorData): Texture | undefined {
    if (entry.texture && entry.generation !== this.#device.generation) entry.texture = undefined;
    if (!entry.texture && !entry.values && !entry.pending)
      throw new ContextLostError(`Reading a tensor of shape [${entry.shape.join(', ')}]`);
    return entry.texture;
  }

  /** Drops a value without references, as soon as no pending expression reads it. */
  release(entry: TensorData): void {
    this.#waiting.release(entry);
  }

  /** Calls `work` while holding a reference to each value, which may have none left. */
  lending<T>(entries: readonly TensorData[], work: () => T): T {
    for (const entry of entries) this.#waiting.lend(entry);
    try {
      return work();
    } finally {
      for (const entry of entries) this.#waiting.giveBack(entry);
    }
  }

  /** Computes every referenced value that alone keeps textures alive. Ends a training step. */
  settle(): void {
    const held = this.#waiting.all().filter((entry) => entry.refCount > 0 && !entry.failed && holdsAlone(entry));
    this.#settling = true;
    try {
      // Reductions first, so that all that is small can be computed together.
      for (const entry of held)
        eachDependency(entry, (within) => {
          if (within.pending?.kind === 'reduce') this.#attempt(within);
        });
      // The latest first: what others are computed from comes along with them.
      for (const entry of held.reverse()) this.#attempt(entry);
    } finally {
      this.#settling = false;
    }
  }

  /** Computes a value without operands, such as an optimizer's zeros, so that a first step reads it from a texture as later steps do. */
  computeConstant(entry: TensorData): void {
    if (isConstantMap(entry)) this.#attempt(entry);
  }

  /** Computes every pending value that can be computed. */
  computeAll(): void {
    for (const entry of this.#waiting.all()) if (entry.refCount > 0) this.#attempt(entry);
  }

  /** The result of `make`. While it is too long for one shader, computes its heaviest operand and makes it again. */
  #shortened<P extends Pending>(operands: readonly Operand[], make: () => P, tooLong: (pending: P) => boolean): P {
    let pending = make();
    for (let heaviest; tooLong(pending) && (heaviest = heaviestOf(operands));) {
      this.#attempt(heaviest);
      if (heaviest.pending) break; // It cannot be computed, nor can what is computed from it.
      pending = make();
    }
    return pending;
  }

  #add(pending: Pending): TensorData {
    this.#device.expectContext('Making a tensor');
    for (const operand of pending.operands) if ('entry' in operand) this.current(operand.entry);
    const entry = this.#waiting.add(pending);
    if (!this.#deferring) this.#computeAtOnce(entry);
    else if (this.#waiting.heldBytes > Math.max(HELD_BYTES, HELD_SHARE * this.#device.textures.bytesInUse))
      this.settle();
    return entry;
  }

  #computeAtOnce(entry: TensorData): void {
    try {
      this.texture(entry);
    } catch (error) {
      this.#waiting.giveBack(entry);
      throw error;
    }
  }

  /** Whether any pending value is a pass, neither elementwise nor a reduction. */
  get #hasPass(): boolean {
    return this.#waiting.alike(PASS).size > 0;
  }

  /** Whether such a pass is among the dependencies; it may compute this value as its epilogue. */
  #isWithPass(entry: TensorData): boolean {
    return this.#hasPass && someDependency(entry, ({ pending }) => pending?.kind === 'pass');
  }

  #make(entry: TensorData, run?: number): void {
    if (!entry.pending) return this.#upload(entry);
    try {
      this.#compute(entry, run);
    } catch (error) {
      // What failed may be what the pass took along.
      if (this.#device.lost || !entry.pending || this.#alone) throw error;
      this.#alone = true;
      try {
        this.#compute(entry, run);
      } finally {
        this.#alone = false;
      }
    }
  }

  #compute(entry: TensorData, run?: number): void {
    const { pending } = entry;
    if (pending?.kind === 'map') this.#computeMap(entry, pending, run);
    else if (pending?.kind === 'reduce') this.#computeFold(entry, pending);
    else if (pending) this.#waiting.finish([entry], [pending.run()]);
  }

  #upload(entry: TensorData): void {
    const size = sizeOf(entry.shape);
    const texture = this.#device.acquire(layoutOf(entry.shape, gpuDType(entry.dtype), this.#device.limits));
    try {
      if (size > 0) this.#device.upload(texture, entry.values as Values);
    } catch (error) {
      this.#device.textures.release(texture);
      throw error;
    }
    this.#waiting.place(entry, texture);
    if (size > KEPT_ELEMENTS) entry.values = undefined;
  }

  #computeMap(root: TensorData, { layout }: PendingMap, run?: number): void {
    const device = this.#device;
    const own = run === undefined ? layout : layoutOf(layout.shape, layout.dtype, device.limits, run);
    if (sizeOf(layout.shape) === 0) return this.#waiting.finish([root], [device.acquire(own)]);
    const pass = this.#prepare(root, {
      others: () => (own.width === layout.width ? this.#alikeMaps(root, layout) : []),
      load: ({ pending }) => pending as PendingMap,
      shape: layout.shape,
      indexed: true,
    });
    if (!pass) return;
    const { roots, flat } = pass;
    const layouts = flat.leaves.map(({ entry }) => ({ shape: entry.shape, width: entry.texture!.width }));
    this.#waiting.finish(roots, device.runInto(mapPlan(flat, layouts, own), texturesOf(flat)));
  }

  /** Tries to compute an elementwise value as the epilogue of a pass, and returns whether it is computed. */
  #fused(root: TensorData): boolean {
    for (let fusion; this.#hasPass && (fusion = fusionOf(root));) {
      const { pending, epilogue } = fusion;
      const waiting = epilogue.inputs.filter((entry) => !this.current(entry));
      if (waiting.length === 0) this.#waiting.finish([root], [pending.run(epilogue)]);
      // As in other passes.
      for (const entry of waiting) if (isHeld(entry)) this.texture(entry);
    }
    return !root.pending;
  }

  #computeFold(root: TensorData, fold: PendingReduction): void {
    const moments = this.#alone ? undefined : momentsOf(root, this.#waiting.alike(fold.key));
    if (moments) this.#computeMoments(moments);
    if (!root.pending) return;
    const pass = this.#prepare(root, {
      others: () => {
        const ready = new Set<TensorData>();
        return [...this.#waiting.alike(fold.key)].filter((entry) => isReady(entry, ready));
      },
      load: ({ pending }) => (pending as PendingReduction).load,
      shape: fold.extent.shape,
      indexed: false,
    });
    if (!pass) return;
    const { roots, flat } = pass;
    const members = roots.map(({ pending }) => pending as PendingReduction);
    this.#waiting.finish(roots, runReductions(this.#device, members, flat, texturesOf(flat)));
  }

  /** Computes mean and variance, or the mean alone if no pass can compute both. */
  #computeMoments({ mean, variance }: Moments): void {
    const fold = mean.pending as PendingReduction;
    const pass = this.#prepare(mean, {
      others: () => [],
      load: ({ pending }) => (pending as PendingReduction).load,
      shape: fold.extent.shape,
      indexed: false,
    });
    if (!pass) return;
    const leaves = texturesOf(pass.flat);
    const both = variance.pending && runMoments(this.#device, fold, pass.flat, leaves);
    if (both) this.#waiting.finish([mean, variance], both);
    else this.#waiting.finish([mean], runReductions(this.#device, [fold], pass.flat, leaves));
  }

  /**
   * The values that one pass computes, and its expressions, whose leaves all have textures. Undefined if `root` was computed
   * meanwhile: computing a leaf may compute other values in the same pass.
   */
  #prepare(root: TensorData, { others, load, shape, indexed }: PassOptions): Pass | undefined {
    const large = sizeOf(shape) > SMALL;
    let most = this.#alone || this.#computing.has(root) ? 1 : this.#device.limits.maxTargets;
    this.#computing.add(root);
    try {
      while (root.pending && !this.#fused(root)) {
        const taken = most > 1 ? others().filter(({ failed }) => !failed) : [];
        const roots = [...new Set([root, ...taken])].slice(0, most);
        const apart = (entry: TensorData): boolean => large && wasUsed(entry) && !roots.includes(entry);
        const flat = inlineExpressions(roots.map(load), shape, { indexed, apart });
        const waiting = flat.leaves.filter(({ entry }) => !this.current(entry)).map(({ entry }) => entry);
        if (roots.length > 1 && (flat.leaves.length > MOST_LEAVES || isTooMuch(flat.inlined)))
          most = Math.ceil(roots.length / 2);
        else if (roots.length > 1 && waiting.some((entry) => roots.includes(entry) || this.#computing.has(entry)))
          most = 1;
        else if (waiting.length > 0) {
          this.#computeFor(roots, waiting);
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

  /** Computes the leaves that a pass still needs, each with the longest epilogue that its own pass can have. */
  #computeFor(roots: readonly TensorData[], waiting: readonly TensorData[]): void {
    for (const entry of waiting) {
      // Computing one may compute what read another, which is gone then.
      if (!isHeld(entry)) continue;
      const consumer = this.#hasPass ? consumerOf(entry, roots) : entry;
      this.texture(consumer);
      // What is left may fit into the next.
      if (consumer !== entry) return;
    }
  }

  /**
   * What the pass of `root` computes beside it: for small values, all of its shape that are ready; for large ones, the
   * dependencies that will be read again.
   */
  #alikeMaps(root: TensorData, { shape, dtype, width, height }: Layout): readonly TensorData[] {
    const small = sizeOf(shape) <= SMALL;
    const found: TensorData[] = [];
    if (isConstantMap(root)) return found;
    const ready = new Set<TensorData>();
    const consider = (entry: TensorData): void => {
      const { pending } = entry;
      if (
        pending?.kind !== 'map' ||
        isConstantMap(entry) ||
        !(small ? isWanted(entry) && isReady(entry, ready) : this.#isKept(entry))
      )
        return;
      const { layout } = pending;
      const alike = layout.width === width && layout.height === height && layout.dtype === dtype;
      if (alike && sizeOf(layout.shape) === sizeOf(shape) && isInReach(pending, shape)) found.push(entry);
    };
    if (small) this.#waiting.alike(root.pending!.key).forEach(consider);
    else eachDependency(root, consider);
    return found;
  }

  /** Whether a dependency that a pass inlines is worth a target of its own. */
  #isKept(entry: TensorData): boolean {
    if (wasUsed(entry)) return isWanted(entry);
    return (entry.persistent || this.#settling) && entry.refCount > 0 && holdsAlone(entry);
  }
}

/** What one pass computes. */
interface Pass {
  readonly roots: readonly TensorData[];
  readonly flat: Inlined;
}

interface PassOptions {
  /** Other values that the same pass could compute now. */
  readonly others: () => readonly TensorData[];
  /** The elementwise expression of a value, or of what it reduces. */
  readonly load: (entry: TensorData) => PendingMap;
  readonly shape: Shape;
  readonly indexed: boolean;
}

/** Whether an elementwise value has no operands. It shares no pass, because only first steps have such values. */
const isConstantMap = ({ pending }: TensorData): boolean => pending?.kind === 'map' && pending.operands.length === 0;

const texturesOf = (flat: Inlined): readonly Texture[] => flat.leaves.map(({ entry }) => entry.texture!);
