/** Elementwise ops of two tensors with broadcasting, one table entry each. */
import {
  Add,
  Atan2,
  BitwiseAnd,
  Equal,
  FloorDiv,
  Greater,
  GreaterEqual,
  Less,
  LessEqual,
  LogicalAnd,
  LogicalOr,
  Maximum,
  Minimum,
  Mod,
  Multiply,
  NotEqual,
  Pow,
  RealDiv,
  SquaredDifference,
  Sub,
  backend_util,
  type BinaryInputs,
  type KernelConfig,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import {
  defineKernel,
  realDType,
  type Compute,
  type ElementKind,
  type ElementOp,
  type KernelContext,
} from '../../src/kernel/define_kernel';
import { hasWord } from '../../src/glsl/words';
import type { DType } from '../../src/plan/plan';
import type { Shape } from '../../src/plan/shape';
import { exactFor, exactProducts, type SmallOnCpu } from '../../src/kernel/small_on_cpu';
import { castTo } from './cast';

/** GLSL expressions in `a` and `b`. */
interface Row {
  readonly float32: string;
  readonly kind?: ElementKind;
  /** The same where both are int32 or bool; without it they are computed in floats and truncated. */
  readonly int32?: string;
  /** Dtype of the result where it is not that of `a`: an expression for bool or int32 gives an int. */
  readonly dtype?: DType;
  /** What is much cheaper for a scalar `b` of one of these values, which the host knows: an expression in `a`. */
  readonly known?: Readonly<Record<number, Pick<ElementOp, 'expression' | 'kind'>>>;
  readonly smallOnCpu?: SmallOnCpu;
  /** For complex64, in the real and imaginary parts ar, ai, br, bi. */
  readonly complex64?: { readonly real: string; readonly imag: string };
}

/** Comparisons with NaN are written out: compilers may assume that there is none. Nothing here branches; see elementary.ts. */
const comparison = (operator: string): Row => ({
  float32: `int(isOrdered(a, b)) * int(a ${operator} b)`,
  int32: `int(a ${operator} b)`,
  dtype: 'bool',
  smallOnCpu: exactFor('float32', 'int32', 'bool'),
});

/** In float32 their results are rounded as IEEE 754 says, here and there; those of a division are not on every GPU. */
const numbers = exactFor('float32', 'int32');
const integers = exactFor('int32');
const booleans = exactFor('bool');

const rows = {
  [Add]: {
    float32: 'a + b',
    kind: 'sum',
    int32: 'a + b',
    complex64: { real: 'ar + br', imag: 'ai + bi' },
    smallOnCpu: numbers,
  },
  [Atan2]: { float32: 'atan2(a, b)' },
  [BitwiseAnd]: { float32: 'float(toInt(a) & toInt(b))', int32: 'a & b' },
  [Equal]: comparison('=='),
  [FloorDiv]: { float32: 'floorDiv32(a, b)', int32: 'floorDivInt(a, b)', dtype: 'int32', smallOnCpu: integers },
  [Greater]: comparison('>'),
  [GreaterEqual]: comparison('>='),
  [Less]: comparison('<'),
  [LessEqual]: comparison('<='),
  [LogicalAnd]: {
    float32: 'int(isOrdered(a, b)) * int(a != 0.0) * int(b != 0.0)',
    int32: 'int(a != 0) * int(b != 0)',
    dtype: 'bool',
    smallOnCpu: booleans,
  },
  [LogicalOr]: {
    float32: 'max(int(!isNaN(a)) * int(a != 0.0), int(!isNaN(b)) * int(b != 0.0))',
    int32: 'int((a | b) != 0)',
    dtype: 'bool',
    smallOnCpu: booleans,
  },
  [Maximum]: { float32: 'mix(max(a, b), NAN, eitherIsNaN(a, b))', int32: 'max(a, b)', smallOnCpu: numbers },
  [Minimum]: { float32: 'mix(min(a, b), NAN, eitherIsNaN(a, b))', int32: 'min(a, b)', smallOnCpu: numbers },
  [Mod]: { float32: 'floorMod32(a, b)', int32: 'floorModInt(a, b)', smallOnCpu: integers },
  [Multiply]: {
    float32: 'a * b',
    kind: 'product',
    int32: 'a * b',
    complex64: { real: 'ar * br - ai * bi', imag: 'ar * bi + ai * br' },
    smallOnCpu: exactProducts,
  },
  [NotEqual]: {
    float32: '1 - int(isOrdered(a, b)) * int(a == b)',
    int32: 'int(a != b)',
    dtype: 'bool',
    smallOnCpu: exactFor('float32', 'int32', 'bool'),
  },
  [Pow]: { float32: 'pow32(a, b)', int32: 'powInt(a, b)', known: { 2: { expression: 'a * a', kind: 'square' } } },
  [RealDiv]: { float32: 'a / b', kind: 'quotient', int32: 'divInt(a, b)' },
  [SquaredDifference]: { float32: '(a - b) * (a - b)', kind: 'squaredDifference', int32: '(a - b) * (a - b)' },
  [Sub]: {
    float32: 'a - b',
    kind: 'difference',
    int32: 'a - b',
    complex64: { real: 'ar - br', imag: 'ai - bi' },
    smallOnCpu: numbers,
  },
} satisfies Record<string, Row>;

function binary(kernelName: string, row: Row): KernelConfig {
  const compute: Compute<BinaryInputs, object> = (ctx, { a, b }) => {
    const shape = backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
    if (row.complex64 && (a.dtype === 'complex64' || b.dtype === 'complex64'))
      return complexResult(ctx, row.complex64, { a, b }, shape);
    const [from, other] = [realDType(kernelName, a), realDType(kernelName, b)];
    const dtype = row.dtype ?? from;
    const known = row.known?.[ctx.knownScalar(b) ?? NaN];
    if (known && from === other) return ctx.map({ ...known, dtype }, { a }, shape);
    const floats = from === 'float32' || other === 'float32' || !row.int32;
    if (!floats) return ctx.map({ expression: row.int32, dtype }, { a, b }, shape);
    return ctx.map({ ...floatOp(row, dtype), dtype, floats }, { a, b }, shape);
  };
  return defineKernel(kernelName, compute, { smallOnCpu: row.smallOnCpu });
}

/** The op of floats, whose results become integers where the dtype of the operands asks for them. */
function floatOp({ float32: expression, kind, dtype }: Row, result: DType): Pick<ElementOp, 'expression' | 'kind'> {
  const truncated = result !== 'float32' && dtype === undefined;
  return truncated ? { expression: `toInt(${expression})` } : { expression, kind };
}

function complexResult(
  ctx: KernelContext,
  { real, imag }: NonNullable<Row['complex64']>,
  { a, b }: { readonly a: TensorInfo; readonly b: TensorInfo },
  shape: Shape,
): TensorInfo {
  const { real: ar, imag: ai } = partsOf(ctx, a);
  const { real: br, imag: bi } = partsOf(ctx, b);
  const part = (expression: string) =>
    ctx.map({ expression, dtype: 'float32', kind: 'polynomial' }, named(expression, { ar, ai, br, bi }), shape);
  return ctx.complex(part(real), part(imag));
}

function partsOf(ctx: KernelContext, x: TensorInfo): { real: TensorInfo; imag: TensorInfo } {
  if (x.dtype === 'complex64') return ctx.complexParts(x);
  return { real: castTo(ctx, x, 'float32'), imag: ctx.upload([], 'float32', new Float32Array(1)) };
}

/** The operands that an expression names. */
function named(expression: string, operands: Readonly<Record<string, TensorInfo>>): Record<string, TensorInfo> {
  return Object.fromEntries(Object.entries(operands).filter(([name]) => hasWord(expression, name)));
}

export const binaryKernels: readonly KernelConfig[] = Object.entries(rows).map(([name, row]) => binary(name, row));
