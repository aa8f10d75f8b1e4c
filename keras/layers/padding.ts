/** Layers that pad images: with zeros, with the outermost pixels, or with the other side's. */
import * as tf from '@tensorflow/tfjs-core';
import { layers, type Shape } from '@tensorflow/tfjs-layers';
import { KerasError } from '../errors';

type LayerArgs = ConstructorParameters<typeof layers.Layer>[0];

/** Options of `Padding2D`. */
export interface Padding2DArgs extends NonNullable<LayerArgs> {
  /** For all sides, for [height, width], or for [[top, bottom], [left, right]]; 1 unless told otherwise. */
  readonly padding?: number | readonly [number, number] | readonly (readonly [number, number])[];
  /** What lies outside of the image: zeros, its outermost pixels, or its other side. */
  readonly mode?: PaddingMode;
}

/** What lies outside of the image: zeros, its outermost pixels, or its other side. */
export type PaddingMode = 'zero' | 'edge' | 'wrap';

const MODES: readonly PaddingMode[] = ['zero', 'edge', 'wrap'];

/** Pads images of shape [batch, height, width, channels]. */
export class Padding2D extends layers.Layer {
  static readonly className = 'Padding2D';
  readonly padding: readonly (readonly [number, number])[];
  readonly mode: PaddingMode;

  constructor(args: Padding2DArgs = {}) {
    super(args);
    this.mode = args.mode ?? 'zero';
    this.padding = sides(args.padding ?? 1);
    this.inputSpec = [{ ndim: 4 }];
    if (!MODES.includes(this.mode))
      throw new KerasError(`Padding2D: found mode ${this.mode as string}, expected ${MODES.join(', ')}.`);
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = inputShape as Shape;
    this.padding.forEach(([before, after], i) => {
      const size = shape[i + 1];
      if (this.mode === 'wrap' && size != null && Math.max(before, after) > size)
        throw new KerasError(
          `Padding2D: found ${before} and ${after} pixels to wrap, expected at most the ${size} there are.`,
        );
    });
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [batch, height, width, channels] = inputShape as [number, number | null, number | null, number];
    const [rows, columns] = this.padding.map(([before, after]) => before + after);
    return [batch, height === null ? null : height + rows!, width === null ? null : width + columns!, channels];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = (Array.isArray(inputs) ? inputs[0]! : inputs) as tf.Tensor4D;
      const [rows, columns] = this.padding as [[number, number], [number, number]];
      if (this.mode === 'zero') return tf.pad(x, [[0, 0], rows, columns, [0, 0]]);
      return this.#padded(this.#padded(x, 1, rows), 2, columns);
    });
  }

  #padded(x: tf.Tensor4D, axis: number, [before, after]: readonly [number, number]): tf.Tensor4D {
    const size = x.shape[axis]!;
    const part = (start: number, length: number): tf.Tensor4D =>
      tf.slice(x, [0, 0, 0, 0].map((_, i) => (i === axis ? start : 0)), x.shape.map((all, i) => (i === axis ? length : all))); // prettier-ignore
    const repeated = (start: number, times: number): tf.Tensor4D =>
      tf.tile(part(start, 1), x.shape.map((_, i) => (i === axis ? times : 1))); // prettier-ignore
    const outside = this.mode === 'edge'
      ? [() => repeated(0, before), () => repeated(size - 1, after)]
      : [() => part(size - before, before), () => part(0, after)]; // prettier-ignore
    const [first, last] = [before, after].map((length, i) => (length === 0 ? [] : [outside[i]!()]));
    return tf.concat([...first!, x, ...last!], axis);
  }

  override getConfig(): tf.serialization.ConfigDict {
    const padding = this.padding.map((pair) => [...pair]);
    return { ...super.getConfig(), padding, mode: this.mode };
  }
}
tf.serialization.registerClass(Padding2D);

function sides(padding: NonNullable<Padding2DArgs['padding']>): (readonly [number, number])[] {
  const pairs = (typeof padding === 'number' ? [padding, padding] : padding).map((side) =>
    typeof side === 'number' ? ([side, side] as const) : side,
  );
  const counts = pairs.flat();
  if (pairs.length !== 2 || counts.length !== 4 || counts.some((count) => !(Number.isInteger(count) && count >= 0)))
    throw new KerasError(`Padding2D: found padding ${JSON.stringify(padding)}, expected whole numbers from 0.`);
  return pairs;
}
