/** The table of data ids: reference counts, reads, parts of complex tensors, and cached forms. */
import {
  backend_util,
  engine,
  util,
  type BackendValues,
  type DataId,
  type KernelBackend,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { KEPT_ELEMENTS } from '../lazy/evaluator';
import type { Scheduler } from '../lazy/scheduler';
import { gpuDType, newTensorData, type TensorData, type TensorOperand } from '../lazy/tensor_data';
import type { Device, Texture } from '../gl/device';
import { copyOf, typedValues, type Values } from '../plan/host_values';
import { sizeOf } from '../plan/shape';

/** The entries of one backend. */
export class TensorTable {
  readonly #backend: KernelBackend;
  readonly #device: Device;
  readonly #scheduler: Scheduler;
  readonly #entries = new WeakMap<DataId, TensorData>();
  #size = 0;
  /** Cached forms of tensors, which tfjs does not know. */
  #derived = 0;

  /** @param backend that tfjs moves data to, where an id is another backend's */
  constructor(backend: KernelBackend, device: Device, scheduler: Scheduler) {
    this.#backend = backend;
    this.#device = device;
    this.#scheduler = scheduler;
  }

  /** Data ids that tfjs knows of. */
  get size(): number {
    return this.#size - this.#derived;
  }

  /** The entry of a data id; one of another backend is moved here. */
  get(dataId: DataId): TensorData {
    const entry = this.#entries.get(dataId);
    if (entry) return entry;
    engine().moveData(this.#backend, dataId);
    return this.#entries.get(dataId)!;
  }

  /** References to a data id; 0 where there is none such. */
  refCount(dataId: DataId): number {
    return this.#entries.get(dataId)?.refCount ?? 0;
  }

  /** A new data id for an entry. */
  enter(entry: TensorData): DataId {
    const dataId = {};
    this.#set(dataId, entry);
    return dataId;
  }

  /** Puts values of the host under a data id; those of complex64 become two tensors. */
  write(
    dataId: DataId,
    values: BackendValues | null,
    { shape, dtype, refCount }: Pick<TensorData, 'shape' | 'dtype' | 'refCount'>,
  ): void {
    if (dtype === 'complex64') {
      const { real, imag } = backend_util.splitRealAndImagArrays(values as Float32Array);
      const [re, im] = [real, imag].map((part): TensorInfo => {
        const own = { shape: [...shape], dtype: 'float32' as const };
        const id = {};
        this.write(id, part, { ...own, refCount: 1 });
        return { dataId: id, ...own };
      });
      this.#put(dataId, newTensorData(shape, dtype, { complex: { real: re!, imag: im! } }), refCount);
      return;
    }
    // tfjs-core reserves an id by writing null; such a tensor reads as zeros.
    const given = values ?? (dtype === 'string' ? [] : util.getTypedArrayFromDType(dtype as 'float32', sizeOf(shape)));
    const known = dtype === 'string' ? given : typedValues(given, gpuDType(dtype), sizeOf(shape));
    this.#put(dataId, newTensorData(shape, dtype, { values: known }), refCount);
  }

  #put(dataId: DataId, entry: TensorData, refCount: number): void {
    entry.refCount = refCount;
    this.#set(dataId, entry);
  }

  #set(dataId: DataId, entry: TensorData): void {
    this.#entries.set(dataId, entry);
    this.#size++;
  }

  #delete(dataId: DataId): void {
    if (this.#entries.delete(dataId)) this.#size--;
  }

  /** Drops a reference, or all with `force`. Returns whether the id is gone; without `force`, a read in progress delays that. */
  dispose(dataId: DataId, force = false): boolean {
    const entry = this.#entries.get(dataId);
    if (!entry) return true;
    entry.refCount = force ? 0 : entry.refCount - 1;
    if (entry.refCount > 0) return false;
    // Where tfjs moves the data, the id is the other backend's from now on.
    if (force || !entry.reading) this.#delete(dataId);
    if (entry.reading) entry.disposeAfterReading = true;
    else this.#free(entry);
    return force || !entry.reading;
  }

  #free(entry: TensorData): void {
    this.#scheduler.release(entry);
    this.#dropDerived(entry);
    if (entry.complex) for (const part of [entry.complex.real, entry.complex.imag]) this.#releasePart(part.dataId);
  }

  /** Drops a complex tensor's reference to a part, which tfjs may know as well: tf.real returns it. */
  #releasePart(dataId: DataId): void {
    if (this.dispose(dataId)) engine().removeDataId(dataId, this.#backend);
  }

  /** Calls `work` with temporary data ids for entries whose own may be disposed. */
  lending<T>(lent: readonly Pick<TensorOperand, 'entry' | 'shape'>[], work: (tensors: readonly TensorInfo[]) => T): T {
    const tensors = lent.map(({ entry, shape }) => {
      return { dataId: this.enter(entry), shape: [...shape], dtype: entry.dtype };
    });
    try {
      return this.#scheduler.lending(
        lent.map(({ entry }) => entry),
        () => work(tensors),
      );
    } finally {
      for (const { dataId } of tensors) this.#delete(dataId);
      // Nothing else will ever drop what was cached for an entry that was disposed before.
      for (const { entry } of lent) if (entry.refCount <= 0) this.#dropDerived(entry);
    }
  }

  /** Takes the texture out of a tensor without other references, which ends the tensor. */
  take(dataId: DataId): Texture {
    const entry = this.get(dataId);
    const texture = this.#scheduler.texture(entry);
    this.#delete(dataId);
    return texture;
  }

  /** The cached form `key` of a tensor, if it still exists. */
  derived(dataId: DataId, key: string): TensorInfo | undefined {
    const entry = this.get(dataId);
    const found = entry.derived?.get(key);
    if (!found || this.get(found.dataId).generation === this.#device.generation) return found;
    this.#dropDerived(entry); // Lost with the context.
    return undefined;
  }

  /** Caches a form of a tensor for as long as the tensor exists. Takes over the caller's reference. */
  keepDerived(dataId: DataId, key: string, form: TensorInfo): void {
    const entry = this.get(dataId);
    entry.derived ??= new Map<string, TensorInfo>();
    entry.derived.set(key, form);
    this.#derived++;
  }

  #dropDerived(entry: TensorData): void {
    if (!entry.derived) return;
    const forms = [...entry.derived.values()];
    entry.derived = undefined;
    this.#derived -= forms.length;
    for (const { dataId } of forms) this.dispose(dataId);
  }

  /** The tensor's values, not to be changed; waits for the GPU where they are only there. */
  hostValues(dataId: DataId): BackendValues {
    const entry = this.get(dataId);
    if (entry.complex) {
      const [real, imag] = [entry.complex.real, entry.complex.imag].map((part) => this.hostValues(part.dataId));
      return backend_util.mergeRealAndImagArrays(real as Float32Array, imag as Float32Array);
    }
    if (entry.values) return entry.values;
    const texture = this.#scheduler.texture(entry, undefined, 'read');
    const values = this.#device.readSync(texture, { ...texture, shape: entry.shape });
    if (isKept(values)) [entry.values, entry.wasRead] = [values, true];
    return values;
  }

  /** As `hostValues`, in an array that the caller may change. */
  readSync(dataId: DataId): BackendValues {
    const values = this.hostValues(dataId);
    return values === this.get(dataId).values ? copyOf(values) : values;
  }

  /** As `readSync`, without blocking. Concurrent reads of a tensor share one transfer. */
  read(dataId: DataId): Promise<BackendValues> {
    const entry = this.get(dataId);
    if (entry.values) return Promise.resolve(copyOf(entry.values));
    const shared = entry.reading;
    if (!shared) {
      try {
        entry.reading = this.#startReading(
          dataId,
          entry,
          entry.complex ? undefined : this.#scheduler.texture(entry, undefined, 'read'),
        );
      } catch (error) {
        return rejected(error);
      }
    }
    const reading = entry.reading!;
    // While the GPU is at it: what will be needed after the last pass of a step is known when its loss is read.
    this.#scheduler.settle();
    return shared ? reading.then(copyOf) : reading;
  }

  /** Nothing here throws before the first event that it waits for. */
  async #startReading(dataId: DataId, entry: TensorData, texture: Texture | undefined): Promise<BackendValues> {
    try {
      if (texture) {
        this.#readMates(entry);
        return keep(entry, await this.#device.read(texture, { ...texture, shape: entry.shape }));
      }
      const { real, imag } = entry.complex!;
      const parts = await Promise.all([real, imag].map((part) => this.read(part.dataId)));
      return backend_util.mergeRealAndImagArrays(parts[0] as Float32Array, parts[1] as Float32Array);
    } finally {
      entry.reading = undefined;
      if (entry.disposeAfterReading) this.#disposeRead(dataId, entry);
    }
  }

  /** Frees an entry that lost its last reference while it was read. */
  #disposeRead(dataId: DataId, entry: TensorData): void {
    if (this.#entries.get(dataId) === entry) {
      this.#delete(dataId);
      engine().removeDataId(dataId, this.#backend);
    }
    this.#free(entry);
  }

  /** Starts to read the values that will be read together with an entry, so that they arrive first. */
  #readMates(entry: TensorData): void {
    for (const mate of entry.readTogether ?? []) {
      const { texture, shape, refCount, values, reading, generation } = mate;
      mate.readTogether = undefined;
      if (mate === entry || !texture || refCount <= 0 || values || reading || generation !== this.#device.generation)
        continue;
      // Whoever reads it hears of a lost context.
      const ignore = (): void => undefined;
      this.#device.read(texture, { ...texture, shape }).then((read) => keep(mate, read), ignore);
    }
  }
}

/** Where nothing was awaited yet. */
async function rejected(error: unknown): Promise<never> {
  return Promise.reject(error instanceof Error ? error : new Error(String(error)));
}

const isKept = (values: Values): boolean => values.length <= KEPT_ELEMENTS;

/** Values that were read, of which a small tensor keeps a copy. */
function keep(entry: TensorData, values: Values): Values {
  if (isKept(values)) [entry.values, entry.wasRead] = [values.slice(), true];
  return values;
}
