/** Implements KernelContext for one kernel call, and disposes the tensors that it made but did not return. */
import type { DataType, NamedAttrMap, NamedTensorInfoMap, TensorInfo, TypedArray } from '@tensorflow/tfjs-core';
import type { Backend, PassFunction } from '../tensors/backend';
import type { FormFunction, KernelContext, Part, DeferredCompute } from './kernel_context';
import type { ElementOp, Extent, Operand, Range, Reduction } from '../lazy/tensor_data';
import type { Texture } from '../gl/device';
import type { Values } from '../plan/host_values';
import { runOnHost } from './cpu_fallback';
import { fitsRun, layoutOf, TextureSizeError } from '../plan/layout';
import { keyOf, type DType, type Layout, type Limits, type Plan } from '../plan/plan';
import { relayout } from '../tensors/relayout';
import { checkShape, sizeOf, type Shape } from '../plan/shape';
import { SMALL } from './small_on_cpu';

/** Up to this many floats, copying on the host and uploading is as fast as a draw. Integers are copied in any number, because the host may need them. */
const COPIED_FLOATS = 1 << 16;

/** Cached forms of tensors have at most this many elements. */
const DERIVED_ELEMENTS = 1 << 20;

/** Runs a kernel function, and disposes the tensors that it made but did not return. */
export function withContext(
  backend: Backend,
  compute: (ctx: KernelContext) => TensorInfo | TensorInfo[],
): TensorInfo | TensorInfo[] {
  const scope = new Scope(backend);
  try {
    return scope.close(backend.device.use(() => compute(scope)));
  } catch (error) {
    scope.close([]);
    throw error;
  }
}

/** A KernelContext that knows which references its kernel made. */
class Scope implements KernelContext {
  readonly #backend: Backend;
  readonly #made: TensorInfo[] = [];

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  get limits(): Limits {
    return this.#backend.device.limits;
  }

  layout(x: TensorInfo): Layout {
    return this.#backend.layout(x);
  }

  newLayout(shape: Shape, dtype: DType, run?: number): Layout {
    return layoutOf(shape, dtype, this.limits, run);
  }

  map(op: ElementOp, inputs: Readonly<Record<string, TensorInfo>>, shape: Shape): TensorInfo {
    return this.#adopt(this.#backend.defer(op, this.#operands(inputs, shape), shape), { shape, dtype: op.dtype });
  }

  reduce(reduction: Reduction, inputs: Readonly<Record<string, TensorInfo>>, extent: Extent): TensorInfo {
    const operands = this.#operands(inputs, extent.shape);
    const info = { shape: extent.out, dtype: reduction.load.dtype };
    return this.#adopt(this.#backend.deferReduction(reduction, operands, extent), info);
  }

  defer(inputs: readonly TensorInfo[], shape: Shape, compute: DeferredCompute): TensorInfo {
    return this.#deferPass(inputs, shape, compute, false);
  }

  deferFusable(inputs: readonly TensorInfo[], shape: Shape, compute: DeferredCompute): TensorInfo {
    return this.#deferPass(inputs, shape, compute, true);
  }

  run(plan: Plan, inputs: readonly TensorInfo[]): TensorInfo {
    return this.runAll(plan, inputs)[0]!;
  }

