/** Ops that slide a window over planes and volumes: convolutions, pooling, and their gradients. */
import * as tf from '@tensorflow/tfjs-core';
import type { Fill } from '../../cases/case';
import type { Draw } from '../draw';
import { rowsOf, type Made, type Row, type Rows } from '../row';

/** How a window slides along each side of an input. */
interface Sliding {
  readonly sides: readonly number[];
  readonly window: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pad: 'same' | 'valid' | number;
}

interface Freedom {
  readonly dilated?: boolean;
  readonly padded?: boolean;
  /** Sides are at most this much longer than the window. */
  readonly room?: number;
}

const SIDES: readonly number[] = [3, 1, 2, 4, 5, 7];

function sliding(draw: Draw, dims: number, { dilated = false, padded = false, room = 9 }: Freedom): Sliding {
  // For a padding in numbers tfjs-core looks at the first side and stride only.
  const pad = padded && draw.chance(20) ? draw.int(0, 2) : draw.of(['valid', 'same'] as const);
  const each = <T>(one: () => T): T[] =>
    typeof pad === 'number' ? Array<T>(dims).fill(one()) : Array.from({ length: dims }, one);
  const window = each(() => draw.of(dims === 3 ? [1, 2, 3] : SIDES));
  const strides = each(() => draw.of([1, 1, 2, 3]));
  // Of both only one may differ from 1.
  const free = dilated && strides.every((stride) => stride === 1);
  const dilations = each(() => (free ? draw.of([1, 1, 2, 3]) : 1));
  const sides = window.map((side, d) => {
    const extent = (side - 1) * dilations[d]! + 1;
    return pad === 'same' ? draw.int(1, extent + room) : extent + draw.int(0, room);
  });
  return { sides, window, strides, dilations, pad };
}

/** Sides of the result, as tfjs-core computes them. */
function outSides({ sides, window, strides, dilations, pad }: Sliding): number[] {
  const three = sides.length === 3;
  const x = [1, ...sides, 1] as [number, number, number, number, number];
  const filter = [...window, 1, 1] as [number, number, number, number, number];
  const { outShape } = three
    ? tf.backend_util.computeConv3DInfo(x, filter, triple(strides), triple(dilations), pad)
    : tf.backend_util.computeConv2DInfo(
        x as readonly number[] as [number, number, number, number],
        filter as readonly number[] as [number, number, number, number],
        pair(strides),
        pair(dilations),
        pad,
      );
  return outShape.slice(1, -1);
}

const pair = ([a, b]: readonly number[]): [number, number] => [a!, b!];
const triple = ([a, b, c]: readonly number[]): [number, number, number] => [a!, b!, c!];

const CHANNELS = [4, 1, 3, 8, 5, 2, 7, 12, 16, 20];
const FLOATS: readonly Fill[] = ['normal', 'ties', 'normal', 'nonfinite'];
const FINITE: readonly Fill[] = ['normal', 'ties'];

/** Infinities and NaN times zeros of the filter, in an order of their own, are where sums of them are. */
const float = (draw: Draw, shape: readonly number[], fills = FINITE) => draw.tensor(shape, 'float32', fills);

const BATCHES = [1, 2, 3, 9];

/** Which operands a kernel takes: x and the filter, or the gradient of the result and one of them. */
function operands(
  draw: Draw,
  kernel: string,
  { x, filter, dy }: Readonly<Record<'x' | 'filter' | 'dy', readonly number[]>>,
): Made {
  if (kernel.includes('BackpropInput')) {
    return { inputs: { dy: float(draw, dy), filter: float(draw, filter) }, attrs: { inputShape: x } };
  }
  if (kernel.includes('BackpropFilter')) {
    return { inputs: { x: float(draw, x), dy: float(draw, dy) }, attrs: { filterShape: filter } };
  }
  return { inputs: { x: float(draw, x, FLOATS), filter: float(draw, filter) }, attrs: {} };
}

/** Channels from which on 3x3 filters that move by one are a case of their own; images must not be too small for it. */
const MANY_CHANNELS = [80, 84, 96];

function largeSliding(draw: Draw): Sliding {
  const sides = [draw.int(12, 16), draw.int(12, 16)];
  return { sides, window: [3, 3], strides: [1, 1], dilations: [1, 1], pad: draw.of(['same', 'valid'] as const) };
}

/** tfjs-backend-cpu's gradients know no dilation. */
const conv2d: Row = {
  sensitive: true,
  make: (draw, kernel) => {
    const forward = !kernel.includes('Backprop');
    const large = draw.chance(5);
    const s = large ? largeSliding(draw) : sliding(draw, 2, { dilated: forward, padded: true });
    const channels = large ? MANY_CHANNELS : CHANNELS;
    const [batch, inner, outer] = [draw.of(large ? [1, 2] : BATCHES), draw.of(channels), draw.of(channels)];
    const dataFormat = draw.chance(25) ? 'NCHW' : 'NHWC';
    const image = (sides: readonly number[], channels: number) =>
      dataFormat === 'NHWC' ? [batch, ...sides, channels] : [batch, channels, ...sides];
    const shapes = { x: image(s.sides, inner), filter: [...s.window, inner, outer], dy: image(outSides(s), outer) };
    const { inputs, attrs } = operands(draw, kernel, shapes);
    return { inputs, attrs: { ...attrs, strides: s.strides, dilations: s.dilations, pad: s.pad, dataFormat } };
  },
};

