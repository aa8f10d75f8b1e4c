/** Checks of kernel attributes: each throws a KernelError that names the op, what was found and what was expected. */
import { KernelError } from '../src/kernel/define_kernel';
import type { Shape } from '../src/plan/shape';

/** @throws KernelError unless all are whole numbers of at least `least` */
export function expectWhole(kernel: string, what: string, numbers: readonly number[], least = 0): void {
  if (numbers.every((n) => Number.isSafeInteger(n) && n >= least)) return;
  throw new KernelError(
    kernel,
    `found ${what} [${numbers.join(', ')}], expected whole numbers${least > -Infinity ? ` of at least ${least}` : ''}.`,
  );
}

/** Dimensions of windows, as tfjs-core's infos name them. */
const SIDES = ['Depth', 'Height', 'Width'] as const;

type Side = (typeof SIDES)[number];

/** What tfjs-core makes of the attributes of a convolution or a pooling; of images nothing about a depth. */
type WindowInfo = Partial<
  Record<`${'in' | 'out' | 'filter' | 'stride' | 'dilation' | 'effectiveFilter'}${Side}`, number>
>;

/**
 * @param empty whether a filter larger than its input gives no elements, as tfjs-core has it for pooling in three dimensions
 * @throws KernelError for strides, dilations and filters that are not whole, and for a filter larger than its padded input
 */
export function checkWindows(kernel: string, info: WindowInfo, empty = false): void {
  const named = (name: 'in' | 'out' | 'filter' | 'stride' | 'dilation') =>
    SIDES.map((side) => info[`${name}${side}`]).filter((n) => n !== undefined);
  expectWhole(kernel, 'strides', named('stride'), 1);
  expectWhole(kernel, 'dilations', named('dilation'), 1);
  expectWhole(kernel, 'a filter of', named('filter'), 1);
  const [input, output] = [named('in'), named('out')];
  if (output.every((n, i) => Number.isInteger(n) && (n > 0 || (n === 0 && (empty || input[i] === 0))))) return;
  throw new KernelError(
    kernel,
    `found a filter of [${named('filter').join(', ')}] with dilations [${named('dilation').join(', ')}] on an input of [${input.join(', ')}], expected one that fits into the padded input.`,
  );
}

/** @throws KernelError unless there is a pair of whole numbers for each dimension */
export function checkPairs(
  kernel: string,
  what: string,
  pairs: readonly (readonly number[])[],
  dimensions: number,
): void {
  if (pairs.length !== dimensions || pairs.some((pair) => pair.length !== 2))
    throw new KernelError(
      kernel,
      `found ${what} [${pairs.join('; ')}], expected a pair for each of ${dimensions} dimensions.`,
    );
  expectWhole(kernel, what, pairs.flat());
}

/** @throws KernelError unless there is a whole number for each dimension */
export function checkPerDimension(kernel: string, what: string, numbers: readonly number[], shape: Shape): void {
  if (numbers.length !== shape.length)
    throw new KernelError(
      kernel,
      `found ${what} [${numbers.join(', ')}], expected one for each dimension of [${shape.join(', ')}].`,
    );
  expectWhole(kernel, what, numbers);
}
