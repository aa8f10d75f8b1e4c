/** tfjs's KernelBackend, and what kernels need beyond it: textures, deferred work, parts and cached forms of tensors. */
import {
  engine,
  KernelBackend,
  type BackendValues,
  type DataId,
  type DataType,
  type GPUData,
  type Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { Scheduler } from '../lazy/scheduler';
import {
  gpuDType,
  isConstant,
  isOfHost,
  newTensorData,
  rangeOf,
  type ElementOp,
  type TensorData,
  type Extent,
  type Operand,
  type Range,
  type Reduction,
  type TensorOperand,
} from '../lazy/tensor_data';
import { copyFromTexture, copyToTexture, type ConvglGPUOptions, type GPUValues } from './exchange';
import { Device, type Rehearsed, type Texture } from '../gl/device';
import type { ConvglStats } from '../gl/options';
import type { Epilogue } from '../glsl/epilogue';
import { heldCopy } from '../plan/host_values';
import type { DType, Layout } from '../plan/plan';
import { sameShape, sizeOf, type Shape } from '../plan/shape';
import type { ConvglBackend, ConvglMemory, ConvglTimingInfo, TestOptions } from './convgl_backend';
import { TensorTable } from './tensor_table';

/** Draws a deferred pass with its epilogue. */
export type PassFunction = (inputs: readonly TensorInfo[], epilogue?: Epilogue<TensorInfo>) => TensorInfo;

/** The backend on one GPU. */
export class Backend extends KernelBackend implements ConvglBackend {
  readonly device: Device;
  /** Whether small inputs that the host knows are computed there. */
  smallOnCpu: boolean;
  readonly #table: TensorTable;
  readonly #scheduler: Scheduler;

  /** @throws NoWebGL2Error, NoFloat32RenderingError */
  constructor(options: TestOptions = {}) {
    super();
    this.device = new Device(options);
    this.smallOnCpu = options.smallOnCpu ?? true;
    this.#scheduler = new Scheduler(this.device, options.deferred ?? true);
    this.#table = new TensorTable(this, this.device, this.#scheduler);
  }

  // --- data ids ---

  /** Copies the values, which the caller may change afterwards. */
  override write(values: BackendValues | null, shape: number[], dtype: DataType): DataId {
    return this.adoptValues(heldCopy(values), shape, dtype);
  }

  /** As `write`, without a copy: the array must not change any more. */
  adoptValues(values: BackendValues | null, shape: Shape, dtype: DataType): DataId {
    const dataId = {};
    this.#table.write(dataId, values, { shape, dtype, refCount: 1 });
    return dataId;
  }

  // eslint-disable-next-line max-params -- tfjs-core's signature.
  override move(dataId: DataId, values: BackendValues, shape: number[], dtype: DataType, refCount: number): void {
    this.#table.write(dataId, heldCopy(values), { shape, dtype, refCount });
  }

  override numDataIds(): number {
    return this.#table.size;
  }

  override refCount(dataId: DataId): number {
    return this.#table.refCount(dataId);
  }

  /** Adds a reference. tfjs-core calls it only where a variable takes a value over. */
  override incRef(dataId: DataId): void {
    this.retain(dataId);
    const entry = this.#table.get(dataId);
    entry.persistent = true;
    this.#scheduler.computeConstant(entry);
  }

  /** Adds a reference for a kernel. */
  retain(dataId: DataId): void {
    this.#table.get(dataId).refCount++;
  }

  override disposeData(dataId: DataId, force = false): boolean {
    return this.#table.dispose(dataId, force);
  }

  /** A new data id for a texture that a pass has written. */
  adopt(texture: Texture, { shape, dtype }: { shape: Shape; dtype: DType }): DataId {
    return this.#table.enter(newTensorData(shape, dtype, { texture, generation: this.device.generation }));
  }

  /** A new data id for the deferred result of an elementwise op. @throws TextureSizeError */
  defer(op: ElementOp, operands: readonly Operand[], shape: Shape): DataId {
    return this.#table.enter(this.#scheduler.defer(op, operands, shape));
  }

  /** A new data id for the deferred result of a reduction. @throws TextureSizeError */
  deferReduction(reduction: Reduction, operands: readonly Operand[], extent: Extent): DataId {
    return this.#table.enter(this.#scheduler.deferReduction(reduction, operands, extent));
  }

  /**
   * A new data id for the deferred result of `compute`.
   *
   * @param compute gets the inputs and those of an epilogue under temporary data ids, because theirs may be disposed by
   *   then, and returns a new tensor
   * @param fuses whether it applies an epilogue if there is one
   */
  deferPass(inputs: readonly TensorInfo[], shape: Shape, compute: PassFunction, fuses: boolean): DataId {
    const operands = inputs.map((x): TensorOperand => {
      const entry = this.#table.get(x.dataId);
      return { name: '', entry, shape: x.shape, persistent: entry.persistent };
    });
    const run = (epilogue?: Epilogue<TensorData>): Texture => {
      const more = epilogue?.inputs ?? [];
      return this.#table.lending([...operands, ...more.map((entry) => ({ entry, shape: entry.shape }))], (lent) => {
        const [own, rest] = [lent.slice(0, operands.length), lent.slice(operands.length)];
        return this.#table.take(compute(own, epilogue && { ...epilogue, inputs: rest }).dataId);
      });
    };
    return this.#table.enter(this.#scheduler.deferPass(operands, shape, { run, fuses }));
  }

  /** A tensor as an operand of an elementwise op over `shape`, or a value if it is a single number that the host knows. */
  operand(name: string, { dataId, shape }: TensorInfo, over: Shape): Operand {
    const entry = this.#table.get(dataId);
    const { values, persistent } = entry;
    const isNumber = isConstant(entry) || (sizeOf(shape) === 1 && !sameShape(shape, over));
    if (!values || !isNumber || persistent || !isOfHost(entry)) return { name, entry, shape, persistent };
    return { name, value: Number(values[0]), dtype: gpuDType(entry.dtype) };
  }

  /** A new complex64 data id; takes over the caller's references to both parts. */
  adoptComplex(real: TensorInfo, imag: TensorInfo): DataId {
    return this.#table.enter(newTensorData(real.shape, 'complex64', { complex: { real, imag } }));
  }

  /** The parts of a complex64 tensor, still owned by it, with its own shape. */
  complexParts({ dataId, shape }: TensorInfo): { real: TensorInfo; imag: TensorInfo } {
    const { complex } = this.#table.get(dataId);
    if (!complex)
      throw new Error(`Expected a complex64 tensor, found ${this.#table.get(dataId).dtype} of shape [${shape}].`);
    return { real: { ...complex.real, shape }, imag: { ...complex.imag, shape } };
  }

  /** The cached form `key` of a tensor, if it still exists. */
  derived(dataId: DataId, key: string): TensorInfo | undefined {
    return this.#table.derived(dataId, key);
  }

  /** Caches a form of a tensor for as long as the tensor exists. Takes over the caller's reference. */
  keepDerived(dataId: DataId, key: string, form: TensorInfo): void {
    this.#table.keepDerived(dataId, key, form);
  }

  // --- where the values are ---

  /** The layout that a tensor has on the GPU, or will have once it is uploaded. @throws TextureSizeError */
  layout({ dataId, shape }: TensorInfo): Layout {
    const entry = this.#table.get(dataId);
    const { width, height } = this.#scheduler.layout(entry);
    return { shape, dtype: gpuDType(entry.dtype), width, height };
  }

  /**
   * The tensor's texture, computed or uploaded now if necessary.
   *
   * @param run texels that its rows should hold in whole, if it is not computed yet
   * @throws ContextLostError, TextureSizeError, OutOfGpuMemoryError
   */
  texture(dataId: DataId, run?: number): Texture {
    return this.#scheduler.texture(this.#table.get(dataId), run);
  }

  /** The tensor's values, not to be changed, where they may decide how something is computed; see `isOfHost`. */
  knownValues(dataId: DataId): BackendValues | undefined {
    const entry = this.#table.get(dataId);
    return isOfHost(entry) ? entry.values : undefined;
  }

  /** Bounds of all elements, as far as the host knows. */
  range(dataId: DataId): Range {
    return rangeOf(this.#table.get(dataId));
  }

  /** Records bounds of a tensor that the GPU computes. */
  setRange(dataId: DataId, range: Range): void {
    if (range.every(Number.isFinite)) this.#table.get(dataId).range ??= range;
  }

  override readSync(dataId: DataId): BackendValues {
    const values = this.#table.readSync(dataId);
    this.#scheduler.settle();
    return values;
  }

  /** The tensor's values, not to be changed; waits for the GPU where they are only there. */
  hostValues(dataId: DataId): BackendValues {
    return this.#table.hostValues(dataId);
  }

  override read(dataId: DataId): Promise<BackendValues> {
    return this.#table.read(dataId);
  }

  override readToGPU(dataId: DataId, options: ConvglGPUOptions = {}): GPUData {
    const { shape } = this.#table.get(dataId);
    const { texture, layout } = copyToTexture(this.device, { texture: this.texture(dataId), shape }, options);
    const { width, height, dtype } = layout;
    const tensorRef = engine().makeTensorFromDataId(this.adopt(texture, layout), [...shape], dtype, this);
    return { tensorRef, texture: texture.handle, texShape: [height, width] };
  }

  /**
   * A tensor of the named channels of a texture of this context, which is copied. int32 is exact from a texture of
   * signed integers.
   *
   * @throws Error for a texture of another context, of unsigned integers, or with too few elements
   */
  override createTensorFromGPUData(values: GPUValues, shape: number[], dtype: DataType): Tensor {
    const { texture, layout } = copyFromTexture(this.device, values, { shape, dtype });
    return engine().makeTensorFromDataId(this.adopt(texture, layout), shape, dtype, this);
  }

  batch<T>(work: () => T): T {
    return this.device.use(work);
  }

  /**
   * Runs work without drawing, so that what it computes stays undefined; what was there before stays as it was.
   *
   * @returns its passes whose programs are still to be compiled, one for each program
   */
  rehearse(work: () => void): readonly Rehearsed[] {
    // What is pending is computed now, because no draw would.
    this.computeAll();
    return this.device.rehearse(work);
  }

  /** Computes what is pending. */
  computeAll(): void {
    this.#scheduler.computeAll();
  }

  contextRestored(): Promise<void> {
    return this.device.contextRestored();
  }

  // --- reports ---

  override floatPrecision(): 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override timerAvailable(): boolean {
    return this.device.timerAvailable;
  }

  override async time(work: () => void): Promise<ConvglTimingInfo> {
    this.computeAll();
    const start = performance.now();
    const gpu = await this.device.time(() => {
      work();
      this.computeAll();
    });
    const wallMs = performance.now() - start;
    const kernelMs = Number.isNaN(gpu) ? { error: 'the GPU timer was disturbed' } : gpu;
    return { kernelMs, uploadWaitMs: 0, downloadWaitMs: 0, wallMs } as ConvglTimingInfo;
  }

  override memory(): ConvglMemory {
    const { bytesInUse, bytesFree } = this.device.textures;
    return {
      unreliable: false,
      numBytesInGPU: bytesInUse,
      numBytesInGPUAllocated: bytesInUse + bytesFree,
      numBytesInGPUFree: bytesFree,
    };
  }

  stats(): ConvglStats {
    return this.device.stats;
  }

  override dispose(): void {
    this.device.dispose();
  }
}
