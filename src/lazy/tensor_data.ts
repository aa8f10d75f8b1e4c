/** The state behind a data id: references, host values, texture, or the pending work that computes it. */
import { engine, type BackendValues, type DataType, type TensorInfo, type TypedArray } from '@tensorflow/tfjs-core';
import type { Texture } from '../gl/device';
import type { ReductionKind } from '../glsl/combine';
import type { Epilogue } from '../glsl/epilogue';
import { areAlike, MANY } from '../plan/host_values';
import type { DType, Layout } from '../plan/plan';
import type { ElementKind } from './kinds';
import type { Shape } from '../plan/shape';

/** The state of one data id: its values on the host, its texture, or the pending work that computes it. */
export interface TensorData {
  readonly shape: Shape;
  readonly dtype: DataType;
  /** References that tfjs and complex tensors have. */
  refCount: number;
  /** Whether a variable holds it, or has held it: it outlives the step that made it. */
  persistent: boolean;
  /** Pending expressions that read it; it outlives its last reference for them. */
  readers: number;
  values?: BackendValues | undefined;
  /** Whether `values` were read from the GPU. */
  wasRead: boolean;
  /** See `rangeOf`; undefined where nobody has asked. */
  range: Range | undefined;
  texture?: Texture | undefined;
  pending?: Pending | undefined;
  /** Whether computing it failed. A reader tries again; passes for other values leave it out. */
  failed: boolean;
  /** The device generation the texture belongs to. */
  generation: number;
  /** complex64: its two float32 tensors. */
  readonly complex?: { readonly real: TensorInfo; readonly imag: TensorInfo } | undefined;
  /** Other forms of the same values that kernels keep beside it; see `KernelContext.cachedForm`. */
  derived?: Map<string, TensorInfo> | undefined;
  reading?: Promise<BackendValues> | undefined;
  disposeAfterReading: boolean;
  /** Single numbers that one pass computed, such as a step's loss and metrics. A read of one reads the others too. */
  readTogether: readonly TensorData[] | undefined;
  /** What `isConstant` found. */
  isConstant: boolean | undefined;
}

/** One elementwise op. */
export interface ElementOp {
  /** GLSL of one output element, in the operands' names; `index` is its flat index. */
  readonly expression: string;
  /** What the expression computes of its operands, in their order, if known. */
  readonly kind?: ElementKind | undefined;
  readonly dtype: DType;
  /** GLSL functions that it calls, beside those of numeric.ts. */
  readonly helpers?: string;
  /** Float uniforms named in the expression. */
  readonly attributes?: Readonly<Record<string, number>> | undefined;
  /** Int uniforms named in the expression. */
  readonly integers?: Readonly<Record<string, number>> | undefined;
  /** Whether the expression sees all operands as floats; else each has its own type, bool as int. */
  readonly floats?: boolean;
}

/** An operand: a tensor as a shape that broadcasts, or a value that the host knows. */
export type Operand = TensorOperand | { readonly name: string; readonly value: number; readonly dtype: DType };

export interface TensorOperand {
  readonly name: string;
  readonly entry: TensorData;
  readonly shape: Shape;
  /**
   * Whether a variable owned it when it was read. If it is pending, it is computed by itself, never inlined: otherwise each training
   * step would recompute it inside an ever longer expression.
   */
  readonly persistent: boolean;
}

/** A GLSL expression with the values of the float uniforms that it names. */
export interface Finish {
  readonly expression: string;
  readonly attributes?: Readonly<Record<string, number>> | undefined;
}

/** What a reduction computes. Expressions are scalar. */
export interface Reduction {
  /** The elements; `index` is their place along the axis. Its dtype is that of the result. */
  readonly load: ElementOp;
  readonly kind: ReductionKind;
  /** An expression applied to the combined value, `acc`. */
  readonly finish?: Finish | undefined;
  /** Whether `load` names `index`. */
  readonly ordered?: boolean;
  /** Where the result is the mean of the elements: what `load` scales them by, and `finish` divides by. */
  readonly mean?: { readonly scale: number; readonly divisor: number };
}

/** What a reduction runs over. */
export interface Extent {
  /** The shape that the inputs are broadcast to; not empty. */
  readonly shape: Shape;
  /** Its reduced dimensions. */
  readonly axes: readonly number[];
  /** The shape of the result. */
  readonly out: Shape;
}

export type Pending = PendingMap | PendingReduction | PendingPass;

