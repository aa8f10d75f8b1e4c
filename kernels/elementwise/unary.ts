/** Elementwise ops of one tensor, one table entry each. */
import {
  Abs,
  Acos,
  Acosh,
  Asin,
  Asinh,
  Atan,
  Atanh,
  Ceil,
  ClipByValue,
  Cos,
  Cosh,
  Elu,
  Erf,
  Exp,
  Expm1,
  Floor,
  IsFinite,
  IsInf,
  IsNan,
  LeakyRelu,
  Log,
  Log1p,
  LogicalNot,
  Neg,
  Reciprocal,
  Relu,
  Relu6,
  Round,
  Rsqrt,
  Selu,
  Sigmoid,
  Sign,
  Sin,
  Sinh,
  Softplus,
  Sqrt,
  Square,
  Step,
  Tan,
  Tanh,
  backend_util,
  type KernelConfig,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { defineKernel, realDType, type Compute, type ElementKind } from '../../src/kernel/define_kernel';
import type { DType } from '../../src/plan/plan';
import { exactFor, type SmallOnCpu } from '../../src/kernel/small_on_cpu';

/** Attributes of the ops that have any, by the names that the expressions use. */
type Attrs = Readonly<Record<string, number>>;

/** GLSL expressions in `x`, which is never a vector, so that they can be nested. */
interface Row {
  readonly float32: string;
  readonly kind?: ElementKind;
  /** The same for int32 and bool; without it they are computed in floats and truncated. */
  readonly int32?: string;
  /** The same for bool, where it is not that for int32. */
  readonly bool?: string;
  /** Dtype of the result where it is not the input's: an expression for bool gives an int. */
  readonly dtype?: DType;
  readonly smallOnCpu?: SmallOnCpu;
  /** The attributes that the float expression names. */
  readonly attributes?: readonly string[];
  /** The values of the uniforms that the int expression names. */
  readonly integers?: (attrs: Attrs) => Record<string, number>;
}

export const unaryRows = {
  [Abs]: { float32: 'abs(x)', int32: 'abs(x)' },
  [Acos]: { float32: 'acos32(x)' },
  [Acosh]: { float32: 'acosh32(x)' },
  [Asin]: { float32: 'asin32(x)' },
  [Asinh]: { float32: 'asinh32(x)' },
  [Atan]: { float32: 'atan32(x)' },
  [Atanh]: { float32: 'atanh32(x)' },
  [Ceil]: { float32: 'ceil(x)', int32: 'x' },
  [ClipByValue]: {
    float32: 'mix(mix(mix(x, clipValueMin, x < clipValueMin), clipValueMax, x > clipValueMax), x, isNaN(x))',
    int32: 'x > highest ? high : x < lowest ? low : x',
    attributes: ['clipValueMin', 'clipValueMax'],
    integers: ({ clipValueMin = 0, clipValueMax = 0 }) => ({
      lowest: toInt32Range(Math.ceil(clipValueMin)),
      low: toInt32Range(Math.trunc(clipValueMin)),
      highest: toInt32Range(Math.floor(clipValueMax)),
      high: toInt32Range(Math.trunc(clipValueMax)),
    }),
  },
  [Cos]: { float32: 'cos32(x)' },
  [Cosh]: { float32: 'cosh32(x)' },
  [Elu]: { float32: 'mix(expm1(x), x, x >= 0.0)' },
  [Erf]: { float32: 'erf(x)' },
  [Exp]: { float32: 'exp32(x)', dtype: 'float32' },
  [Expm1]: { float32: 'expm1(x)' },
  [Floor]: { float32: 'floor(x)', int32: 'x', smallOnCpu: exactFor('float32') },
  [IsFinite]: { float32: 'int(isFinite(x))', int32: '1', dtype: 'bool' },
  [IsInf]: { float32: 'int(isInf(x))', int32: '0', dtype: 'bool' },
  [IsNan]: { float32: 'int(isNaN(x))', int32: '0', dtype: 'bool' },
  [LeakyRelu]: { float32: 'mix(x, alpha * x, x < 0.0)', dtype: 'float32', attributes: ['alpha'] },
  [Log]: { float32: 'log32(x)' },
  [Log1p]: { float32: 'log1p(x)' },
  [LogicalNot]: {
    float32: 'max(int(x == 0.0), int(isNaN(x)))',
    int32: 'int(x == 0)',
    dtype: 'bool',
    smallOnCpu: exactFor('bool'),
  },
  [Neg]: { float32: '-x', kind: 'negative', int32: '-x', bool: 'x', smallOnCpu: exactFor('float32', 'int32') }, // -1 is true as well
  [Reciprocal]: { float32: '1.0 / x', kind: 'reciprocal', int32: 'divInt(1, x)' },
  [Relu]: { float32: 'mix(x, 0.0, isNegative(x))', int32: 'max(x, 0)' },
  [Relu6]: { float32: 'mix(clamp(x, 0.0, 6.0), x, isNaN(x))', int32: 'clamp(x, 0, 6)' },
  [Round]: { float32: 'roundEven(x)', int32: 'x' },
  [Rsqrt]: { float32: 'mix(1.0 / sqrt(x), NAN, x < 0.0)' },
  [Selu]: { float32: `mix(${backend_util.SELU_SCALEALPHA} * expm1(x), ${backend_util.SELU_SCALE} * x, x >= 0.0)` },
  [Sigmoid]: { float32: '1.0 / (1.0 + exp32(-x))' },
  [Sign]: { float32: 'mix(sign(x), 0.0, isNaN(x))', int32: 'sign(x)' },
  [Sin]: { float32: 'sin32(x)' },
  [Sinh]: { float32: 'sinh32(x)' },
  [Softplus]: { float32: 'mix(max(x, 0.0) + log1p(exp32(-abs(x))), x, isNaN(x))', int32: 'max(x, 0)' },
  [Sqrt]: { float32: 'mix(sqrt(x), NAN, x < 0.0)' },
  [Square]: { float32: 'x * x', kind: 'square', int32: 'x * x' },
  [Step]: { float32: 'mix(mix(alpha, 1.0, x > 0.0), x, isNaN(x))', attributes: ['alpha'] },
  [Tan]: { float32: 'tan32(x)' },
  [Tanh]: { float32: 'tanh32(x)' },
} satisfies Record<string, Row>;

function toInt32Range(x: number): number {
  return Math.min(Math.max(x, -(2 ** 31)), 2 ** 31 - 1);
}

function unary(kernelName: string, row: Row): KernelConfig {
  const compute: Compute<{ x: TensorInfo }, Attrs> = (ctx, { x }, attrs) => {
    const from = realDType(kernelName, x);
    const dtype = row.dtype ?? from;
    const whole = (from === 'bool' ? row.bool : undefined) ?? row.int32;
    if (from !== 'float32' && whole) {
      return ctx.map({ expression: whole, dtype, integers: row.integers?.(attrs) }, { x }, x.shape);
    }
    const truncated = from !== 'float32' && !row.dtype;
    const { float32: expression, kind } = row;
    const op = truncated ? { expression: `toInt(${expression})` } : { expression, kind };
    const attributes = row.attributes && Object.fromEntries(row.attributes.map((name) => [name, attrs[name]!]));
    return ctx.map({ ...op, dtype, floats: true, attributes }, { x }, x.shape);
  };
  return defineKernel(kernelName, compute, { smallOnCpu: row.smallOnCpu });
}

export const unaryKernels: readonly KernelConfig[] = Object.entries(unaryRows).map(([name, row]) => unary(name, row));
