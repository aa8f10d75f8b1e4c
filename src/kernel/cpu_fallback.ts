/** Runs tfjs-backend-cpu's kernels on values moved to the host. */
import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import {
  backend_util,
  engine,
  getKernel,
  util,
  type KernelBackend,
  type KernelFunc,
  type NamedTensorInfoMap,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { Backend } from '../tensors/backend';

export type Attributes = Parameters<KernelFunc>[0]['attrs'];

/**
 * Lends the inputs to the cpu backend, runs its kernel, and takes the results back.
 *
 * @throws Error where the cpu backend lacks the kernel
 */
export function runOnHost(
  name: string,
  backend: Backend,
  inputs: NamedTensorInfoMap,
  attrs?: Attributes,
): TensorInfo | TensorInfo[] {
  const cpu = engine().findBackend('cpu');
  const lent: TensorInfo[] = [];
  const lendEach = (x: TensorInfo) => lend(x, backend, cpu, lent);
  // A list of tensors, as Concat takes it and RaggedTensorToTensor holds it, arrives as an array and must stay one.
  const given: Record<string, TensorInfo | TensorInfo[] | undefined> = Object.assign(
    Array.isArray(inputs) ? [] : {},
    inputs,
  );
  try {
    for (const [key, x] of Object.entries(given)) given[key] = Array.isArray(x) ? x.map(lendEach) : x && lendEach(x);
    const outputs = cpuKernel(name)({ inputs: given as NamedTensorInfoMap, attrs, backend: cpu });
    return Array.isArray(outputs) ? outputs.map((y) => takeBack(y, backend, cpu)) : takeBack(outputs, backend, cpu);
  } finally {
    lent.forEach((x) => cpu.disposeData(x.dataId));
  }
}

function cpuKernel(name: string): KernelFunc {
  const kernel = getKernel(name, 'cpu');
  if (!kernel) throw new Error(`${name}: neither convgl nor tfjs-backend-cpu has this kernel.`);
  return kernel.kernelFunc;
}

function lend(x: TensorInfo, backend: Backend, cpu: KernelBackend, lent: TensorInfo[]): TensorInfo {
  const y =
    x.dtype === 'complex64'
      ? (cpuKernel('Complex')({ inputs: lendParts(x, backend, cpu, lent), backend: cpu }) as TensorInfo)
      : lentTensor(cpu.write(backend.hostValues(x.dataId), x.shape, x.dtype), x);
  lent.push(y);
  return y;
}

/** tfjs-backend-cpu takes some inputs for tensors and asks what these know beside their shape. */
function lentTensor(dataId: TensorInfo['dataId'], { shape, dtype }: TensorInfo): TensorInfo {
  const known = { rank: shape.length, size: util.sizeFromShape(shape), strides: util.computeStrides(shape) };
  return { dataId, shape, dtype, ...known };
}

function lendParts(x: TensorInfo, backend: Backend, cpu: KernelBackend, lent: TensorInfo[]): NamedTensorInfoMap {
  const { real, imag } = backend.complexParts(x);
  return { real: lend(real, backend, cpu, lent), imag: lend(imag, backend, cpu, lent) };
}

function takeBack(y: TensorInfo, backend: Backend, cpu: KernelBackend): TensorInfo {
  const { shape, dtype } = y;
  if (dtype !== 'complex64') {
    const dataId = backend.write(cpu.readSync(y.dataId), shape, dtype);
    cpu.disposeData(y.dataId);
    return { dataId, shape, dtype };
  }
  const [real, imag] = ['Real', 'Imag'].map((part) =>
    takeBack(cpuKernel(part)({ inputs: { input: y }, backend: cpu }) as TensorInfo, backend, cpu),
  );
  cpu.disposeData(y.dataId);
  return { dataId: backend.adoptComplex(real!, imag!), shape, dtype };
}

const mended = new WeakSet<KernelBackend>();

/**
 * Lets tfjs-backend-cpu take over complex64 tensors of other backends. By itself it holds their numbers as it does those of
 * real ones, and then finds no parts to read.
 */
export function mendComplexMoves(): void {
  const cpu = engine().findBackend('cpu') as MathBackendCPU | null;
  if (!cpu || mended.has(cpu)) return;
  mended.add(cpu);
  const move = cpu.move.bind(cpu);
  cpu.move = (...args) => {
    const [dataId, values, shape, dtype, refCount] = args;
    if (dtype !== 'complex64') return move(...args);
    const { real, imag } = backend_util.splitRealAndImagArrays(values as Float32Array);
    const complexTensorInfos = {
      real: cpu.makeTensorInfo(shape, 'float32', real),
      imag: cpu.makeTensorInfo(shape, 'float32', imag),
    };
    cpu.data.set(dataId, { dtype, refCount, complexTensorInfos });
  };
}
