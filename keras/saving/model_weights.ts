/** The weights of a tfjs model, read all at once and set all or none. */
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { WeightsMismatchError } from '../errors';
import type { StoredArray } from '../hdf5/reader';

export type Layer = tfl.layers.Layer;
export type Weight = Layer['weights'][number];
export type WeightValues = Float32Array | Int32Array | Uint8Array;

/** Values of weights by their variable; a weight that several layers share is read once. */
export type Values = ReadonlyMap<Weight, WeightValues>;

/** Reads weights, all at a time. */
export async function readWeights(weights: readonly Weight[]): Promise<Values> {
  const distinct = [...new Set(weights)];
  const values = await Promise.all(distinct.map((weight) => weight.read().data() as Promise<WeightValues>));
  return new Map(distinct.map((weight, i) => [weight, values[i]!]));
}

/** A weight of a model and the array of a file that it shall hold. */
export interface Assignment {
  readonly weight: Weight;
  readonly stored: StoredArray;
}

/** Pairs weights with arrays, and notes what is wrong with them. */
export class Assignments {
  readonly all: Assignment[] = [];
  readonly mismatches: string[] = [];

  /**
   * @param what of the model the weights belong to, for messages
   */
  add(what: string, weights: readonly Weight[], stored: readonly StoredArray[]): void {
    if (weights.length !== stored.length) {
      const shapes = stored.map(({ shape }) => shapeText(shape)).join(' ');
      const wanted = weights
        .map((weight) => `${weight.originalName} ${shapeText(weight.shape as number[])}`)
        .join(', ');
      this.mismatches.push(`${what}: found ${stored.length} weights ${shapes}, expected ${weights.length}: ${wanted}.`);
      return;
    }
    weights.forEach((weight, i) => {
      const array = stored[i]!;
      if (tf.util.arraysEqual(weight.shape as number[], array.shape as number[])) {
        this.all.push({ weight, stored: array });
      } else {
        const shape = shapeText(weight.shape as number[]);
        this.mismatches.push(
          `${weight.originalName}: found ${shapeText(array.shape)} at ${array.path}, expected ${shape}.`,
        );
      }
    });
  }

  /** Reads all arrays. @throws {WeightsMismatchError} where any does not fit */
  read(file: string): (() => void)[] {
    if (this.mismatches.length > 0) throw new WeightsMismatchError(file, this.mismatches);
    return this.all.map(({ weight, stored }) => {
      const values = valuesOf(stored, weight.dtype);
      return () => {
        const tensor = tf.tensor(values, weight.shape as number[], weight.dtype);
        // Its own `write` applies a constraint, which may change the last bits of what satisfies it.
        (weight as unknown as { readonly val: tf.Variable }).val.assign(tensor);
        tensor.dispose();
      };
    });
  }
}

/** Values of a file as a tensor of that type takes them. */
export function valuesOf(stored: StoredArray, dtype: string): WeightValues {
  const values = stored.read();
  if (dtype === 'int32') return Int32Array.from(values);
  return dtype === 'bool'
    ? Uint8Array.from(values)
    : values instanceof Float32Array
      ? values
      : Float32Array.from(values);
}

export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
