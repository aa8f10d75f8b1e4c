/** What the backend holds for a data id: shape, references, and where the values are. */
import type { BackendValues, DataType, TensorInfo } from '@tensorflow/tfjs-core';
import type { Pending } from './deferred/expression';
import type { Texture } from './gl/device';
import type { DType } from './plan';
import type { Shape } from './shape';

/** One data id: its values on the host, its texture, or the expression that they are still to be computed by. */
export interface Entry {
  readonly shape: Shape;
  readonly dtype: DataType;
  /** References that tfjs and complex tensors have. */
  refCount: number;
  /** Pending expressions that read it; it outlives its last reference for them. */
  readers: number;
  values?: BackendValues | undefined;
  texture?: Texture | undefined;
  pending?: Pending | undefined;
  /** The device generation the texture belongs to. */
  generation: number;
  /** complex64: its two float32 tensors. */
  readonly complex?: { readonly real: TensorInfo; readonly imag: TensorInfo };
  reading?: Promise<BackendValues> | undefined;
  disposeAfterReading?: boolean;
}

/** A new entry with one reference. */
export function newEntry(
  shape: Shape,
  dtype: DataType,
  held: Pick<Entry, 'values' | 'texture' | 'pending' | 'complex'> & { readonly generation?: number },
): Entry {
  return { shape, dtype, refCount: 1, readers: 0, generation: 0, ...held };
}

/** The dtype as textures hold it. @throws Error for complex64 and strings */
export function gpuDType(dtype: DataType): DType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new Error(`Expected a float32, int32 or bool tensor, found ${dtype}.`);
}
