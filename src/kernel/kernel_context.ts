/** KernelContext, the interface through which kernels compute. */
import type { DataType, NamedTensorInfoMap, TensorInfo, TypedArray } from '@tensorflow/tfjs-core';
import type { ElementOp, Extent, Range, Reduction } from '../lazy/tensor_data';
import type { Values } from '../plan/host_values';
import type { Epilogue } from '../glsl/epilogue';
import type { Copy, DType, Layout, Limits, Plan } from '../plan/plan';
import type { Shape } from '../plan/shape';

export type { ElementKind } from '../lazy/kinds';
export type { ElementOp, Extent, Finish, Range, Reduction } from '../lazy/tensor_data';

/** The first argument of every kernel function. Tensors that a kernel makes but does not return are disposed when it ends. */
export interface KernelContext {
  readonly limits: Limits;
  /** Shape and texel layout of a tensor. */
  layout(x: TensorInfo): Layout;
  /** The default layout of a new tensor; with `run`, texture rows hold whole runs of that many texels. */
  newLayout(shape: Shape, dtype: DType, run?: number): Layout;
  /** Defers an elementwise op over tensors broadcast to `shape`, named as in its expression. */
  map(op: ElementOp, inputs: Readonly<Record<string, TensorInfo>>, shape: Shape): TensorInfo;
  /** Defers a reduction of tensors broadcast to one shape, named as in its expression. */
  reduce(reduction: Reduction, inputs: Readonly<Record<string, TensorInfo>>, extent: Extent): TensorInfo;
  /**
   * Defers `compute`, which returns a new float32 tensor of that shape, and may never be called. For gradients that tfjs-core
   * requests whether it uses them or not.
   */
  defer(inputs: readonly TensorInfo[], shape: Shape, compute: DeferredCompute): TensorInfo;
  /**
   * Defers `compute`, whose pass can apply an epilogue. If only elementwise ops read the result, `compute` gets them as its
   * epilogue, and returns their result.
   */
  deferFusable(inputs: readonly TensorInfo[], shape: Shape, compute: DeferredCompute): TensorInfo;
  /** Draws a plan with one output. */
  run(plan: Plan, inputs: readonly TensorInfo[]): TensorInfo;
  /** Draws a plan with several outputs. */
  runAll(plan: Plan, inputs: readonly TensorInfo[]): TensorInfo[];
  /**
   * Draws a plan whose outputs have one layout into the layers of one texture array, which only plans with a layered sampler and
   * `copyRegions` can read; a single output is drawn into an ordinary texture.
   */
  runTiles(plan: Plan, inputs: readonly TensorInfo[]): TensorInfo;
  /** Makes a tensor out of rectangles of texels of others; much faster than a draw where whole rectangles move. */
  copyRegions(layout: Layout, parts: readonly Part[]): TensorInfo;
  /** Computes `x`, and returns it if its texture's rows hold whole runs of `run` texels (or `run` is not given), else a copy whose rows do. */
  withRows(x: TensorInfo, run?: number): TensorInfo;
  /**
   * Another form of `x` that several kernels need, such as its rows padded. Small ones are cached with `x`. `make` returns a new
   * tensor, which must depend on `x`, its shape and `parts` alone.
   *
   * @param name of the form
   */
  cachedForm<P extends object>(x: TensorInfo, name: string, parts: P, make: FormFunction<P>): TensorInfo;
  /** The same values under another shape of the same size. */
  view(x: TensorInfo, shape: Shape): TensorInfo;
  /** Values on the host; waits for the GPU where they are only there. */
  hostValues(x: TensorInfo): TypedArray;
  /**
   * The values of a tensor, not to be changed, where a result of that many elements is to be made of them on the host: known ones, and
   * a small result, or copies of whole runs.
   */
  valuesForHost(x: TensorInfo, elements: number, copied?: boolean): TypedArray | undefined;
  /** Bounds of all elements, as far as the host knows without waiting. */
  range(x: TensorInfo): Range;
  /** The value of a one-element tensor if it is on the host already: a uniform then saves its texture. */
  knownScalar(x: TensorInfo): number | undefined;
  upload(shape: Shape, dtype: DataType, values: Values): TensorInfo;
  /** RGBA pixels of an image, canvas or video as float32 [height, width, 4] in [0, 1]. */
  uploadPixels(source: TexImageSource, width: number, height: number): TensorInfo;
  /** A complex64 tensor of two float32 ones. */
  complex(real: TensorInfo, imag: TensorInfo): TensorInfo;
  complexParts(x: TensorInfo): { real: TensorInfo; imag: TensorInfo };
  /** Runs tfjs-backend-cpu's kernel of that name, which has one output. */
  onHost(kernelName: string, inputs: NamedTensorInfoMap, attrs: object): TensorInfo;
  /** Tells a trace which algorithm computes the call. */
  noteAlgorithm(name: string): void;
  /** Disposes a tensor that this kernel made and no longer needs, so that its texture serves the next pass. */
  release(x: TensorInfo): void;
}

/** Makes another form of a tensor. */
export type FormFunction<P> = (ctx: KernelContext, x: TensorInfo, parts: P) => TensorInfo;

/** Rectangles of a tensor, or of one layer of tiles. */
export interface Part {
  readonly from: TensorInfo;
  readonly layer?: number;
  readonly copies: readonly Copy[];
}

/** Draws a deferred pass, with its epilogue if there is one. */
export type DeferredCompute = (
  ctx: KernelContext,
  inputs: readonly TensorInfo[],
  epilogue?: Epilogue<TensorInfo>,
) => TensorInfo;
