/** Arrays on the host: copies of those that callers may change, and conversion to the typed array of a dtype. */
import type { BackendValues, TypedArray } from '@tensorflow/tfjs-core';
import type { DType } from './plan';

/** The elements of a tensor of a dtype that textures hold. */
export type Values = Float32Array | Int32Array | Uint8Array;

/** Fewer values are copied, uploaded and read in no time. */
export const MANY = 4096;

/**
 * Arrays that hold one number throughout, by their type, length and number. tfjs's gradients make a tensor of ones for each sum that
 * they broadcast, and a new array takes longer to fill than an old one to compare. Nothing writes to an array that a tensor holds.
 */
const constants = new Map<string, WeakRef<TypedArray>>();
/** The references to arrays that are gone are dropped when there are as many. */
const CONSTANTS = 64;

/** A copy of values: an array that is given to us, or that we give away, may be changed. */
export function copyOf<V extends BackendValues | null>(values: V): V {
  return (values?.slice() ?? values) as V;
}

/** What a tensor holds of values that it is made of: a copy, which tensors of one number throughout may share. */
export function heldCopy(values: BackendValues | null): BackendValues | null {
  const isLong = ArrayBuffer.isView(values) && values.length >= MANY;
  return isLong && areAlike(values) ? constantLike(values) : copyOf(values);
}

function constantLike(values: TypedArray): TypedArray {
  const key = `${values.constructor.name} ${values.length} ${wordsOf(values)[0]}`;
  const known = constants.get(key)?.deref();
  if (known) return known;
  if (constants.size >= CONSTANTS) constants.clear();
  const copy = copyOf(values);
  constants.set(key, new WeakRef(copy));
  return copy;
}

/** Whether all values are one number. */
export function areAlike(values: TypedArray): boolean {
  const words = wordsOf(values);
  const first = words[0];
  for (let i = 1; i < words.length; i++) if (words[i] !== first) return false;
  return true;
}

/** The bits of floats: a NaN equals itself by them, 0 is not -0, and they are compared faster. */
function wordsOf(values: TypedArray): TypedArray {
  return values instanceof Float32Array ? new Int32Array(values.buffer, values.byteOffset, values.length) : values;
}

/**
 * Host values as the array that their dtype is read and uploaded as, with zeros for what is missing: out of an array that
 * holds a tensor, tfjs-core makes a tensor without values.
 */
export function typedValues(values: BackendValues, dtype: DType, size: number): Values {
  const given = values as TypedArray;
  const constructor = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[dtype];
  const typed = given instanceof constructor ? given : new constructor(given);
  if (typed.length >= size) return typed;
  const padded = new constructor(size);
  padded.set(typed);
  return padded;
}
