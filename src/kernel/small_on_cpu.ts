/**
 * Runs small inputs that the host knows on tfjs-backend-cpu's kernel, because a draw costs more. A kernel declares for which inputs
 * both give the same bits, and the fuzzer runs each call both ways.
 */
import type { DataType, NamedTensorInfoMap, TensorInfo, TypedArray } from '@tensorflow/tfjs-core';
import type { Backend } from '../tensors/backend';
import { runOnHost, type Attributes } from './cpu_fallback';
import { sizeOf } from '../plan/shape';

/** Up to this many elements, a draw costs more than computing on the host. */
export const SMALL = 128;

/** An input whose values the host knows. */
export interface Known {
  readonly dtype: DataType;
  readonly values: TypedArray;
}

/** Whether tfjs-backend-cpu's kernel and the GPU give the same bits for these inputs. */
export type SmallOnCpu = (inputs: readonly Known[]) => boolean;

/** For kernels that are exact for inputs that all have one of these dtypes. */
export const exactFor =
  (...dtypes: readonly DataType[]): SmallOnCpu =>
  (inputs) =>
    dtypes.includes(inputs[0]!.dtype) && inputs.every(({ dtype }) => dtype === inputs[0]!.dtype);

/** For kernels that multiply one element of each input: tfjs-backend-cpu rounds integers beyond 2^53 before they wrap. */
export const exactProducts: SmallOnCpu = (inputs) =>
  exactFor('float32', 'int32')(inputs) &&
  (inputs[0]!.dtype === 'float32' || isExact(inputs.map(({ values }) => greatestOf(values))));

/** For kernels that multiply all elements. */
export const exactProduct: SmallOnCpu = (inputs) =>
  exactFor('int32')(inputs) && isExact(inputs.flatMap(({ values }) => Array.from(values, Math.abs)));

const greatestOf = (values: TypedArray): number => Math.max(...Array.from(values, Math.abs));

const isExact = (factors: readonly number[]): boolean =>
  factors.reduce((product, x) => product * Math.max(1, x), 1) <= Number.MAX_SAFE_INTEGER;

/** Smallest float32 that is not subnormal. */
const SMALLEST_NORMAL = 2 ** -126;

/** Whether all GPUs treat all these numbers alike: subnormal ones count as 0 on some, and -0 as 0. */
export function isOrdinary(values: TypedArray): boolean {
  if (!(values instanceof Float32Array)) return true;
  return values.every((x) => (x === 0 ? !Object.is(x, -0) : !(Math.abs(x) < SMALLEST_NORMAL)));
}

/** The result of tfjs-backend-cpu's kernel, or undefined if the GPU may give other bits. */
export function computeSmall(
  kernelName: string,
  backend: Backend,
  call: { readonly inputs: NamedTensorInfoMap; readonly attrs: Attributes },
  smallOnCpu: SmallOnCpu,
): TensorInfo | undefined {
  if (!backend.smallOnCpu) return undefined;
  const known = smallInputs(backend, call.inputs);
  if (!known || !smallOnCpu(known)) return undefined;
  const y = runOnHost(kernelName, backend, call.inputs, call.attrs) as TensorInfo;
  if (isOrdinary(backend.hostValues(y.dataId) as TypedArray)) return y;
  backend.disposeData(y.dataId);
  return undefined;
}

/** All inputs, if there are some, and few elements in all. */
function smallInputs(backend: Backend, inputs: NamedTensorInfoMap): readonly Known[] | undefined {
  const known: Known[] = [];
  let elements = 0;
  for (const name in inputs) {
    const { dataId, dtype, shape } = inputs[name]!;
    elements += sizeOf(shape);
    const values = elements <= SMALL && dtype !== 'complex64' ? backend.knownValues(dataId) : undefined;
    if (!values || values.length === 0 || !isOrdinary(values as TypedArray)) return undefined;
    known.push({ dtype, values: values as TypedArray });
  }
  return known.length > 0 ? known : undefined;
}
