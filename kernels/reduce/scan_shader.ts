/** Parallel prefix scan: each pass combines four results of the pass before, at a growing distance. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { shader } from '../../src/glsl/shader';
import type { KernelContext } from '../../src/kernel/define_kernel';
import { template, type DType, type Layout, type Plan } from '../../src/plan/plan';
import { sizeOf } from '../../src/plan/shape';
import { eachGrain, grainHelper, grainType, load, type Grains } from '../shader/vector_width';

/** Values that one pass combines; four, so that all passes but the first can move whole texels along a row. */
const REACH = 4;

/** A running combination. */
export interface Scan {
  /** GLSL of two results `a` and `b`, the one after the other, as one; scalars or vectors. */
  readonly combine: string;
  readonly identity: string;
  readonly axis: number;
  /** Whether an element is left out of its own result. */
  readonly exclusive: boolean;
  /** Whether results run from the end of the axis to its start. */
  readonly reverse: boolean;
}

interface ScanParams {
  readonly from: DType;
  readonly dtype: DType;
  readonly combine: string;
  readonly identity: string;
  readonly whole: boolean;
}

const scanPass = template<ScanParams>(
  'scan',
  () => ['x'],
  ({ from, dtype, combine, identity, whole }) => {
    const grains: Grains = { dtype, whole, rank: 3 };
    const type = grainType(dtype, whole);
    return shader({
      samplers: { x: from },
      uniforms: ['int dims[3]', 'int first', 'int distance'],
      outputs: [dtype],
      helpers: [
        load('x', from, whole),
        grainHelper(grains),
        `${type} combine(${type} a, ${type} b) { return ${combine}; }`,
        // A reversed scan has negative distances. What lies before the start of the axis is left out.
        `${type} value(int c[3]) {
  ${type} acc = ${type}(${identity});
  int place = c[1] + first;
  for (int k = 0; k < ${REACH} && place >= 0 && place < dims[1]; k++) {
    acc = combine(x_load((c[0] * dims[1] + place) * dims[2] + c[2]), acc);
    place -= distance;
  }
  return acc;
}`,
      ],
      body: eachGrain(grains),
    });
  },
);

/**
 * One pass: combines the elements at `first`, first - distance and so on, four at most, relative to each element.
 */
export function scanPlan(
  scan: Scan,
  x: Layout,
  { first, distance }: { first: number; distance: number },
  out: Layout,
): Plan {
  const { combine, identity, axis } = scan;
  const { shape } = out;
  const [outer, length, inner] = [sizeOf(shape.slice(0, axis)), shape[axis]!, sizeOf(shape.slice(axis + 1))];
  const inFours = inner === 1 && [length, first, distance].every((n) => n % 4 === 0);
  const uniforms = inFours
    ? { dims: [outer, length / 4, 4], first: first / 4, distance: distance / 4 }
    : { dims: [outer, length, inner], first, distance };
  const whole = inFours || inner % 4 === 0;
  return scanPass({ from: x.dtype, dtype: out.dtype, combine, identity, whole }, { uniforms, outputs: [out] });
}

/** Scans a tensor along one axis. */
export function runScan(ctx: KernelContext, scan: Scan, x: TensorInfo, dtype: DType): TensorInfo {
  const length = x.shape[scan.axis]!;
  const direction = scan.reverse ? -1 : 1;
  const out = ctx.newLayout(x.shape, dtype);
  let y = x;
  // The first pass leaves the element itself out where that is asked for; the later ones combine its results.
  for (let reach = 1; reach === 1 || reach < length; reach *= REACH) {
    const first = reach === 1 && scan.exclusive ? -direction : 0;
    const next = ctx.run(scanPlan(scan, ctx.layout(y), { first, distance: direction * reach }, out), [y]);
    if (y !== x) ctx.release(y);
    y = next;
  }
  return y;
}
