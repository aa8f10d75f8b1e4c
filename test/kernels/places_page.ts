/** The page's side of places.js: finds out about each kernel by running cases of it. */
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import cases from 'virtual:cases';
import { configure, kernelPlaces } from '../../src/index';
import { backendInside } from '../backend';
import type { KernelCase, TensorSpec } from '../cases/case';
import { randomOf, valuesOf } from '../cases/fill';
import { callKernel, fillInputs, type InputValues } from './call';
import { differing, misshapen } from './compare';
import type { KernelRow } from './kernel_row';

/** Kernels whose ops bring their gradient along in place of registering it. */
const UNREGISTERED = ['FusedConv2D', 'FusedDepthwiseConv2D', '_FusedMatMul'];

const DTYPES = ['float32', 'int32', 'bool', 'complex64'] as const;

/** Cases of a kernel that are tried for each dtype, the smallest first. */
const TRIED = 4;

const specsOf = ({ inputs }: KernelCase): [string, TensorSpec][] => Object.entries<TensorSpec>(inputs);
const elements = (one: KernelCase) =>
  specsOf(one).reduce((sum, [, { shape }]) => sum + tf.util.sizeFromShape([...shape]), 0);
const dtypeOf = ({ dtype = 'float32' }: TensorSpec) => dtype;

function casesOf(kernel: string): KernelCase[] {
  const own = cases.filter((one) => one.kernel === kernel && one.bench !== true);
  const whole = own.filter((one) => specsOf(one).every(([, { shape }]) => tf.util.sizeFromShape([...shape]) > 0));
  return whole.sort((a, b) => elements(a) - elements(b));
}

/** The case with all its inputs of one dtype, float32 where it has such, of another: indices and the like stay. */
function withDType(one: KernelCase, dtype: tf.DataType): KernelCase {
  const specs = specsOf(one);
  const changed = specs.some(([, spec]) => dtypeOf(spec) === 'float32') ? 'float32' : specs[0] && dtypeOf(specs[0][1]);
  const change = (spec: TensorSpec): TensorSpec =>
    dtypeOf(spec) === changed && changed !== dtype ? { shape: spec.shape, dtype } : spec;
  const inputs = Object.fromEntries(specs.map(([key, spec]) => [key, change(spec)]));
  return { ...one, inputs: Array.isArray(one.inputs) ? Object.values(inputs) : inputs };
}

function valuesFor(one: KernelCase): InputValues {
  const random = randomOf(1, `${one.kernel} ${one.name}`);
  return fillInputs(one, (spec) => valuesOf(spec, random));
}

/** Whether convgl gives what tfjs-backend-cpu does; not where that refuses. */
async function agrees(one: KernelCase): Promise<boolean> {
  const values = valuesFor(one);
  try {
    const expected = await callKernel('cpu', one, values);
    const actual = await callKernel('convgl', one, values);
    return actual.every((y, i) => {
      const reference = expected[i]!;
      return misshapen(y, reference).length === 0 && differing(y, [reference], one).length === 0;
    });
  } catch {
    return false;
  }
}

async function dtypesOf(kernel: string): Promise<string[] | undefined> {
  const own = casesOf(kernel);
  if (own.length === 0) return undefined;
  const found: string[] = [];
  for (const dtype of DTYPES) {
    const native = own.filter((one) => specsOf(one).some(([, spec]) => dtypeOf(spec) === dtype));
    const tried = [...native.slice(0, TRIED), ...own.slice(0, TRIED).map((one) => withDType(one, dtype))];
    for (const one of tried) {
      const takes = specsOf(one).length > 0 || (one.attrs?.['dtype'] ?? 'float32') === dtype;
      if (!takes || !(await agrees(one))) continue;
      found.push(dtype);
      break;
    }
  }
  return found;
}

/** Whether calls draw nothing and take no memory on the GPU, where their inputs are. */
async function needsNoPass(kernel: string): Promise<boolean> {
  const textured = (spec: TensorSpec) => ['float32', 'int32', 'bool'].includes(dtypeOf(spec));
  const tried = casesOf(kernel).filter((one) => specsOf(one).length > 0 && specsOf(one).every(([, x]) => textured(x)));
  if (tried.length === 0) return false;
  await tf.setBackend('convgl');
  const backend = backendInside();
  return tried.every((one) =>
    tf.tidy(() => {
      const values = valuesFor(one);
      const inputs = specsOf(one).map(([key, spec]) => {
        const x = tf.tensor(values[key]!, [...spec.shape], dtypeOf(spec));
        backend.texture(x.dataId);
        return [key, x] as const;
      });
      const measure = () => [backend.stats().draws, backend.memory().numBytesInGPU];
      const before = measure();
      const given = Array.isArray(one.inputs) ? inputs.map(([, x]) => x) : Object.fromEntries(inputs);
      tf.engine().runKernel(kernel, given as tf.NamedTensorMap, (one.attrs ?? {}) as tf.NamedAttrMap);
      return measure().every((now, i) => now === before[i]);
    }),
  );
}

const hasGradient = (kernel: string) => UNREGISTERED.includes(kernel) || tf.getGradient(kernel) !== undefined;

/** Starts anew, so that what one kernel's calls leave behind is no other's. */
function renewBackend(): void {
  const { factory, priority } = tf.engine().registryFactory['convgl']!;
  tf.removeBackend('convgl');
  tf.registerBackend('convgl', factory, priority);
}

/** The kernels of the package whose names fit an expression, by name. */
async function kernelTable(fit: string, tell: (done: number, of: number) => void): Promise<KernelRow[]> {
  const { gpu, host, missing, gradients } = kernelPlaces();
  // What waits would draw nothing, and what is small would not come to the GPU.
  configure({ deferred: false, smallOnCpu: false });
  const rows: KernelRow[] = [];
  const names = [...gpu, ...host, ...missing].filter((name) => new RegExp(fit).test(name)).sort();
  for (const kernel of names) {
    tell(rows.length, names.length);
    renewBackend();
    const onHost = !gpu.includes(kernel);
    rows.push({
      kernel,
      where: onHost ? 'host' : (await needsNoPass(kernel)) ? 'no pass' : 'GPU',
      dtypes: onHost ? undefined : await dtypesOf(kernel),
      gradient: gradients.includes(kernel) ? 'convgl' : hasGradient(kernel) ? 'tfjs-core' : undefined,
    });
  }
  return rows;
}

Object.assign(globalThis, { kernelTable });
