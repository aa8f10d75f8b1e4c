/** Convolution geometry: which input row or column each filter tap reads, for forward convolutions and input gradients. */
import type { backend_util } from '@tensorflow/tfjs-core';

/** Taps of the outputs of one phase: the first tap that hits an input element, and the element it hits from output 0. */
export interface Phase {
  readonly firstTap: number;
  readonly base: number;
}

/**
 * One axis of a convolution. Output `o = phases.length * j + p` reads, with tap `firstTap[p] + i * tapStride`, the input
 * element `j * step + base[p] + i * tapStep`, for every i whose tap is below `size`. Elements outside [0, input) are zero.
 */
export interface Axis {
  readonly input: number;
  readonly output: number;
  /** Taps of the filter along this axis. */
  readonly size: number;
  readonly phases: readonly Phase[];
  readonly step: number;
  readonly tapStride: number;
  readonly tapStep: number;
}

/** A convolution over NHWC data. */
export interface Geometry {
  readonly batch: number;
  readonly rows: Axis;
  readonly columns: Axis;
}

/** What the axis functions need to know of tfjs's Conv2DInfo, along one axis. */
export interface Window {
  readonly input: number;
  readonly output: number;
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  /** Zeros before the first input element. */
  readonly pad: number;
}

export function rowWindow(info: backend_util.Conv2DInfo): Window {
  return {
    input: info.inHeight,
    output: info.outHeight,
    size: info.filterHeight,
    stride: info.strideHeight,
    dilation: info.dilationHeight,
    pad: info.padInfo.top,
  };
}

export function columnWindow(info: backend_util.Conv2DInfo): Window {
  return {
    input: info.inWidth,
    output: info.outWidth,
    size: info.filterWidth,
    stride: info.strideWidth,
    dilation: info.dilationWidth,
    pad: info.padInfo.left,
  };
}

/** The forward convolution along one axis: output o reads input `o * stride - pad + tap * dilation`. */
export function forwardAxis({ input, output, size, stride, dilation, pad }: Window): Axis {
  return { input, output, size, phases: [{ firstTap: 0, base: -pad }], step: stride, tapStride: 1, tapStep: dilation };
}

/**
 * The gradient with respect to the input along one axis, with the filter flipped: input i gets output
 * `(i + pad - (size - 1 - tap) * dilation) / stride` where that is an integer. Inputs that are equal modulo the stride hit
 * outputs with the same taps, and form a phase; a phase without any tap starts at `size`.
 */
export function backwardAxis({ input, output, size, stride, dilation, pad }: Window): Axis {
  const common = gcd(stride, dilation);
  const tapStride = stride / common;
  const phases = Array.from({ length: stride }, (_, p): Phase => {
    for (let tap = 0; tap < Math.min(size, tapStride); tap++) {
      const scaled = p + pad - (size - 1 - tap) * dilation;
      if (scaled % stride === 0) return { firstTap: tap, base: scaled / stride };
    }
    return { firstTap: size, base: 0 };
  });
  return { input: output, output: input, size, phases, step: 1, tapStride, tapStep: dilation / common };
}

/** A geometry whose columns were gathered into channels already: one tap that reads the column of the same index. */
export function axisInChannels(output: number): Axis {
  return { input: output, output, size: 1, phases: [{ firstTap: 0, base: 0 }], step: 1, tapStride: 1, tapStep: 1 };
}

/** The same as a window. */
export function windowInChannels({ output }: Window): Window {
  return { input: output, output, size: 1, stride: 1, dilation: 1, pad: 0 };
}

export function forwardGeometry(info: backend_util.Conv2DInfo): Geometry {
  return { batch: info.batchSize, rows: forwardAxis(rowWindow(info)), columns: forwardAxis(columnWindow(info)) };
}

export function backwardGeometry(info: backend_util.Conv2DInfo): Geometry {
  return { batch: info.batchSize, rows: backwardAxis(rowWindow(info)), columns: backwardAxis(columnWindow(info)) };
}

/** The most taps that any phase of the axis has. */
export function tapsPerPhase({ size, tapStride }: Axis): number {
  return Math.ceil(size / tapStride);
}

/** Outputs in the longest phase. */
export function outputsPerPhase({ output, phases }: Axis): number {
  return Math.ceil(output / phases.length);
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
