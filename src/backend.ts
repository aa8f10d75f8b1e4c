/** tfjs's KernelBackend: data ids, reference counts, read and write, memory, time. */
import {
  backend_util,
  DataStorage,
  engine,
  KernelBackend,
  util,
  type BackendTimingInfo,
  type BackendValues,
  type DataToGPUOptions,
  type DataId,
  type DataType,
  type GPUData,
  type Tensor,
  type TensorInfo,
  type TypedArray,
} from '@tensorflow/tfjs-core';
import type { ElementOp, Entry, Extent, Operand, Reduction, TensorOperand } from './entry';
import { KEPT_ELEMENTS, Scheduler } from './deferred/scheduler';
import { gpuDType, newEntry } from './entry';
import { fromChannelsPlan, toTexturePlan } from './exchange';
import { Device, type DeviceOptions, type DeviceStats, type Rehearsed, type Texture, type Values } from './gl/device';
import type { Epilogue } from './glsl/epilogue';
import { layoutOf } from './layout';
import type { DType, Layout } from './plan';
import { sameShape, sizeOf, type Shape } from './shape';

/** A texture or a buffer of the caller's. */
type GPUValues = Parameters<KernelBackend['createTensorFromGPUData']>[0];

/** How `tensor.dataToGPU` hands a tensor out. */
export interface ConvglGPUOptions extends DataToGPUOptions {
  /** float32, the default, is what tfjs's other backends give for every dtype; int32 is exact beyond 2^24. */
  readonly dtype?: 'float32' | 'int32';
}

/** What an application may choose about the backend. */
export interface ConvglOptions extends DeviceOptions {
  /** Whether kernels run on the host while all their inputs are small and there already; on unless said. */
  readonly forwardSmall?: boolean;
  /** Whether elementwise work and reductions wait until their values are needed, so that one pass computes whole chains; on unless said. */
  readonly deferred?: boolean;
}

/** What draws a pass that was put off, and its epilogue. */
export type PassFunction = (inputs: readonly TensorInfo[], epilogue?: Epilogue<TensorInfo>) => TensorInfo;

/** A memory report that is exact, unlike WebGL's usual one. */
export interface ConvglMemory {
  readonly unreliable: false;
  /** Bytes of textures that hold tensors. */
  readonly numBytesInGPU: number;
  /** The same with the recycled textures. */
  readonly numBytesInGPUAllocated: number;
  readonly numBytesInGPUFree: number;
}

export class ConvglBackend extends KernelBackend {
  readonly device: Device;
  /** Whether kernels run on the host while all their inputs are small and there already. */
  forwardSmall: boolean;
  readonly #entries: DataStorage<Entry>;
  readonly #scheduler: Scheduler;
  /** Tensors that are kept beside others, unknown to tfjs. */
  #derived = 0;

  /** @throws NoWebGL2Error, NoFloat32RenderingError */
  constructor(options: ConvglOptions = {}) {
    super();
    this.device = new Device(options);
    this.forwardSmall = options.forwardSmall ?? true;
    this.#entries = new DataStorage(this, engine());
    this.#scheduler = new Scheduler(this.device, options.deferred ?? true);
  }

  // --- data ids ---

  override write(values: BackendValues | null, shape: number[], dtype: DataType): DataId {
    const dataId = {};
    this.#add(dataId, values, { shape, dtype, refCount: 1 });
    return dataId;
  }

  // eslint-disable-next-line max-params -- tfjs-core's signature.
  override move(dataId: DataId, values: BackendValues, shape: number[], dtype: DataType, refCount: number): void {
    this.#add(dataId, values, { shape, dtype, refCount });
  }

  override numDataIds(): number {
    return this.#entries.numDataIds() - this.#derived;
  }

  override refCount(dataId: DataId): number {
    return this.#entries.has(dataId) ? this.#entries.get(dataId).refCount : 0;
  }

  override incRef(dataId: DataId): void {
    this.#entries.get(dataId).refCount++;
  }

  override disposeData(dataId: DataId, force = false): boolean {
    if (!this.#entries.has(dataId)) return true;
    const entry = this.#entries.get(dataId);
    entry.refCount = force ? 0 : entry.refCount - 1;
    if (entry.refCount > 0) return false;
    if (entry.reading) {
      entry.disposeAfterReading = true;
      return false;
    }
    this.#entries.delete(dataId);
    this.#scheduler.release(entry);
    this.#dropDerived(entry);
    if (entry.complex) for (const part of [entry.complex.real, entry.complex.imag]) this.#releasePart(part.dataId);
    return true;
  }

  /** Gives up a complex tensor's reference to a part; tfjs may know the part too, as what tf.real returned. */
  #releasePart(dataId: DataId): void {
    if (this.disposeData(dataId)) engine().removeDataId(dataId, this);
  }

