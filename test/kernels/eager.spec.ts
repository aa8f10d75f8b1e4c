/** What is deferred by default, computed at once: the first cases of elementwise kernels and reductions agree with cpu too. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import cases from 'virtual:cases';
import { binaryKernels } from '../../kernels/elementwise/binary';
import { castKernels } from '../../kernels/elementwise/cast';
import { complexKernels } from '../../kernels/elementwise/complex';
import { createKernels } from '../../kernels/elementwise/create';
import { naryKernels } from '../../kernels/elementwise/nary';
import { normalizeKernels } from '../../kernels/nn/normalization';
import { reduceKernels } from '../../kernels/reduce/reduce';
import { unaryKernels } from '../../kernels/elementwise/unary';
import { useBackend } from '../device/backends';
import { expectAsOnCpu } from './harness';

/** Cases of one kernel; all of them run with --eager. */
const FIRST = 2;

const families = [
  binaryKernels,
  castKernels,
  complexKernels,
  createKernels,
  naryKernels,
  normalizeKernels,
  reduceKernels,
  unaryKernels,
];

describe('with nothing deferred', () => {
  useBackend({ deferred: false });
  let name = '';
  beforeAll(() => {
    name = tf.getBackend();
  });
  for (const { kernelName } of families.flat()) {
    const own = cases.filter(({ kernel, bench }) => kernel === kernelName && bench !== true);
    for (const one of own.slice(0, FIRST)) it(`${kernelName}: ${one.name}`, () => expectAsOnCpu(name, one));
  }
});