  runAll(plan: Plan, inputs: readonly TensorInfo[]): TensorInfo[] {
    const { device } = this.#backend;
    const sources = inputs.map((x) => this.#backend.texture(x.dataId));
    const targets: Texture[] = [];
    // One by one: where the GPU has no memory for the next, those before it are disposed with the scope.
    const outputs = plan.outputs.map((layout) => {
      const target = device.acquire(layout);
      targets.push(target);
      return this.#adopt(this.#backend.adopt(target, layout), layout);
    });
    if (outputs.some((o) => sizeOf(o.shape) > 0)) device.run(plan, sources, targets);
    return outputs;
  }

  runTiles(plan: Plan, inputs: readonly TensorInfo[]): TensorInfo {
    const { device } = this.#backend;
    const sources = inputs.map((x) => this.#backend.texture(x.dataId));
    const layers = plan.outputs.length;
    const layout = { ...plan.outputs[0]!, shape: [layers, ...plan.outputs[0]!.shape] };
    const target = device.acquire(layout, layers);
    const output = this.#adopt(this.#backend.adopt(target, layout), layout);
    if (sizeOf(layout.shape) > 0) device.run(plan, sources, [target]);
    return output;
  }

  copyRegions(layout: Layout, parts: readonly Part[]): TensorInfo {
    const { device } = this.#backend;
    const sources = parts.map((p) => this.#backend.texture(p.from.dataId));
    const target = device.acquire(layout);
    const output = this.#adopt(this.#backend.adopt(target, layout), layout);
    parts.forEach(({ layer = 0, copies }, i) => device.copy({ texture: sources[i]!, layer }, target, copies));
    return output;
  }

  withRows(x: TensorInfo, run?: number): TensorInfo {
    this.#backend.texture(x.dataId, run);
    const layout = this.layout(x);
    if (run === undefined || fitsRun(layout, run)) return x;
    return this.run(relayout(this.newLayout(x.shape, layout.dtype, run)), [x]);
  }

  cachedForm<P extends object>(x: TensorInfo, name: string, parts: P, make: FormFunction<P>): TensorInfo {
    // Views of other shapes share the data.
    const key = keyOf([name, x.shape, parts]);
    const known = this.#backend.derived(x.dataId, key);
    if (known) return known;
    const form = make(this, x, parts);
    // A rehearsal draws nothing, so its forms are not cached.
    if (sizeOf(form.shape) > DERIVED_ELEMENTS || this.#backend.device.rehearsing) return form;
    this.#disown(form);
    this.#backend.keepDerived(x.dataId, key, form);
    return form;
  }

  view(x: TensorInfo, shape: Shape): TensorInfo {
    checkShape(shape);
    this.#backend.retain(x.dataId);
    return this.#adopt(x.dataId, { shape, dtype: x.dtype });
  }

  hostValues(x: TensorInfo): TypedArray {
    return this.#backend.hostValues(x.dataId) as TypedArray;
  }

  valuesForHost(x: TensorInfo, elements: number, copied = false): TypedArray | undefined {
    const most = !copied ? SMALL : x.dtype === 'float32' ? COPIED_FLOATS : Infinity;
    if (elements > most || !this.#backend.smallOnCpu) return undefined;
    return this.#backend.knownValues(x.dataId) as TypedArray | undefined;
  }

  range(x: TensorInfo): Range {
    return this.#backend.range(x.dataId);
  }

  knownScalar(x: TensorInfo): number | undefined {
    return sizeOf(x.shape) === 1 ? (this.#backend.knownValues(x.dataId)?.[0] as number | undefined) : undefined;
  }

  upload(shape: Shape, dtype: DataType, values: Values): TensorInfo {
    checkShape(shape);
    return this.#adopt(this.#backend.adoptValues(values, shape, dtype), { shape, dtype });
  }

  uploadPixels(source: TexImageSource, width: number, height: number): TensorInfo {
    const { device } = this.#backend;
    const layout: Layout = { shape: [height, width, 4], dtype: 'float32', width, height };
    if (Math.max(width, height) > this.limits.maxTextureSize) {
      throw new TextureSizeError(layout.shape, width * height, this.limits.maxTextureSize);
    }
    const texture = device.acquire(layout);
    const pixels = this.#adopt(this.#backend.adopt(texture, layout), layout);
    device.uploadPixels(texture, source);
    return pixels;
  }

  complex(real: TensorInfo, imag: TensorInfo): TensorInfo {
    for (const part of [real, imag]) this.#backend.retain(part.dataId);
    return this.#adopt(this.#backend.adoptComplex(real, imag), { shape: real.shape, dtype: 'complex64' });
  }

  complexParts(x: TensorInfo): { real: TensorInfo; imag: TensorInfo } {
    return this.#backend.complexParts(x);
  }

  onHost(kernelName: string, inputs: NamedTensorInfoMap, attrs: object): TensorInfo {
    const output = runOnHost(kernelName, this.#backend, inputs, attrs as NamedAttrMap) as TensorInfo;
    return this.#adopt(output.dataId, output);
  }

  noteAlgorithm(name: string): void {
    this.#backend.device.tracer?.chose(name);
  }

  release(x: TensorInfo): void {
    // Else it is an input of the kernel: `withRows` may return it unchanged.
    if (this.#disown(x)) this.#backend.disposeData(x.dataId);
  }

  /** Hands the results to tfjs and disposes everything else. A result that is an input becomes another reference to it. */
  close(results: TensorInfo | TensorInfo[]): TensorInfo | TensorInfo[] {
    const handed = Array.isArray(results) ? results.map((x) => this.#hand(x)) : this.#hand(results);
    for (const { dataId } of this.#made) this.#backend.disposeData(dataId);
    this.#made.length = 0;
    return handed;
  }

  #hand(x: TensorInfo): TensorInfo {
    if (!this.#disown(x)) this.#backend.retain(x.dataId);
    // tfjs would take an input that is a tensor for the output itself.
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  }

  /** Whether the kernel made a reference to this data, which is no longer the scope's to dispose. */
  #disown({ dataId }: TensorInfo): boolean {
    const made = this.#made;
    for (let i = 0; i < made.length; i++) {
      if (made[i]!.dataId !== dataId) continue;
      made.splice(i, 1);
      return true;
    }
    return false;
  }

  #deferPass(inputs: readonly TensorInfo[], shape: Shape, compute: DeferredCompute, fuses: boolean): TensorInfo {
    const backend = this.#backend;
    const run: PassFunction = (lent, epilogue) =>
      withContext(backend, (scope) => compute(scope, lent, epilogue)) as TensorInfo;
    return this.#adopt(backend.deferPass(inputs, shape, run, fuses), { shape, dtype: 'float32' });
  }

  #operands(inputs: Readonly<Record<string, TensorInfo>>, shape: Shape): Operand[] {
    const operands: Operand[] = [];
    for (const name in inputs) operands.push(this.#backend.operand(name, inputs[name]!, shape));
    return operands;
  }

  #adopt(dataId: TensorInfo['dataId'], { shape, dtype }: { shape: Shape; dtype: DataType }): TensorInfo {
    const info = { dataId, shape: [...shape], dtype };
    this.#made.push(info);
    return info;
  }
}
