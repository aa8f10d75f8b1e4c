/** defineKernel and KernelContext: the one typed bridge to tfjs's untyped registry. */
import {
  getKernel,
  type DataType,
  type KernelConfig,
  type KernelFunc,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type TensorInfo,
  type TypedArray,
} from '@tensorflow/tfjs-core';
import type { ConvglBackend, PassFunction } from './backend';
import type { ElementOp, Extent, Operand, Reduction } from './entry';
import type { Texture, Values } from './gl/device';
import type { Epilogue } from './glsl/epilogue';
import { runOnHost } from './host';
import { fitsRun, layoutOf, TextureSizeError } from './layout';
import type { Copy, DType, Layout, Limits, Plan } from './plan';
import { relayout } from './relayout';
import { sizeOf, type Shape } from './shape';

/** tfjs-core's name of our backend. */
export const BACKEND = 'convgl';

/** Inputs of together at most this many elements that are on the host already are computed there: a draw costs more. */
const FORWARDED_ELEMENTS = 128;

/** Other forms of a tensor are kept beside it up to this size. */
const DERIVED_ELEMENTS = 1 << 20;

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

/** All that a kernel may do. Tensors it makes and does not return are disposed when it ends. */
export interface KernelContext {
  readonly limits: Limits;
  /** Shape and texel layout of a tensor. */
  layout(x: TensorInfo): Layout;
  /** The default layout of a new tensor; with `run`, texture rows hold whole runs of that many texels. */
  newLayout(shape: Shape, dtype: DType, run?: number): Layout;
  /** What an elementwise op gives for tensors broadcast to `shape`, by the names in its expression; computed when it is needed. */
  map(op: ElementOp, inputs: Readonly<Record<string, TensorInfo>>, shape: Shape): TensorInfo;
  /** What a reduction of tensors broadcast to one shape gives, by the names in its expression; computed when it is needed. */
  reduce(reduction: Reduction, inputs: Readonly<Record<string, TensorInfo>>, extent: Extent): TensorInfo;
  /**
   * What `compute` gives, a new float32 tensor of that shape; computed when it is needed, if it ever is. For gradients that
   * tfjs-core asks for whether it uses them or not.
   */
  later(inputs: readonly TensorInfo[], shape: Shape, compute: Produce): TensorInfo;
  /**
   * The same for a pass that can do more with its elements before it writes them. Where all that becomes of the result is an
   * elementwise op, `compute` is told that as an epilogue, and gives what comes after it.
   */
  produce(inputs: readonly TensorInfo[], shape: Shape, compute: Produce): TensorInfo;
  /** Draws a plan with one output. */
  run(plan: Plan, inputs: readonly TensorInfo[]): TensorInfo;
  /** Draws a plan with several outputs. */
  runAll(plan: Plan, inputs: readonly TensorInfo[]): TensorInfo[];
  /**
   * Draws a plan whose outputs have one layout into the layers of one texture array, which only a plan with a layered sampler
   * and `assemble` can read; into a usual texture where there is but one.
   */
  runTiles(plan: Plan, inputs: readonly TensorInfo[]): TensorInfo;
  /** Makes a tensor out of rectangles of texels of others; much faster than a draw where whole rectangles move. */
  assemble(layout: Layout, parts: readonly Part[]): TensorInfo;
  /** `x` itself, computed by now, if its texture's rows hold whole runs of `run` texels or any do, else a copy whose rows do. */
  fit(x: TensorInfo, run?: number): TensorInfo;
  /**
   * Another form of `x`, such as its rows padded, that several kernels need: kept beside it if it is small. `key` names the
   * form; `make` gives a new tensor.
   */
  once(x: TensorInfo, key: string, make: () => TensorInfo): TensorInfo;
  /** The same values under another shape of the same size. */
  view(x: TensorInfo, shape: Shape): TensorInfo;
  /** Values on the host; waits for the GPU where they are only there. */
  hostValues(x: TensorInfo): TypedArray;
  /** Values that are on the host already; never waits for the GPU. */
  knownValues(x: TensorInfo): TypedArray | undefined;
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
  /** Disposes a tensor that this kernel made and no longer needs, so that its texture serves the next pass. */
  release(x: TensorInfo): void;
}

/** Rectangles of a tensor, or of one layer of tiles. */
export interface Part {
  readonly from: TensorInfo;
  readonly layer?: number;
  readonly copies: readonly Copy[];
}

/** Draws a pass, and what is left to do with each of its elements. */
export type Produce = (
  ctx: KernelContext,
  inputs: readonly TensorInfo[],
  epilogue?: Epilogue<TensorInfo>,
) => TensorInfo;

/** tfjs-core picks its inputs from an index signature, which may lack any of them; these are there. */
type Present<I> = { [K in keyof I]: NonNullable<I[K]> };

/** What a kernel computes: one tensor or several from named inputs and attributes. */
export type Compute<I, A> = (ctx: KernelContext, inputs: Present<I>, attrs: A) => TensorInfo | TensorInfo[];

