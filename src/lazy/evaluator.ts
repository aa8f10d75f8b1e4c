/** Computes pending values, and uploads host values on first use. */
import { ContextLostError } from '../gl/context';
import type { Device, Texture } from '../gl/device';
import type { Values } from '../plan/host_values';
import type { Epilogue } from '../glsl/epilogue';
import { layoutOf } from '../plan/layout';
import { sizeOf } from '../plan/shape';
import type { TraceReason } from '../plan/trace';
import { isHeld } from './dependencies';
import { consumerOf, fusionOf, whyNotFused } from './epilogue_fusion';
import type { Inlined, Leaf } from './inlining';
import { mapPlan } from './map';
import { momentsOf, runMoments, type Moments } from './moments';
import { mapsBeside, reductionsBeside, sharedPass, type Pass, type PassForm } from './pass_sharing';
import type { PendingSet } from './pending_set';
import { runReductions } from './reduce_passes';
import {
  gpuDType,
  type Pending,
  type PendingMap,
  type PendingPass,
  type PendingReduction,
  type TensorData,
} from './tensor_data';

/** Values of at most this many elements stay on the host beside their texture: constants and metrics are read often. */
export const KEPT_ELEMENTS = 128;

export class Evaluator {
  readonly #device: Device;
  readonly #pendingSet: PendingSet;
  /** Values being computed. */
  readonly #computing = new Set<TensorData>();
  /** Whether each pass computes one value only, because a pass of several has failed. */
  #alone = false;
  /** Whether what outlives a step is being computed. */
  settling = false;

  constructor(device: Device, pendingSet: PendingSet) {
    this.#device = device;
    this.#pendingSet = pendingSet;
  }

  /**
   * The value's texture, computed or uploaded now if need be.
   *
   * @param run texels that rows should hold in whole, if the value is still to be computed
   * @param why for a trace
   * @throws ContextLostError, TextureSizeError, OutOfGpuMemoryError, ShaderError; it may be asked for again
   */
  texture(entry: TensorData, run?: number, why: TraceReason = 'kernel'): Texture {
    const current = this.current(entry);
    if (current) return current;
    if (entry.pending) this.#device.tracer?.because(entry.pending, why);
    try {
      this.#device.use(() => (entry.pending ? this.#compute(entry, run) : this.#upload(entry)));
    } catch (error) {
      entry.failed = !(error instanceof ContextLostError);
      throw error;
    }
    return entry.texture!;
  }

  /** The texture if there is one; undefined where the values are on the host or pending. @throws ContextLostError where they are nowhere any more */
  current(entry: TensorData): Texture | undefined {
    if (entry.texture && entry.generation !== this.#device.generation) entry.texture = undefined;
    if (!entry.texture && !entry.values && !entry.pending)
      throw new ContextLostError(`Reading a tensor of shape [${entry.shape.join(', ')}]`);
    return entry.texture;
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
    this.#pendingSet.place(entry, texture);
    if (size > KEPT_ELEMENTS) entry.values = undefined;
  }

  #compute(entry: TensorData, run?: number): void {
    try {
      this.#computeShared(entry, run);
    } catch (error) {
      // What failed may be what the pass took along.
      if (this.#device.lost || !entry.pending || this.#alone) throw error;
      this.#alone = true;
      try {
        this.#computeShared(entry, run);
      } finally {
        this.#alone = false;
      }
    }
  }

  #computeShared(entry: TensorData, run?: number): void {
    const { pending } = entry;
    if (pending?.kind === 'map') this.#computeMap(entry, pending, run);
    else if (pending?.kind === 'reduce') this.#computeReduction(entry, pending);
    else if (pending) this.#pendingSet.finish([entry], [this.#runPass(pending, pending, [])]);
  }