/** A pass of any other kind. */
export interface PendingPass {
  readonly kind: 'pass';
  readonly operands: readonly TensorOperand[];
  /** Shape of the result; where its texels will lie, only the pass itself knows. */
  readonly layout: Layout;
  /** Whether it can apply an epilogue. */
  readonly fuses: boolean;
  /** Draws the pass, and returns its result, or that of the epilogue if there is one. */
  readonly run: (epilogue?: Epilogue<TensorData>) => Texture;
  /** The same for all passes, which share none. */
  readonly key: string;
}

/** A reduction of an elementwise op. */
export interface PendingReduction {
  readonly kind: 'reduce';
  readonly reduction: Reduction;
  readonly extent: Extent;
  /** The elements that are reduced. */
  readonly load: PendingMap;
  readonly operands: readonly Operand[];
  readonly layout: Layout;
  /** Reductions of the same key can share a pass. */
  readonly key: string;
}

/** Properties of an expression, found once for each text. */
export interface Traits {
  /** Identifies the text. */
  readonly number: number;
  /** Instructions, about. */
  readonly weight: number;
  /** Whether it names `index`, which only a pass over all elements in their order knows. */
  readonly usesIndex: boolean;
}

/** An elementwise op over operands broadcast to the layout's shape. */
export interface PendingMap {
  readonly kind: 'map';
  readonly op: ElementOp;
  readonly traits: Traits;
  readonly operands: readonly Operand[];
  /** Shape of the result, and where its texels will lie. */
  readonly layout: Layout;
  /** Elementwise ops of the same key can share a pass, if they are of one size. */
  readonly key: string;
  /** Instructions of the whole expression, about; shared parts count more than once. */
  readonly weight: number;
  /** The share of function calls in it. */
  readonly calls: number;
  /** Tensors that the whole expression reads, at most. */
  readonly reads: number;
  /** Those of them with as many elements as the result. */
  readonly largeReads: number;
  /** Passes that have inlined it without keeping its value. */
  uses: number;
}

/** A new entry with one reference. */
export function newTensorData(
  shape: Shape,
  dtype: DataType,
  held: Partial<Pick<TensorData, 'values' | 'texture' | 'pending' | 'generation' | 'complex'>>,
): TensorData {
  const { values, texture, pending, generation = 0, complex } = held;
  // All have the same fields in the same order, which engines are fastest with.
  return {
    shape,
    dtype,
    refCount: 1,
    persistent: false,
    readers: 0,
    values,
    wasRead: false,
    range: undefined,
    texture,
    pending,
    failed: false,
    generation,
    complex,
    derived: undefined,
    reading: undefined,
    disposeAfterReading: false,
    readTogether: undefined,
    isConstant: undefined,
  };
}

/** The least and the greatest of numbers that are all whole. */
export type Range = readonly [least: number, greatest: number];

/** No bounds. */
const ANYTHING: Range = [-Infinity, Infinity];

/** Bounds of all elements, as far as the host knows. */
export function rangeOf(entry: TensorData): Range {
  if (entry.dtype === 'bool') return [0, 1];
  if (!entry.range && entry.values && entry.dtype !== 'string') entry.range = wholeRange(entry.values as TypedArray);
  return entry.range ?? ANYTHING;
}

function wholeRange(values: TypedArray): Range {
  let [least, greatest] = [Infinity, -Infinity];
  for (const x of values) {
    if (!Number.isInteger(x)) return ANYTHING;
    if (x < least) least = x;
    if (x > greatest) greatest = x;
  }
  return [least, greatest];
}

/**
 * Whether the values of a tensor may decide how something is computed. Not those of a float32 tensor that was read: a read changes no
 * result. Nor those of a variable, which the host has at the first step alone; but scalars are often an optimizer's, as a power of
 * Adam's beta, and never leave the host. While a gradient is taken they are a model's.
 */
export function isOfHost({ values, dtype, wasRead, persistent, shape }: TensorData): boolean {
  if (!values || (wasRead && dtype === 'float32')) return false;
  return !persistent || (shape.length === 0 && engine().state.gradientDepth === 0);
}

/**
 * Whether the host knows all values as one number, as in the tensors of ones with which tfjs's gradients broadcast. Not where it is 0:
 * biases and the moments of optimizers begin as zeros, and would need programs of their own for a first step.
 */
export function isConstant(entry: TensorData): boolean {
  const { values } = entry;
  if (!values || values.length < MANY || typeof values[0] !== 'number' || values[0] === 0) return false;
  return (entry.isConstant ??= areAlike(values as TypedArray));
}

/** The dtype as textures hold it. @throws Error for complex64 and strings */
export function gpuDType(dtype: DataType): DType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new Error(`Expected a float32, int32 or bool tensor, found ${dtype}.`);
}
