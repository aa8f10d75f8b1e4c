/** What is deferred by default, computed at once: the first cases of elementwise kernels and reductions agree with cpu too. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import cases from 'virtual:cases';
import { binaryKernels } from '../../kernels/binary';
import { castKernels } from '../../kernels/cast';
import { complexKernels } from '../../kernels/complex';
import { createKernels } from '../../kernels/create';
import { naryKernels } from '../../kernels/nary';
import { normalizeKernels } from '../../kernels/normalize';
import { reduceKernels } from '../../kernels/reduce';
import { unaryKernels } from '../../kernels/unary';
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
