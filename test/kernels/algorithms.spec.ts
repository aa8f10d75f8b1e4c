/** Each algorithm for convolutions and matrix products on every call that it serves, not only on those that it is chosen for. */
import '@tensorflow/tfjs-backend-cpu';
import { BatchMatMul, Conv2D, Conv2DBackpropFilter, Conv2DBackpropInput } from '@tensorflow/tfjs-core';
import cases from 'virtual:cases';
import { preferAlgorithm, type Algorithm } from '../../kernels/algorithm';
import { FORWARD } from '../../kernels/conv/conv2d';
import { FILTER_GRADIENT } from '../../kernels/conv/conv2d_filter_gradient';
import { INPUT_GRADIENT } from '../../kernels/conv/conv2d_input_gradient';
import { GEMM } from '../../kernels/matmul/gemm';
import type { TensorSpec } from '../cases/case';
import { useKernelsOfOurOwn } from './backends';
import { expectAsOnCpu } from './harness';

const TABLES = {
  [BatchMatMul]: GEMM,
  [Conv2D]: FORWARD,
  [Conv2DBackpropInput]: INPUT_GRADIENT,
  [Conv2DBackpropFilter]: FILTER_GRADIENT,
};

/** Geometries of the cases that every algorithm should serve, at least. */
const FEW = 2;

const isFull = ({ shape }: TensorSpec): boolean => !shape.includes(0);

describe('algorithms', () => {
  useKernelsOfOurOwn();
  afterEach(() => preferAlgorithm());

  for (const [kernel, table] of Object.entries(TABLES)) {
    // What is empty is computed by none.
    const own = cases.filter(
      (one) => one.kernel === kernel && one.bench !== true && Object.values(one.inputs).every(isFull),
    );
    for (const [place, algorithm] of table.entries()) {
      it(`${kernel}: ${algorithm.name}`, async () => {
        const run = spyOn(algorithm as Algorithm<unknown, () => unknown>, 'run').and.callThrough();
        preferAlgorithm(algorithm.name);
        for (const one of own) await expectAsOnCpu('convgl', one);
        expect(run.calls.count()).toBeGreaterThanOrEqual(FEW);
        // The last one serves all.
        if (place === table.length - 1) expect(run.calls.count()).toBe(own.length);
      }, 300_000);
    }
  }
});
