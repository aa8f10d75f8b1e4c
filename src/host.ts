/** Runs tfjs-backend-cpu's kernels on values moved to the host, for small tensors and for kernels that have no GPU form. */
import {
  engine,
  getKernel,
  type KernelBackend,
  type KernelFunc,
  type NamedTensorInfoMap,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { ConvglBackend } from './backend';

type Attributes = Parameters<KernelFunc>[0]['attrs'];

/**
 * Lends the inputs to the cpu backend, runs its kernel, and takes the results back.
 *
 * @throws Error where the cpu backend lacks the kernel
 */
export function runOnHost(
  name: string,
  backend: ConvglBackend,
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

function lend(x: TensorInfo, backend: ConvglBackend, cpu: KernelBackend, lent: TensorInfo[]): TensorInfo {
  const y =
    x.dtype === 'complex64'
      ? (cpuKernel('Complex')({ inputs: lendParts(x, backend, cpu, lent), backend: cpu }) as TensorInfo)
      : { dataId: cpu.write(backend.hostValues(x.dataId), x.shape, x.dtype), shape: x.shape, dtype: x.dtype };
  lent.push(y);
  return y;
}

function lendParts(x: TensorInfo, backend: ConvglBackend, cpu: KernelBackend, lent: TensorInfo[]): NamedTensorInfoMap {
  const { real, imag } = backend.complexParts(x);
  return { real: lend(real, backend, cpu, lent), imag: lend(imag, backend, cpu, lent) };
}

function takeBack(y: TensorInfo, backend: ConvglBackend, cpu: KernelBackend): TensorInfo {
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
