/** defineKernel, the one typed bridge to tfjs's untyped kernel registry. */
import type { KernelConfig, KernelFunc, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { Backend } from '../tensors/backend';
import type { KernelContext, Range } from './kernel_context';
import { runOnHost } from './cpu_fallback';
import type { DType } from '../plan/plan';
import { withContext } from './scope';
import { checkShape, ShapeError, type Shape } from '../plan/shape';
import { computeSmall, type SmallOnCpu } from './small_on_cpu';

export type {
  DeferredCompute,
  ElementKind,
  ElementOp,
  Extent,
  Finish,
  KernelContext,
  Part,
  Range,
  Reduction,
} from './kernel_context';

/** tfjs-core's name of our backend. */
export const BACKEND = 'convgl';

/** Thrown by a kernel for inputs or attributes that it cannot take. The message names the op, what it found and what it expected. */
export class KernelError extends Error {
  /**
   * @param kernel the kernel's name
   * @param problem what was found and what was expected
   */
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
export interface KernelOptions<I, A> {
  /** Whether strings are computed on the host. False for a kernel that takes its inputs wherever they are. */
  readonly cpuFallback?: boolean;
  /** For which small inputs tfjs-backend-cpu's kernel gives the same bits. Default: none. */
  readonly smallOnCpu?: SmallOnCpu | undefined;
  /** Bounds of all elements of the results. */
  readonly range?: (ctx: Pick<KernelContext, 'range'>, inputs: Present<I>, attrs: A) => Range;
}

/** For kernels whose results are elements of an input. */
export const keepsRange = <N extends string>(name: N): KernelOptions<Record<N, TensorInfo>, object> => ({
  range: (ctx, inputs) => ctx.range(inputs[name]),
});

/**
 * A kernel for tfjs's registry. `I` and `A` are tfjs-core's own types for the kernel's inputs and attributes; the registry
 * is untyped, so this is the one place that has to believe them.
 */
export function defineKernel<I, A = object>(
  kernelName: string,
  compute: Compute<I, A>,
  { cpuFallback = true, smallOnCpu, range }: KernelOptions<I, A> = {},
): KernelConfig {
  const kernelFunc: KernelFunc = ({ inputs, attrs, backend }) => {
    const convgl = backend as Backend;
    if (cpuFallback && hasStrings(inputs)) return runOnHost(kernelName, convgl, inputs, attrs);
    const small = smallOnCpu && computeSmall(kernelName, convgl, { inputs, attrs }, smallOnCpu);
    if (small) return small;
    return refusing(kernelName, () =>
      withContext(convgl, (scope) => {
        // Asked for now, as the host forgets values that it uploads.
        const known = range?.(scope, inputs as I as Present<I>, attrs as A);
        const results = compute(scope, inputs as I as Present<I>, attrs as A);
        if (known) for (const { dataId } of [results].flat()) convgl.setRange(dataId, known);
        return results;
      }),
    );
  };
  return { kernelName, backendName: BACKEND, kernelFunc };
}

/**
 * A kernel that returns a tensor's values under another shape. It makes no other tensor and draws nothing, so it needs no scope.
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
    refusing(kernelName, () => checkShape(shape));
    (backend as Backend).retain(x.dataId);
    return { dataId: x.dataId, shape, dtype: x.dtype };
  };
  return { kernelName, backendName: BACKEND, kernelFunc };
}

/** A kernel that tfjs-backend-cpu runs. */
export function defineHostKernel(kernelName: string): KernelConfig {
  const kernelFunc: KernelFunc = ({ inputs, attrs, backend }) =>
    runOnHost(kernelName, backend as Backend, inputs, attrs);
  return { kernelName, backendName: BACKEND, kernelFunc };
}

/** @throws KernelError where `work` would make a tensor of an invalid shape */
function refusing<T>(kernelName: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ShapeError) throw new KernelError(kernelName, error.message);
    throw error;
  }
}

function hasStrings(inputs: NamedTensorInfoMap): boolean {
  for (const name in inputs) if (inputs[name]?.dtype === 'string') return true;
  return false;
}
