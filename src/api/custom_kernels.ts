/** Custom kernels: an application's GLSL for one output element, registered with tfjs like any other kernel. */
import { engine, registerGradient, type KernelConfig, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import { coordsOf, elementAt } from '../glsl/accessor';
import { scalarType, shader, vectorType } from '../glsl/shader';
import { defineGradient, type ComputeGradient } from '../kernel/define_gradient';
import { defineKernel, KernelError, realDType, type KernelContext } from '../kernel/define_kernel';
import { template, type DType, type Uniform } from '../plan/plan';
import { checkShape, sizeOf } from '../plan/shape';

/** The dtype of an input or of the output of a custom kernel. */
export type GLSLDType = 'float32' | 'int32' | 'bool';

/** Shape and dtype of a custom kernel's output. */
export interface GLSLOutput {
  /** Whole numbers from 0; the output has any rank. */
  readonly shape: readonly number[];
  /** Default: float32. */
  readonly dtype?: GLSLDType;
}

/** The attributes of a custom kernel: numbers that it is called with beside its tensors. */
export type GLSLAttributes<A extends string> = Readonly<Record<A, number>>;

/**
 * The definition of a custom kernel.
 *
 * @typeParam I - the names of its inputs, also in GLSL
 * @typeParam A - the names of its attributes, also in GLSL
 */
export interface GLSLKernel<I extends string, A extends string> {
  /** The kernel's name in tfjs's registry. Choose one like `MyApp/Blur`, which no other kernel has. */
  readonly name: string;
  /** The dtype of each input. */
  readonly inputs: Readonly<Record<I, GLSLDType>>;
  /** The GLSL type of each attribute. Attributes are uniforms, so new values compile nothing. Default: no attributes. */
  readonly attributes?: Readonly<Record<A, 'float' | 'int'>>;
  /** Shape and dtype of the output for given inputs. Throw a {@link KernelError} for inputs that do not fit. */
  readonly output: (inputs: Readonly<Record<I, TensorInfo>>, attributes: GLSLAttributes<A>) => GLSLOutput;
  /**
   * GLSL ES 3.00 that defines `float element(int i)`, or `int element(int i)` for an int32 or bool output: the element of
   * the output with flat, row-major index i. For an input named `x` it may use:
   *
   * - `x_at(i)`: the element of x with flat index i, a float, or an int for int32 and bool
   * - `x_get(c0, c1, ...)`: the element of x at these coordinates, one per dimension
   * - `x_shape[d]`: the size of dimension d of x
   *
   * and also:
   *
   * - `dims[d]`: the size of dimension d of the output
   * - `coordsOf(i, c)`: writes the coordinates of element i to `int c[R]`, where R is the output's rank
   * - attributes by their names
   * - `isNaN`, `isInf`, `NAN`, `INFINITY`, and `exp32`, `log32`, `sin32`, `cos32`, `tan32`, `tanh32`, `pow32`, `erf`: unlike
   *   GLSL's own, they are right to a few units in the last place on every device
   */
  readonly glsl: string;
  /**
   * The gradients with respect to those inputs that have one, given `dy`, the gradient with respect to the output. With it,
   * `tf.grad` and training pass through the kernel. Default: no gradient; `tf.customGrad` around the call can add one.
   */
  readonly gradient?: (
    dy: Tensor,
    inputs: Readonly<Record<I, Tensor>>,
    attributes: GLSLAttributes<A>,
  ) => Partial<Record<I, () => Tensor>>;
}

/** Calls a custom kernel with tensors and, if it has any, attributes. `tf.tidy` disposes the tensor that it returns. */
export type GLSLOp<I extends string, A extends string> = (
  inputs: Readonly<Record<I, Tensor>>,
  ...attributes: [A] extends [never] ? [] : [GLSLAttributes<A>]
) => Tensor;

interface CustomInput {
  readonly name: string;
  readonly dtype: DType;
  readonly rank: number;
}

interface CustomParams {
  readonly kernel: string;
  /** Which definition this is: the text of another one under the same name differs. */
  readonly definition: number;
  readonly glsl: string;
  readonly inputs: readonly CustomInput[];
  readonly attributes: readonly (readonly [name: string, type: string])[];
  readonly dtype: DType;
  readonly rank: number;
}

/** A GLSL array has one element at least. */
const shapeUniform = (name: string, rank: number) => `int ${name}[${Math.max(1, rank)}]`;

/** `float x_get(int c0, int c1)`: the element at coordinates. */
function elementGet({ name, dtype, rank }: CustomInput): string {
  const coordinates = Array.from({ length: rank }, (_, d) => `c${d}`);
  const index = coordinates.reduce((flat, c, d) => (d === 0 ? c : `(${flat}) * ${name}_shape[${d}] + ${c}`), '0');
  return `${scalarType(dtype)} ${name}_get(${coordinates.map((c) => `int ${c}`).join(', ')}) { return ${name}_at(${index}); }`;
}

const custom = template<CustomParams>(
  'custom',
  ({ inputs }) => inputs.map((x) => x.name),
  ({ glsl, inputs, attributes, dtype, rank }) => {
    const lane = (i: number) => `lane(outTexel() * 4 + ${i})`;
    return shader({
      samplers: Object.fromEntries(inputs.map((x) => [x.name, x.dtype])),
      uniforms: [
        'int size',
        shapeUniform('dims', rank),
        ...inputs.map((x) => shapeUniform(`${x.name}_shape`, x.rank)),
        ...attributes.map(([attribute, type]) => `${type} ${attribute}`),
      ],
      outputs: [dtype],
      helpers: [
        ...inputs.flatMap((x) => [elementAt(x.name, x.dtype), elementGet(x)]),
        rank > 0 ? coordsOf(rank) : '',
        glsl,
        // Lanes after the last element are nobody's: the kernel is not asked for them.
        `${scalarType(dtype)} lane(int i) { return i < size ? element(i) : ${scalarType(dtype)}(0); }`,
      ],
      body: `out0 = ${vectorType(dtype)}(${[0, 1, 2, 3].map(lane).join(', ')});`,
    });
  },
);

let definitions = 0;

/** tfjs's form of a custom kernel, to be registered for a backend. */
export function glslKernel<I extends string, A extends string>(kernel: GLSLKernel<I, A>): KernelConfig {
  const { name, glsl } = kernel;
  const names = Object.keys(kernel.inputs) as I[];
  const attributes = Object.entries<string>(kernel.attributes ?? {});
  const definition = ++definitions;
  const compute = (
    ctx: KernelContext,
    given: Readonly<Record<I, TensorInfo>>,
    attrs: GLSLAttributes<A>,
  ): TensorInfo => {
    const inputs = names.map((key) => checkedInput(name, { key, dtype: kernel.inputs[key] }, given[key]));
    const output = kernel.output(given, attrs);
    const { dtype = 'float32' } = output;
    // Arrays of the caller's, which it may change.
    const shape = [...output.shape];
    if (!(dtype === 'float32' || dtype === 'int32' || dtype === 'bool'))
      throw new KernelError(name, `found the dtype ${String(dtype)} for its output, expected float32, int32 or bool.`);
    checkShape(shape);
    const uniforms: Record<string, Uniform> = { size: sizeOf(shape), dims: shape };
    inputs.forEach((x, i) => (uniforms[`${names[i]}_shape`] = [...x.shape]));
    for (const [key] of attributes) uniforms[key] = checkedNumber(name, key, attrs[key as A]);
    const params = {
      ...{ kernel: name, definition, glsl, attributes, dtype, rank: shape.length },
      inputs: inputs.map((x, i) => ({ name: names[i]!, dtype: kernel.inputs[names[i]!], rank: x.shape.length })),
    };
    return ctx.run(custom(params, { uniforms, outputs: [ctx.newLayout(shape, dtype)] }), inputs);
  };
  return defineKernel<Readonly<Record<I, TensorInfo>>, GLSLAttributes<A>>(name, (ctx, inputs, attrs) =>
    compute(ctx, inputs, attrs),
  );
}

function checkedInput(
  kernel: string,
  { key, dtype }: { readonly key: string; readonly dtype: DType },
  x: TensorInfo | undefined,
): TensorInfo {
  if (!x) throw new KernelError(kernel, `found no input ${key}.`);
  const found = realDType(kernel, x);
  if (found !== dtype) throw new KernelError(kernel, `found ${key} of dtype ${found}, expected ${dtype}.`);
  return x;
}

function checkedNumber(kernel: string, key: string, value: unknown): number {
  if (typeof value === 'number') return value;
  throw new KernelError(kernel, `found ${String(value)} for the attribute ${key}, expected a number.`);
}

/** Registers the gradient of a custom kernel, for every backend. */
export function registerGLSLGradient<I extends string, A extends string>(kernel: GLSLKernel<I, A>): void {
  const { name, inputs, gradient } = kernel;
  if (!gradient) return;
  const names = Object.keys(inputs) as I[];
  const compute: ComputeGradient<GLSLAttributes<A>, Tensor> = (dy, saved, attrs) => {
    const byName = Object.fromEntries(names.map((key, i) => [key, saved[i]!])) as Record<I, Tensor>;
    const gradients = gradient(dy, byName, attrs);
    const none = (key: string) => () => {
      throw new KernelError(name, `its input ${key} has no gradient.`);
    };
    return Object.fromEntries(names.map((key) => [key, gradients[key] ?? none(key)]));
  };
  registerGradient(defineGradient({ kernelName: name, inputsToSave: names }, compute));
}

/** The function that calls a registered kernel. */
export function glslOp<I extends string, A extends string>(name: string): GLSLOp<I, A> {
  return (inputs, ...[attributes]) => engine().runKernel<Tensor>(name, { ...inputs }, { ...attributes });
}
