/** Resizing and cropping of images, and gradients; the host computes the sample positions in float64. */
import {
  CropAndResize,
  ResizeBilinear,
  ResizeBilinearGrad,
  ResizeNearestNeighbor,
  ResizeNearestNeighborGrad,
  type CropAndResizeAttrs,
  type CropAndResizeInputs,
  type KernelConfig,
  type ResizeBilinearAttrs,
  type ResizeBilinearGradInputs,
  type ResizeBilinearInputs,
  type ResizeNearestNeighborAttrs,
  type ResizeNearestNeighborGradInputs,
  type ResizeNearestNeighborInputs,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { expectWhole } from '../checks';
import { defineKernel, type KernelContext } from '../../src/kernel/define_kernel';
import { stridesOf } from '../../src/plan/shape';
import { move } from '../movement/move_elements';
import { resampleGradPlan, resamplePlan, type Method } from './resize_shader';

type Image = [number, number, number, number];

/** Where one row or column of a result lies in the source: between `low` and `high`, `fraction` of the way. */
interface Tap {
  readonly low: number;
  readonly high: number;
  readonly fraction: number;
}

/** How one side of an image is resized. */
interface Scaling {
  readonly from: number;
  readonly to: number;
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** Source pixels for each pixel of the result. */
function ratioOf({ from, to, alignCorners }: Scaling): number {
  return alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
}

/** The taps of each row, or of each column, of a resized image. */
export function tapsOf(method: Method, scaling: Scaling): Tap[] {
  const { from, to, alignCorners, halfPixelCenters } = scaling;
  const ratio = ratioOf(scaling);
  const clamp = (i: number) => Math.max(0, Math.min(from - 1, i));
  return Array.from({ length: to }, (_, i) => {
    if (method === 'nearest') {
      const position = halfPixelCenters ? ratio * (i + 0.5) : ratio * i;
      const low = clamp(alignCorners ? Math.round(position) : Math.floor(position));
      return { low, high: low, fraction: 0 };
    }
    const position = halfPixelCenters ? ratio * (i + 0.5) - 0.5 : ratio * i;
    const low = Math.max(0, Math.floor(position));
    return { low, high: clamp(Math.ceil(position)), fraction: position - low };
  });
}

/** For each pixel of the source, the first tap that touches it and the one after the last; taps must ascend. */
export function touching(taps: readonly Tap[], pixels: number): [number, number][] {
  const ranges = Array.from({ length: pixels }, (): [number, number] => [0, 0]);
  taps.forEach(({ low, high }, i) => {
    for (const pixel of new Set([low, high])) {
      const range = ranges[pixel]!;
      if (range[1] === 0) range[0] = i;
      range[1] = i + 1;
    }
  });
  return ranges;
}

/** A tensor with four numbers a row, for shaders to read. */
function table(ctx: KernelContext, rows: readonly (readonly number[])[]): TensorInfo {
  const values = new Float32Array(rows.length * 4);
  rows.forEach((row, i) => values.set(row, i * 4));
  return ctx.upload([rows.length, 4], 'float32', values);
}

const INSIDE = 1;
const rowOf = ({ low, high, fraction }: Tap) => [low, high, fraction, INSIDE];

/** Whether every source pixel is simply taken `times` times. */
function repeats(taps: readonly Tap[], times: number): boolean {
  return taps.every(({ low }, i) => low === Math.floor(i / times));
}

function resize(ctx: KernelContext, x: TensorInfo, method: Method, attrs: ResizeBilinearAttrs): TensorInfo {
  const kernel = method === 'bilinear' ? ResizeBilinear : ResizeNearestNeighbor;
  const [n, h, w, c] = x.shape as Image;
  const [height, width] = attrs.size;
  expectWhole(kernel, 'a size of', attrs.size);
  const shape = [n, height, width, c];
  const rows = tapsOf(method, { ...attrs, from: h, to: height });
  const columns = tapsOf(method, { ...attrs, from: w, to: width });
  const [timesDown, timesAcross] = [height / h, width / w];
  if (
    method === 'nearest' &&
    Number.isInteger(timesDown) &&
    Number.isInteger(timesAcross) &&
    repeats(rows, timesDown) &&
    repeats(columns, timesAcross)
  ) {
    // As in UpSampling2D: no table, an index map.
    const [sn, sh, sw, sc] = stridesOf(x.shape) as Image;
    return move(
      ctx,
      x,
      { dims: [n, h, timesDown, w, timesAcross, c], strides: [sn, sh, 0, sw, 0, sc], offset: 0 },
      shape,
    );
  }
  const from = ctx.layout(x);
  const out = ctx.newLayout(shape, method === 'nearest' ? from.dtype : 'float32');
  return ctx.run(resamplePlan({ method }, from, out), [x, table(ctx, [...rows, ...columns].map(rowOf))]);
}

function resizeGrad(
  ctx: KernelContext,
  { images, dy }: { images: TensorInfo; dy: TensorInfo },
  method: Method,
  alignCorners: boolean,
): TensorInfo {
  const [, h, w] = images.shape as Image;
  const [, height, width] = dy.shape as Image;
  // tfjs-core asks for no gradient with half-pixel centres.
  const scaling = { alignCorners, halfPixelCenters: false };
  const rows = tapsOf(method, { from: h, to: height, ...scaling });
  const columns = tapsOf(method, { from: w, to: width, ...scaling });
  const lists = [...rows.map(rowOf), ...columns.map(rowOf), ...touching(rows, h), ...touching(columns, w)];
  return ctx.run(resampleGradPlan(method, ctx.layout(dy), ctx.newLayout(images.shape, 'float32')), [
    dy,
    table(ctx, lists),
  ]);
}

/** The taps of one side of one crop; undefined where a tap lies outside of the image, of NaN where it lies nowhere. */
function cropTaps(
  method: Method,
  { start, end }: { start: number; end: number },
  { from, to }: { from: number; to: number },
): (Tap | undefined)[] {
  const step = to > 1 ? ((end - start) * (from - 1)) / (to - 1) : 0;
  return Array.from({ length: to }, (_, i) => {
    const position = to > 1 ? start * (from - 1) + i * step : 0.5 * (start + end) * (from - 1);
    if (Number.isNaN(position)) return { low: 0, high: 0, fraction: NaN };
    if (position < 0 || position > from - 1) return undefined;
    if (method === 'nearest') return { low: Math.round(position), high: Math.round(position), fraction: 0 };
    const low = Math.floor(position);
    return { low, high: Math.ceil(position), fraction: position - low };
  });
}

function cropAndResize(
  ctx: KernelContext,
  { image, boxes, boxInd }: CropInputs,
  attrs: CropAndResizeAttrs,
): TensorInfo {
  const [, h, w, c] = image.shape as Image;
  const { cropSize, method, extrapolationValue } = attrs;
  const [height, width] = cropSize;
  expectWhole(CropAndResize, 'a crop size of', cropSize, 1);
  const count = boxes.shape[0]!;
  const out = ctx.newLayout([count, height, width, c], 'float32');
  // Boxes that only the GPU knows are waited for: whether a tap on the image's edge is inside hangs on the last bit.
  const corners = ctx.hostValues(boxes);
  const taps = Array.from({ length: count }, (_, b) => {
    const [y1, x1, y2, x2] = Array.from(corners.subarray(4 * b, 4 * b + 4)) as Image;
    return [
      ...cropTaps(method, { start: y1, end: y2 }, { from: h, to: height }),
      ...cropTaps(method, { start: x1, end: x2 }, { from: w, to: width }),
    ];
  });
  const list = table(
    ctx,
    taps.flat().map((tap) => (!tap ? [] : Number.isNaN(tap.fraction) ? [0, 0, 0, NaN] : rowOf(tap))),
  );
  return ctx.run(
    resamplePlan(
      { method, boxes: ctx.layout(boxInd).dtype, extrapolation: extrapolationValue },
      ctx.layout(image),
      out,
    ),
    [image, list, boxInd],
  );
}

type CropInputs = { image: TensorInfo; boxes: TensorInfo; boxInd: TensorInfo };

export const resizeKernels: readonly KernelConfig[] = [
  defineKernel<ResizeBilinearInputs, ResizeBilinearAttrs>(ResizeBilinear, (ctx, { images }, attrs) =>
    resize(ctx, images, 'bilinear', attrs),
  ),
  defineKernel<ResizeNearestNeighborInputs, ResizeNearestNeighborAttrs>(
    ResizeNearestNeighbor,
    (ctx, { images }, attrs) => resize(ctx, images, 'nearest', attrs),
  ),
  defineKernel<ResizeBilinearGradInputs, ResizeBilinearAttrs>(ResizeBilinearGrad, (ctx, inputs, { alignCorners }) =>
    resizeGrad(ctx, inputs, 'bilinear', alignCorners),
  ),
  defineKernel<ResizeNearestNeighborGradInputs, ResizeNearestNeighborAttrs>(
    ResizeNearestNeighborGrad,
    (ctx, inputs, { alignCorners }) => resizeGrad(ctx, inputs, 'nearest', alignCorners),
  ),
  defineKernel<CropAndResizeInputs, CropAndResizeAttrs>(CropAndResize, cropAndResize),
];