const depthwise: Row = {
  sensitive: true,
  make: (draw, kernel) => {
    const forward = !kernel.includes('Backprop');
    const s = sliding(draw, 2, { dilated: forward, padded: true });
    const [batch, inner, times] = [draw.of(BATCHES), draw.of(CHANNELS), draw.of([1, 2, 3, 4])];
    const shapes = {
      x: [batch, ...s.sides, inner],
      filter: [...s.window, inner, times],
      dy: [batch, ...outSides(s), inner * times],
    };
    const { inputs, attrs } = operands(draw, kernel, shapes);
    return { inputs, attrs: { ...attrs, strides: s.strides, dilations: s.dilations, pad: s.pad } };
  },
};

const conv3d: Row = {
  sensitive: true,
  make: (draw, kernel) => {
    const forward = !kernel.includes('Backprop');
    const s = sliding(draw, 3, { dilated: forward, room: 4 });
    const [batch, inner, outer] = [draw.int(1, 2), draw.of(CHANNELS), draw.of(CHANNELS)];
    const shapes = {
      x: [batch, ...s.sides, inner],
      filter: [...s.window, inner, outer],
      dy: [batch, ...outSides(s), outer],
    };
    const { inputs, attrs } = operands(draw, kernel, shapes);
    const own = forward ? { dilations: s.dilations, dataFormat: 'NDHWC' } : {};
    return { inputs, attrs: { ...attrs, ...own, strides: s.strides, pad: s.pad } };
  },
};

export const ACTIVATIONS = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'];

/** A convolution with a bias and an activation. */
function fused(row: Row, plain: string): Row {
  return {
    ...row,
    make: (draw) => {
      const { inputs, attrs } = row.make(draw, plain);
      const { x, filter } = inputs as Readonly<Record<'x' | 'filter', { readonly shape: readonly number[] }>>;
      const [inner, last] = filter.shape.slice(2) as [number, number];
      const outer = plain === tf.Conv2D ? last : inner * last;
      const activation = draw.of(ACTIVATIONS);
      return {
        inputs: {
          ...inputs,
          x: float(draw, x.shape),
          ...(draw.chance(60) ? { bias: float(draw, [outer]) } : {}),
          ...(activation === 'prelu' ? { preluActivationWeights: float(draw, draw.of([[outer], [1]])) } : {}),
        },
        attrs: { ...attrs, activation, leakyreluAlpha: 0.3 },
      };
    },
  };
}

const POOLED: readonly Fill[] = ['normal', 'ties', 'nonfinite'];

function pool(dims: 2 | 3): Row {
  return {
    sensitive: true,
    make: (draw, kernel): Made => {
      const forward = !kernel.endsWith('Grad');
      const drawn = sliding(draw, dims, { room: dims === 3 ? 4 : 9 });
      // tfjs-backend-cpu counts the places of a window in a volume by its height in place of its width.
      const s =
        kernel === tf.MaxPool3DGrad
          ? { ...drawn, window: drawn.window.map(() => drawn.window[0]!), pad: 'same' as const }
          : drawn;
      const [batch, channels] = [draw.int(1, 3), draw.of(CHANNELS)];
      const x = float(draw, [batch, ...s.sides, channels], kernel.startsWith('Max') ? ['special', ...POOLED] : POOLED);
      const attrs = {
        filterSize: s.window,
        strides: s.strides,
        pad: s.pad,
        ...(dims === 3 ? { dataFormat: 'NDHWC' } : {}),
        ...(kernel === tf.MaxPoolWithArgmax ? { includeBatchInIndex: draw.chance(50) } : {}),
      };
      if (forward) return { inputs: { x }, attrs };
      const out = [batch, ...outSides(s), channels];
      return { inputs: { dy: float(draw, out), input: x, output: float(draw, out) }, attrs };
    },
  };
}

export const windowRows: Rows = {
  ...rowsOf([tf.Conv2D, tf.Conv2DBackpropInput, tf.Conv2DBackpropFilter], conv2d),
  ...rowsOf(
    [tf.DepthwiseConv2dNative, tf.DepthwiseConv2dNativeBackpropInput, tf.DepthwiseConv2dNativeBackpropFilter],
    depthwise,
  ),
  ...rowsOf([tf.Conv3D, tf.Conv3DBackpropInputV2, tf.Conv3DBackpropFilterV2], conv3d),
  [tf.FusedConv2D]: fused(conv2d, tf.Conv2D),
  [tf.FusedDepthwiseConv2D]: fused(depthwise, tf.DepthwiseConv2dNative),
  ...rowsOf([tf.MaxPool, tf.AvgPool, tf.MaxPoolWithArgmax, tf.MaxPoolGrad, tf.AvgPoolGrad], pool(2)),
  ...rowsOf([tf.MaxPool3D, tf.AvgPool3D, tf.MaxPool3DGrad, tf.AvgPool3DGrad], pool(3)),
};