  /** A new data id for a texture that a pass has written. */
  adopt(texture: Texture, { shape, dtype }: { shape: Shape; dtype: DType }): DataId {
    const dataId = {};
    this.#entries.set(dataId, newEntry(shape, dtype, { texture, generation: this.device.generation }));
    return dataId;
  }

  /** A new data id for what an elementwise op gives, which is computed when it is needed. @throws TextureSizeError */
  defer(op: ElementOp, operands: readonly Operand[], shape: Shape): DataId {
    const dataId = {};
    this.#entries.set(dataId, this.#scheduler.defer(op, operands, shape));
    return dataId;
  }

  /** A new data id for a reduction, which is computed when it is needed. @throws TextureSizeError */
  deferFold(reduction: Reduction, operands: readonly Operand[], extent: Extent): DataId {
    const dataId = {};
    this.#entries.set(dataId, this.#scheduler.deferFold(reduction, operands, extent));
    return dataId;
  }

  /**
   * A new data id for what `compute` gives, which is computed when it is needed, if it ever is.
   *
   * @param compute gets the inputs, and those of an epilogue, with data ids of their own, because theirs may be gone by
   *   then, and gives a new tensor
   * @param fuses whether it goes on with an epilogue where there is one
   */
  deferPass(inputs: readonly TensorInfo[], shape: Shape, compute: PassFunction, fuses: boolean): DataId {
    const operands = inputs.map((x) => ({ name: '', entry: this.#entries.get(x.dataId), shape: x.shape }));
    const run = (epilogue?: Epilogue<Entry>): Texture => {
      const more = epilogue?.inputs ?? [];
      return this.#lending([...operands, ...more.map((entry) => ({ entry, shape: entry.shape }))], (lent) => {
        const [own, rest] = [lent.slice(0, operands.length), lent.slice(operands.length)];
        return this.#take(compute(own, epilogue && { ...epilogue, inputs: rest }).dataId);
      });
    };
    const dataId = {};
    this.#entries.set(dataId, this.#scheduler.deferPass(operands, shape, { run, fuses }));
    return dataId;
  }

  /** Calls `work` with data ids for entries that may have lost theirs. */
  #lending<T>(lent: readonly Pick<TensorOperand, 'entry' | 'shape'>[], work: (tensors: readonly TensorInfo[]) => T): T {
    const tensors = lent.map(({ entry, shape }) => {
      const dataId = {};
      this.#entries.set(dataId, entry);
      return { dataId, shape: [...shape], dtype: entry.dtype };
    });
    try {
      return this.#scheduler.lending(
        lent.map(({ entry }) => entry),
        () => work(tensors),
      );
    } finally {
      for (const { dataId } of tensors) this.#entries.delete(dataId);
    }
  }

  /** The texture of a tensor that has no other reference, in exchange for the tensor. */
  #take(dataId: DataId): Texture {
    const entry = this.#entries.get(dataId);
    const texture = this.#scheduler.texture(entry);
    this.#entries.delete(dataId);
    return texture;
  }

  /** A tensor as an operand of an elementwise op over `shape`; a value where it broadcasts and the host knows it. */
  operand(name: string, { dataId, shape }: TensorInfo, over: Shape): Operand {
    const entry = this.#entries.get(dataId);
    const { values } = entry;
    if (!values || sizeOf(shape) !== 1 || sameShape(shape, over)) return { name, entry, shape };
    return { name, value: Number(values[0]), dtype: gpuDType(entry.dtype) };
  }

  /** A new complex64 data id; takes over the caller's references to both parts. */
  adoptComplex(real: TensorInfo, imag: TensorInfo): DataId {
    const dataId = {};
    this.#entries.set(dataId, newEntry(real.shape, 'complex64', { complex: { real, imag } }));
    return dataId;
  }

  /** The parts of a complex64 tensor, still owned by it, with its own shape. */
  complexParts({ dataId, shape }: TensorInfo): { real: TensorInfo; imag: TensorInfo } {
    const { complex } = this.#entries.get(dataId);
    if (!complex)
      throw new Error(`Expected a complex64 tensor, found ${this.#entries.get(dataId).dtype} of shape [${shape}].`);
    return { real: { ...complex.real, shape }, imag: { ...complex.imag, shape } };
  }

  /** The form `key` of a tensor that is kept beside it, if it still exists. */
  derived(dataId: DataId, key: string): TensorInfo | undefined {
    const entry = this.#entries.get(dataId);
    const found = entry.derived?.get(key);
    if (!found || this.#entries.get(found.dataId).generation === this.device.generation) return found;
    this.#dropDerived(entry); // Lost with the context.
    return undefined;
  }

  /** Keeps a tensor beside another, as long as that exists; takes over the caller's reference. */
  keepDerived(dataId: DataId, key: string, form: TensorInfo): void {
    const entry = this.#entries.get(dataId);
    entry.derived ??= new Map<string, TensorInfo>();
    entry.derived.set(key, form);
    this.#derived++;
  }

  #dropDerived(entry: Entry): void {
    const forms = [...(entry.derived?.values() ?? [])];
    entry.derived = undefined;
    this.#derived -= forms.length;
    for (const { dataId } of forms) this.disposeData(dataId);
  }

  // --- where the values are ---

  /** The layout that a tensor has on the GPU, or will have once it is uploaded. @throws TextureSizeError */
  layout({ dataId, shape }: TensorInfo): Layout {
    const entry = this.#entries.get(dataId);
    const { width, height } = this.#scheduler.layout(entry);
    return { shape, dtype: gpuDType(entry.dtype), width, height };
  }

  /**
   * The tensor's texture, computed or uploaded now if need be.
   *
   * @param run texels that its rows should hold in whole, if it is still to be computed
   * @throws ContextLostError, TextureSizeError, OutOfGpuMemoryError
   */
  texture(dataId: DataId, run?: number): Texture {
    return this.#scheduler.texture(this.#entries.get(dataId), run);
  }

  /** The tensor's values if they are on the host already; never waits for the GPU. */
  knownValues(dataId: DataId): BackendValues | undefined {
    return this.#entries.get(dataId).values;
  }

  override readSync(dataId: DataId): BackendValues {
    const values = this.hostValues(dataId);
    this.#scheduler.settle();
    return values;
  }

  /** The tensor's values; waits for the GPU where they are only there. */
  hostValues(dataId: DataId): BackendValues {
    const entry = this.#entries.get(dataId);
    if (entry.complex) {
      const { real, imag } = entry.complex;
      return backend_util.mergeRealAndImagArrays(
        this.hostValues(real.dataId) as Float32Array,
        this.hostValues(imag.dataId) as Float32Array,
      );
    }
    if (entry.values) return entry.values;
    const texture = this.#scheduler.texture(entry);
    return this.#keep(entry, this.device.readSync(texture, { ...texture, shape: entry.shape }));
  }

  override read(dataId: DataId): Promise<BackendValues> {
    const entry = this.#entries.get(dataId);
    if (entry.values) return Promise.resolve(entry.values);
    entry.reading ??= this.#startReading(dataId, entry);
    // While the GPU is at it: what will be needed after the last pass of a step is known when its loss is read.
    this.#scheduler.settle();
    return entry.reading;
  }

  /**
   * A copy of a tensor as a texture for GL code of the caller's, four elements a texel, row by row: RGBA32F, or RGBA32I
   * where `dtype` says so. Disposing `tensorRef`, a tensor of that dtype, gives the texture back.
   *
   * @throws Error where customTexShape, [height, width], does not hold the tensor
   */
  override readToGPU(dataId: DataId, { customTexShape, dtype = 'float32' }: ConvglGPUOptions = {}): GPUData {
    const from = this.texture(dataId);
    const shape = [...this.#entries.get(dataId).shape];
    const [height, width] = customTexShape ?? [from.height, from.width];
    const longest = this.device.limits.maxTextureSize;
    if (height * width * 4 < sizeOf(shape) || Math.max(height, width) > longest) {
      throw new Error(
        `dataToGPU: found customTexShape [${height}, ${width}], expected one that holds the ${sizeOf(shape)} elements of ` +
          `shape [${shape.join(', ')}], four a texel, with sides of at most ${longest}.`,
      );
    }
    const layout: Layout = { shape, dtype, width, height };
    const texture = this.device.acquire(layout);
    const copy = this.adopt(texture, layout);
    this.device.run(toTexturePlan(from.dtype, layout), [from], [texture]);
    this.device.share();
    const tensorRef = engine().makeTensorFromDataId(copy, shape, dtype, this);
    return { tensorRef, texture: texture.handle, texShape: [height, width] };
  }

  /**
   * A tensor of the named channels of a texture of this context, which is copied. int32 is exact from a texture of
   * signed integers.
   *
   * @throws Error for a texture of another context, of unsigned integers, or with too few elements
   */
  override createTensorFromGPUData(values: GPUValues, shape: number[], dtype: DataType): Tensor {
    if (!('texture' in values)) throw new Error('tf.tensor: found a WebGPU buffer, expected a WebGL texture.');
    const { texture, height, width, channels = 'RGBA' } = values;
    const found = height * width * channels.length;
    if (found < sizeOf(shape)) {
      throw new Error(
        `tf.tensor: found ${found} elements in channels ${channels} of a texture of ${width} x ${height} texels, ` +
          `expected ${sizeOf(shape)} for the shape [${shape.join(', ')}].`,
      );
    }
    this.device.share();
    const from = this.device.foreignTexture(texture, width, height);
    const layout = layoutOf(shape, gpuDType(dtype), this.device.limits);
    const copy = this.device.acquire(layout);
    const dataId = this.adopt(copy, layout);
    this.device.runOnForeign(fromChannelsPlan(channels, from.dtype, layout), from, copy);
    return engine().makeTensorFromDataId(dataId, shape, dtype, this);
  }

  /**
   * Runs synchronous tfjs work, such as one `model.predict`, with one saving and restoring of a shared context's state, in
   * place of one for each op. `work` must not use the context itself. Without a shared context it just runs.
   */
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
    this.#scheduler.computeAll();
    return this.device.rehearse(work);
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

  /** `kernelMs` is GPU time where the device has a timer, else the time until the GPU was done. */
  override async time(work: () => void): Promise<BackendTimingInfo & { wallMs: number }> {
    const start = performance.now();
    const gpu = await this.device.time(() => {
      this.#scheduler.computeAll();
      work();
      this.#scheduler.computeAll();
    });
    const wallMs = performance.now() - start;
    const kernelMs = Number.isNaN(gpu) ? { error: 'this device has no undisturbed GPU timer' } : gpu;
    return { kernelMs, uploadWaitMs: 0, downloadWaitMs: 0, wallMs } as BackendTimingInfo & { wallMs: number };
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

  /** What this backend has done so far: renderer, programs compiled, draws, texture bytes now and at their peak. */
  stats(): DeviceStats {
    return this.device.stats;
  }

  override dispose(): void {
    this.device.dispose();
  }

  // --- private ---

  #add(
    dataId: DataId,
    values: BackendValues | null,
    { shape, dtype, refCount }: Pick<Entry, 'shape' | 'dtype' | 'refCount'>,
  ): void {
    if (dtype === 'complex64') {
      const { real, imag } = backend_util.splitRealAndImagArrays(values as Float32Array);
      const [re, im] = [real, imag].map((part): TensorInfo => {
        const own = [...shape];
        return { dataId: this.write(part, own, 'float32'), shape: own, dtype: 'float32' };
      });
      this.#entries.set(dataId, { ...newEntry(shape, dtype, { complex: { real: re!, imag: im! } }), refCount });
      return;
    }
    // tfjs-core reserves an id by writing null; such a tensor reads as zeros.
    const given = values ?? (dtype === 'string' ? [] : util.getTypedArrayFromDType(dtype as 'float32', sizeOf(shape)));
    const known = dtype === 'string' ? given : typedValues(given, gpuDType(dtype), sizeOf(shape));
    this.#entries.set(dataId, { ...newEntry(shape, dtype, { values: known }), refCount });
  }

  async #startReading(dataId: DataId, entry: Entry): Promise<BackendValues> {
    try {
      if (entry.complex) {
        const [real, imag] = await Promise.all([
          this.read(entry.complex.real.dataId),
          this.read(entry.complex.imag.dataId),
        ]);
        return backend_util.mergeRealAndImagArrays(real as Float32Array, imag as Float32Array);
      }
      const texture = this.#scheduler.texture(entry);
      return this.#keep(entry, await this.device.read(texture, { ...texture, shape: entry.shape }));
    } finally {
      entry.reading = undefined;
      if (entry.disposeAfterReading) {
        this.disposeData(dataId, true);
        engine().removeDataId(dataId, this);
      }
    }
  }

  #keep(entry: Entry, values: Values): Values {
    if (values.length <= KEPT_ELEMENTS) entry.values = values;
    return values;
  }
}

/**
 * Host values as the array that their dtype is read and uploaded as, with zeros for what is missing: out of an array that
 * holds a tensor, tfjs-core makes a tensor without values.
 */
function typedValues(values: BackendValues, dtype: DType, size: number): Values {
  const given = values as TypedArray;
  const constructor = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[dtype];
  const typed = given instanceof constructor ? given : new constructor(given);
  if (typed.length >= size) return typed;
  const padded = new constructor(size);
  padded.set(typed);
  return padded;
}