/** How a kernel is registered. */
export interface KernelOptions {
  /** False for a kernel that takes its inputs wherever they are, strings too: views, and what decides for itself. */
  readonly forward?: boolean;
}

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
    if (
      forward &&
      (hasStrings(inputs) || (convgl.forwardSmall && smallOnHost(convgl, inputs) && getKernel(kernelName, 'cpu')))
    ) {
      return runOnHost(kernelName, convgl, inputs, attrs);
    }
    return within(convgl, (scope) => compute(scope, inputs as I as Present<I>, attrs as A));
  };
  return { kernelName, backendName: BACKEND, kernelFunc };
}

/** Runs what a kernel does, and disposes what it makes and does not return. */
function within(
  backend: ConvglBackend,
  compute: (ctx: KernelContext) => TensorInfo | TensorInfo[],
): TensorInfo | TensorInfo[] {
  const scope = new Scope(backend);
  try {
    return scope.close(backend.device.use(() => compute(scope)));
  } catch (error) {
    scope.close([]);
    throw error;
  }
}

/** A kernel that tfjs-backend-cpu runs. */
export function defineHostKernel(kernelName: string): KernelConfig {
  const kernelFunc: KernelFunc = ({ inputs, attrs, backend }) =>
    runOnHost(kernelName, backend as ConvglBackend, inputs, attrs);
  return { kernelName, backendName: BACKEND, kernelFunc };
}

/** A KernelContext that knows which references its kernel made. */
class Scope implements KernelContext {
  readonly #backend: ConvglBackend;
  readonly #made: TensorInfo[] = [];

  constructor(backend: ConvglBackend) {
    this.#backend = backend;
  }

  get limits(): Limits {
    return this.#backend.device.limits;
  }

  layout(x: TensorInfo): Layout {
    return this.#backend.layout(x);
  }

  newLayout(shape: Shape, dtype: DType, run?: number): Layout {
    return layoutOf(shape, dtype, this.limits, run);
  }

  map(op: ElementOp, inputs: Readonly<Record<string, TensorInfo>>, shape: Shape): TensorInfo {
    return this.#adopt(this.#backend.defer(op, this.#operands(inputs, shape), shape), { shape, dtype: op.dtype });
  }

  reduce(reduction: Reduction, inputs: Readonly<Record<string, TensorInfo>>, extent: Extent): TensorInfo {
    const operands = this.#operands(inputs, extent.shape);
    const info = { shape: extent.out, dtype: reduction.load.dtype };
    return this.#adopt(this.#backend.deferFold(reduction, operands, extent), info);
  }

  later(inputs: readonly TensorInfo[], shape: Shape, compute: Produce): TensorInfo {
    return this.#deferPass(inputs, shape, compute, false);
  }

  produce(inputs: readonly TensorInfo[], shape: Shape, compute: Produce): TensorInfo {
    return this.#deferPass(inputs, shape, compute, true);
  }

  run(plan: Plan, inputs: readonly TensorInfo[]): TensorInfo {
    return this.runAll(plan, inputs)[0]!;
  }