  #computeMap(root: TensorData, { layout }: PendingMap, run?: number): void {
    const device = this.#device;
    const { shape, dtype, width } = layout;
    const own = run === undefined ? layout : layoutOf(shape, dtype, device.limits, run);
    if (sizeOf(shape) === 0) return this.#pendingSet.finish([root], [device.acquire(own)]);
    const others = () => (own.width === width ? mapsBeside(root, this.#pendingSet, this.settling) : []);
    const form = { load: ({ pending }: TensorData) => pending as PendingMap, shape, indexed: true };
    const pass = this.#prepare(root, form, others);
    if (!pass) return;
    const { roots, flat } = pass;
    const layouts = flat.leaves.map(({ entry }) => ({ shape: entry.shape, width: entry.texture!.width }));
    const first = device.tracer?.count;
    const targets = device.runInto(mapPlan(flat, layouts, own), texturesOf(flat));
    device.tracer?.explain(first!, roots.map(pendingOf), flat.inlined);
    this.#pendingSet.finish(roots, targets);
  }

  #computeReduction(root: TensorData, { key, extent: { shape } }: PendingReduction): void {
    const moments = this.#alone ? undefined : momentsOf(root, this.#pendingSet.alike(key));
    if (moments) this.#computeMoments(moments);
    if (!root.pending) return;
    const pass = this.#prepare(root, reductionForm(shape), () => reductionsBeside(root, this.#pendingSet));
    if (!pass) return;
    const { roots, flat } = pass;
    const members = roots.map(({ pending }) => pending as PendingReduction);
    const first = this.#device.tracer?.count;
    const targets = runReductions(this.#device, members, flat, texturesOf(flat));
    this.#device.tracer?.explain(first!, members, flat.inlined);
    this.#pendingSet.finish(roots, targets);
  }

  /** Computes mean and variance, or the mean alone if no pass can compute both. */
  #computeMoments({ mean, variance }: Moments): void {
    const pending = mean.pending as PendingReduction;
    const pass = this.#prepare(mean, reductionForm(pending.extent.shape), () => []);
    if (!pass) return;
    const leaves = texturesOf(pass.flat);
    const first = this.#device.tracer?.count;
    const both = variance.pending && runMoments(this.#device, pending, pass.flat, leaves);
    const targets = both ?? runReductions(this.#device, [pending], pass.flat, leaves);
    const roots = both ? [mean, variance] : [mean];
    this.#device.tracer?.explain(first!, roots.map(pendingOf), pass.flat.inlined);
    this.#pendingSet.finish(roots, targets);
  }

  /**
   * The pass that computes `root`, once all that it reads has a texture. Undefined if `root` was computed meanwhile: computing what
   * it reads may compute other values in the same pass.
   *
   * @param others values that the same pass could compute now
   */
  #prepare(root: TensorData, form: PassForm, others: () => readonly TensorData[]): Pass | undefined {
    const most = this.#alone || this.#computing.has(root) ? 1 : this.#device.limits.maxTargets;
    this.#computing.add(root);
    try {
      while (root.pending && !this.#fused(root)) {
        const beside = most > 1 ? others().filter(({ failed }) => !failed) : [];
        const pass = sharedPass([...new Set([root, ...beside])].slice(0, most), form, this.#computing);
        const { leaves, inlined } = pass.flat;
        const missing = leaves.filter(({ entry }) => !this.current(entry));
        if (missing.length > 0) {
          this.#computeFor(pass.roots, missing);
        } else {
          for (const pending of inlined) pending.uses++;
          return pass;
        }
      }
      return undefined;
    } finally {
      this.#computing.delete(root);
    }
  }

  /** Tries to compute an elementwise value as the epilogue of a pass, and returns whether it is computed. */
  #fused(root: TensorData): boolean {
    for (let fusion; this.#pendingSet.hasPass && (fusion = fusionOf(root));) {
      const { pending, epilogue, inlined } = fusion;
      const missing = epilogue.inputs.filter((entry) => !this.current(entry));
      if (missing.length === 0)
        this.#pendingSet.finish([root], [this.#runPass(pending, root.pending!, inlined, epilogue)]);
      // As in other passes.
      for (const entry of missing) if (isHeld(entry)) this.texture(entry, undefined, 'operand');
    }
    return !root.pending;
  }

  /**
   * Draws a pass of another kind.
   *
   * @param value what it computes: itself, or with an epilogue the last of `inlined`
   */
  #runPass(
    pass: PendingPass,
    value: Pending,
    inlined: readonly PendingMap[],
    epilogue?: Epilogue<TensorData>,
  ): Texture {
    const { tracer } = this.#device;
    if (!tracer) return pass.run(epilogue);
    const first = tracer.count;
    const target = tracer.resume(pass, () => pass.run(epilogue));
    tracer.explainPass(first, pass, value, inlined);
    return target;
  }

  /** Computes the leaves that a pass still needs, each with the longest epilogue that its own pass can have. */
  #computeFor(roots: readonly TensorData[], missing: readonly Leaf[]): void {
    for (const { entry, why } of missing) {
      // Computing one may compute what read another, which is gone then.
      if (!isHeld(entry)) continue;
      const consumer = this.#pendingSet.hasPass ? consumerOf(entry, roots) : entry;
      // What is left may fit into the next.
      if (consumer !== entry) return void this.texture(consumer, undefined, 'epilogue');
      this.texture(entry, undefined, why === 'unfit' ? whyNotFused(entry) : why);
    }
  }
}

/** The form of passes that reduce elements of a shape. */
function reductionForm(shape: PassForm['shape']): PassForm {
  return { load: ({ pending }) => (pending as PendingReduction).load, shape, indexed: false };
}

const pendingOf = ({ pending }: TensorData): Pending => pending!;

const texturesOf = (flat: Inlined): readonly Texture[] => flat.leaves.map(({ entry }) => entry.texture!);
