/** defineKernel: the one typed bridge to tfjs's untyped registry. */
import {
  getKernel,
  type KernelConfig,
  type KernelFunc,
  type NamedTensorInfoMap,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { ConvglBackend } from './backend';
import type { KernelContext } from './context';
import { runOnHost } from './host';
import type { DType } from './plan';
import { within } from './scope';
import { sizeOf, type Shape } from './shape';

export type { KernelContext, Part, Produce } from './context';

/** tfjs-core's name of our backend. */
export const BACKEND = 'convgl';

/** Inputs of together at most this many elements that are on the host already are computed there: a draw costs more. */
const FORWARDED_ELEMENTS = 128;

/** Thrown by a kernel for inputs or attributes it cannot take; the message names op, found, and expected. */
export class KernelError extends Error {
  constructor(kernel: string, problem: string) {
    super(`${kernel}: ${problem}`);
    this.name = 'KernelError';
  }
}

/** The dtype of a tensor that has numbers for elements. @throws KernelError for complex64, which few kernels take */
export function realDType(kernel: string, { dtype }: TensorInfo): DType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new KernelError(kernel, `found a ${dtype} tensor, expected float32, int32 or bool.`);
}

/** tfjs-core picks its inputs from an index signature, which may lack any of them; these are there. */
type Present<I> = { [K in keyof I]: NonNullable<I[K]> };

/** What a kernel computes: one tensor or several from named inputs and attributes. */
export type Compute<I, A> = (ctx: KernelContext, inputs: Present<I>, attrs: A) => TensorInfo | TensorInfo[];

/** How a kernel is registered. */
export interface KernelOptions {
  /**
   * Whether small inputs and strings are computed on the host. False for a kernel that takes its inputs wherever they are:
   * views, and what decides for itself.
   */
  readonly forward?: boolean | 'strings';
}

/** For kernels whose result may be much larger than their inputs: computed on the host, it would have to be uploaded. */
export const GROWS: KernelOptions = { forward: 'strings' };

/**
 * A kernel for tfjs's registry. `I` and `A` are tfjs-core's own types for the kernel's inputs and attributes; the registry
 * is untyped, so this is the one place that has to believe them.
 */
export function defineKernel<I, A = object>(
  kernelName: string,
  compute: Compute<I, A>,
  { forward = true }: KernelOptions = {},
): KernelConfig {
  const kernelFunc: KernelFunc = ({ inputs, attrs, backend }) => {
    const convgl = backend as ConvglBackend;
    if (forward) {
      const home = homeOf(convgl, inputs, forward === true && convgl.forwardSmall);
      if (home === 'host' || (home === 'either' && getKernel(kernelName, 'cpu')))
        return runOnHost(kernelName, convgl, inputs, attrs);
    }
    return within(convgl, (scope) => compute(scope, inputs as I as Present<I>, attrs as A));
  };
  return { kernelName, backendName: BACKEND, kernelFunc };
}

/**
 * A kernel that gives the values of a tensor under another shape. It makes nothing else and draws nothing, and so needs no scope.
 *
 * @param shapeOf the shape, of the same size
 */
export function defineView<A = object>(
  kernelName: string,
  input: string,
  shapeOf: (x: TensorInfo, attrs: A) => Shape,
): KernelConfig {
  const kernelFunc: KernelFunc = ({ inputs, attrs, backend }) => {
    const x = inputs[input]!;
    const shape = shapeOf(x, attrs as A) as number[];
    (backend as ConvglBackend).retain(x.dataId);
    return { dataId: x.dataId, shape, dtype: x.dtype };
  };
  return { kernelName, backendName: BACKEND, kernelFunc };
}

/** A kernel that tfjs-backend-cpu runs. */
export function defineHostKernel(kernelName: string): KernelConfig {
  const kernelFunc: KernelFunc = ({ inputs, attrs, backend }) =>
    runOnHost(kernelName, backend as ConvglBackend, inputs, attrs);
  return { kernelName, backendName: BACKEND, kernelFunc };
}

/**
 * Where a kernel with these inputs is to run: strings never leave the host; numbers may be computed there, too, if `few` are and all
 * have their values there.
 *
 * @param few whether a few numbers may be computed on the host at all
 */
function homeOf(backend: ConvglBackend, inputs: NamedTensorInfoMap, few: boolean): 'gpu' | 'host' | 'either' {
  let elements = 0;
  let found = false;
  for (const name in inputs) {
    const x = inputs[name];
    if (!x) continue;
    if (x.dtype === 'string') return 'host';
    found = true;
    if (!few) continue;
    elements += sizeOf(x.shape);
    few = elements <= FORWARDED_ELEMENTS && x.dtype !== 'complex64' && backend.knownValues(x.dataId) !== undefined;
  }
  return found && few ? 'either' : 'gpu';
}