  runAll(plan: Plan, inputs: readonly TensorInfo[]): TensorInfo[] {
    const { device } = this.#backend;
    const sources = inputs.map((x) => this.#backend.texture(x.dataId));
    const targets: Texture[] = [];
    // One by one: where the GPU has no memory for the next, those before it are disposed with the scope.
    const outputs = plan.outputs.map((layout) => {
      const target = device.acquire(layout);
      targets.push(target);
      return this.#adopt(this.#backend.adopt(target, layout), layout);
    });
    if (outputs.some((o) => sizeOf(o.shape) > 0)) device.run(plan, sources, targets);
    return outputs;
  }

  runTiles(plan: Plan, inputs: readonly TensorInfo[]): TensorInfo {
    const { device } = this.#backend;
    const sources = inputs.map((x) => this.#backend.texture(x.dataId));
    const layers = plan.outputs.length;
    const layout = { ...plan.outputs[0]!, shape: [layers, ...plan.outputs[0]!.shape] };
    const target = device.acquire(layout, layers);
    const output = this.#adopt(this.#backend.adopt(target, layout), layout);
    if (sizeOf(layout.shape) > 0) device.run(plan, sources, [target]);
    return output;
  }

  assemble(layout: Layout, parts: readonly Part[]): TensorInfo {
    const { device } = this.#backend;
    const sources = parts.map((p) => this.#backend.texture(p.from.dataId));
    const target = device.acquire(layout);
    const output = this.#adopt(this.#backend.adopt(target, layout), layout);
    parts.forEach(({ layer = 0, copies }, i) => device.copy({ texture: sources[i]!, layer }, target, copies));
    return output;
  }

  fit(x: TensorInfo, run?: number): TensorInfo {
    this.#backend.texture(x.dataId, run);
    const layout = this.layout(x);
    if (run === undefined || fitsRun(layout, run)) return x;
    return this.run(relayout(this.newLayout(x.shape, layout.dtype, run)), [x]);
  }

  once(x: TensorInfo, key: string, make: () => TensorInfo): TensorInfo {
    const known = this.#backend.derived(x.dataId, key);
    if (known) return known;
    const form = make();
    // What a rehearsal makes is thrown away with it: no draw has filled it.
    if (sizeOf(form.shape) > DERIVED_ELEMENTS || this.#backend.device.rehearsing) return form;
    const at = this.#made.findIndex((m) => m.dataId === form.dataId);
    this.#made.splice(at, 1);
    this.#backend.keepDerived(x.dataId, key, form);
    return form;
  }

  view(x: TensorInfo, shape: Shape): TensorInfo {
    this.#backend.incRef(x.dataId);
    return this.#adopt(x.dataId, { shape, dtype: x.dtype });
  }

  hostValues(x: TensorInfo): TypedArray {
    return this.#backend.hostValues(x.dataId) as TypedArray;
  }

  knownValues(x: TensorInfo): TypedArray | undefined {
    return this.#backend.knownValues(x.dataId) as TypedArray | undefined;
  }

  knownScalar(x: TensorInfo): number | undefined {
    return sizeOf(x.shape) === 1 ? this.knownValues(x)?.[0] : undefined;
  }

  upload(shape: Shape, dtype: DataType, values: Values): TensorInfo {
    return this.#adopt(this.#backend.write(values, [...shape], dtype), { shape, dtype });
  }

  uploadPixels(source: TexImageSource, width: number, height: number): TensorInfo {
    const { device } = this.#backend;
    const layout: Layout = { shape: [height, width, 4], dtype: 'float32', width, height };
    if (Math.max(width, height) > this.limits.maxTextureSize) {
      throw new TextureSizeError(layout.shape, width * height, this.limits.maxTextureSize);
    }
    const texture = device.acquire(layout);
    const pixels = this.#adopt(this.#backend.adopt(texture, layout), layout);
    device.uploadPixels(texture, source);
    return pixels;
  }

  complex(real: TensorInfo, imag: TensorInfo): TensorInfo {
    for (const part of [real, imag]) this.#backend.incRef(part.dataId);
    return this.#adopt(this.#backend.adoptComplex(real, imag), { shape: real.shape, dtype: 'complex64' });
  }

  complexParts(x: TensorInfo): { real: TensorInfo; imag: TensorInfo } {
    return this.#backend.complexParts(x);
  }

  onHost(kernelName: string, inputs: NamedTensorInfoMap, attrs: object): TensorInfo {
    const output = runOnHost(kernelName, this.#backend, inputs, attrs as NamedAttrMap) as TensorInfo;
    return this.#adopt(output.dataId, output);
  }

  release(x: TensorInfo): void {
    const at = this.#made.findIndex((m) => m.dataId === x.dataId);
    if (at < 0) return; // An input of the kernel: `fit` returns it unchanged.
    this.#made.splice(at, 1);
    this.#backend.disposeData(x.dataId);
  }

  /** Hands the results to tfjs and disposes everything else. A result that is an input becomes another reference to it. */
  close(results: TensorInfo | TensorInfo[]): TensorInfo | TensorInfo[] {
    const handed = Array.isArray(results) ? results.map((x) => this.#hand(x)) : this.#hand(results);
    this.#made.splice(0).forEach((x) => this.#backend.disposeData(x.dataId));
    return handed;
  }

  #hand(x: TensorInfo): TensorInfo {
    const at = this.#made.findIndex((m) => m.dataId === x.dataId);
    if (at >= 0) this.#made.splice(at, 1);
    else this.#backend.incRef(x.dataId);
    // tfjs would take an input that is a tensor for the output itself.
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  }

  #deferPass(inputs: readonly TensorInfo[], shape: Shape, compute: Produce, fuses: boolean): TensorInfo {
    const backend = this.#backend;
    const run: PassFunction = (lent, epilogue) =>
      within(backend, (scope) => compute(scope, lent, epilogue)) as TensorInfo;
    return this.#adopt(backend.deferPass(inputs, shape, run, fuses), { shape, dtype: 'float32' });
  }

  #operands(inputs: Readonly<Record<string, TensorInfo>>, shape: Shape): Operand[] {
    return Object.keys(inputs).map((name) => this.#backend.operand(name, inputs[name]!, shape));
  }

  #adopt(dataId: TensorInfo['dataId'], { shape, dtype }: { shape: Shape; dtype: DataType }): TensorInfo {
    const info = { dataId, shape: [...shape], dtype };
    this.#made.push(info);
    return info;
  }
}

/** Strings never leave the host, so every kernel that takes them runs there. */
function hasStrings(inputs: NamedTensorInfoMap): boolean {
  return Object.values(inputs).some((x) => x?.dtype === 'string');
}

function smallOnHost(backend: ConvglBackend, inputs: NamedTensorInfoMap): boolean {
  let elements = 0;
  let any = false;
  for (const x of Object.values(inputs)) {
    if (!x) continue;
    any = true;
    elements += sizeOf(x.shape);
    if (elements > FORWARDED_ELEMENTS || x.dtype === 'complex64' || !backend.knownValues(x.dataId)) return false;
  }
  return any;
}
