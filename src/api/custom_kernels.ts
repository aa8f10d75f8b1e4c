/** Custom kernels: an application's GLSL for one output element, registered with tfjs like any other kernel. */
import { engine, registerGradient, type KernelConfig, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import { coordsOf, elementAt } from '../glsl/accessor';
import { scalarType, shader, vectorType } from '../glsl/shader';
import { defineGradient, type ComputeGradient } from '../kernel/define_gradient';
import { defineKernel, KernelError, realDType, type KernelContext } from '../kernel/define_kernel';
import { template, type DType, type Uniform } from '../plan/plan';
import { checkShape, sizeOf } from '../plan/shape';

/** Shape and dtype of a custom kernel's result. */
export interface GLSLOutput {
  readonly shape: readonly number[];
  /** float32 unless said. */
  readonly dtype?: DType;
}

/** Numbers that a custom kernel is called with beside its tensors. */
export type GLSLAttributes<A extends string> = Readonly<Record<A, number>>;

/** A kernel of an application's own. `I` names its inputs and `A` its attributes, as GLSL sees them. */
export interface GLSLKernel<I extends string, A extends string> {
  /** The kernel's name in tfjs's registry; like `MyApp/Blur`, so that it meets no other. */
  readonly name: string;
  /** The dtype of each input. */
  readonly inputs: Readonly<Record<I, DType>>;
  /** The GLSL type of each attribute. */
  readonly attributes?: Readonly<Record<A, 'float' | 'int'>>;
  /** What comes out for inputs of given shapes; throw a `KernelError` for what cannot be. */
  readonly output: (inputs: Readonly<Record<I, TensorInfo>>, attributes: GLSLAttributes<A>) => GLSLOutput;
  /**
   * GLSL ES 3.00 that defines `float element(int i)`, or `int element(int i)` for an int32 or bool result: the output's
   * element with flat index i. It may use, for an input x,
   *
   * - `x_at(i)`: the element of x with flat index i, a float or, for int32 and bool, an int;
   * - `x_get(c0, c1, ...)`: the element at these coordinates, as many as x has dimensions;
   * - `x_shape[d]`: the size of a dimension of x, and `dims[d]`: of one of the output;
   * - `coordsOf(i, c)`: writes the coordinates of i to `int c[R]`, where R is the output's rank;
   * - its attributes by their names, and convgl's isNaN, isInf, NAN, INFINITY, exp32, log32, sin32, cos32, tanh32, pow32,
   *   erf, which are right to a few units in the last place on every device, unlike GLSL's own.
   */
  readonly glsl: string;
  /**
   * Gradients with respect to the inputs that have one, from `dy`, the output's; tf.grad and training then pass through
   * the kernel. Without it, `tf.customGrad` around the call does the same.
   */
  readonly gradient?: (
    dy: Tensor,
    inputs: Readonly<Record<I, Tensor>>,
    attributes: GLSLAttributes<A>,
  ) => Partial<Record<I, () => Tensor>>;
}

/** Calls a custom kernel, as `tf.engine().runKernel(name, inputs, attributes)` does. */
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
