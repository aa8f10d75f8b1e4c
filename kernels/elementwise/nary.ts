/** Other elementwise ops: AddN, Select, and gradients of activations. */
import {
  AddN,
  EluGrad,
  LeakyRelu,
  Prelu,
  Select,
  backend_util,
  upcastType,
  type AddNInputs,
  type EluGradInputs,
  type KernelConfig,
  type PreluInputs,
  type SelectInputs,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { defineKernel, realDType, type KernelContext } from '../../src/kernel/define_kernel';
import { unaryRows } from './unary';

/** Tensors that one pass of AddN sums: half of the textures that every device can bind. */
const SUMMED = 8;

const addN = defineKernel<AddNInputs>(AddN, (ctx, tensors) => {
  let terms: TensorInfo[] = [...tensors];
  while (terms.length > 1) terms = [sum(ctx, terms.slice(0, SUMMED)), ...terms.slice(SUMMED)];
  return ctx.view(terms[0]!, terms[0]!.shape);
});

function sum(ctx: KernelContext, terms: readonly TensorInfo[]): TensorInfo {
  const dtype = realDType(AddN, terms[0]!);
  const floats = terms.some((t) => realDType(AddN, t) === 'float32');
  const expression = terms.map((_, i) => `x${i}`).join(' + ');
  const operands = Object.fromEntries(terms.map((t, i) => [`x${i}`, t]));
  return ctx.map(
    {
      ...(floats && dtype !== 'float32' ? { expression: `toInt(${expression})` } : { expression, kind: 'sum' }),
      dtype,
      floats,
    },
    operands,
    terms[0]!.shape,
  );
}

/** A condition of rank 1 chooses whole slices along the first dimension. */
const select = defineKernel<SelectInputs>(Select, (ctx, { condition, t, e }) => {
  const [, ...inner] = t.shape;
  const c =
    condition.shape.length === 1 && inner.length > 0
      ? ctx.view(condition, [condition.shape[0]!, ...inner.map(() => 1)])
      : condition;
  const dtype = upcastType(realDType(Select, t), realDType(Select, e)) as ReturnType<typeof realDType>;
  const floats = dtype === 'float32' || realDType(Select, c) === 'float32';
  const chosen = `c == ${floats ? '1.0' : '1'} ? t : e`;
  return ctx.map(
    { expression: floats && dtype !== 'float32' ? `toInt(${chosen})` : chosen, kind: 'selection', dtype, floats },
    { c, t, e },
    t.shape,
  );
});

const prelu = defineKernel<PreluInputs>(Prelu, (ctx, { x, alpha }) => {
  const shape = backend_util.assertAndGetBroadcastShape(x.shape, alpha.shape);
  return ctx.map({ expression: unaryRows[LeakyRelu].float32, dtype: 'float32', floats: true }, { x, alpha }, shape);
});

const eluGrad = defineKernel<EluGradInputs>(EluGrad, (ctx, { dy, y }) =>
  ctx.map({ expression: 'mix(dy * (y + 1.0), dy, y >= 0.0)', dtype: 'float32', floats: true }, { dy, y }, y.shape),
);

export const naryKernels: readonly KernelConfig[] = [addN, eluGrad, prelu, select];
