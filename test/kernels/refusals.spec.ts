/** What tfjs-backend-cpu refuses for its values is refused here too, also where only the GPU knows them. */
import * as tf from '@tensorflow/tfjs-core';
import { KernelError } from '../../src/index';
import { useKernelsOfOurOwn } from './backends';
import { callKernel, fillInputs, type Call } from './call';

const values = (shape: readonly number[], numbers: readonly number[]) =>
  ({ shape, dtype: 'int32', values: numbers }) as const;
const floats = (shape: readonly number[]) => ({
  shape,
  values: new Array<number>(tf.util.sizeFromShape([...shape])).fill(1),
});

/** More than the host keeps, of which one, somewhere, is wrong. */
function many(count: number, wrong: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => (i === 171 ? wrong : i % 3));
}

const refused: readonly (Call & { readonly name: string })[] = [
  {
    name: 'index NaN',
    kernel: tf.GatherV2,
    inputs: { x: floats([5, 2]), indices: { shape: [3], values: [0, NaN, 4] } },
    attrs: { axis: 0 },
  },
  ...[-1, 5].flatMap((wrong): (Call & { readonly name: string })[] => [
    {
      name: `index ${wrong} of few`,
      kernel: tf.GatherV2,
      inputs: { x: floats([5, 2]), indices: values([3], [0, wrong, 4]) },
      attrs: { axis: 0 },
    },
    {
      name: `index ${wrong} of many`,
      kernel: tf.GatherV2,
      inputs: { x: floats([5, 2]), indices: values([300], many(300, wrong)) },
      attrs: { axis: 0 },
    },
    {
      name: `index ${wrong}`,
      kernel: tf.GatherNd,
      inputs: { params: floats([5, 2]), indices: values([2, 1], [wrong, 0]) },
    },
    {
      name: `index ${wrong} of few`,
      kernel: tf.ScatterNd,
      inputs: { indices: values([2, 1], [wrong, 0]), updates: floats([2]) },
      attrs: { shape: [5] },
    },
    {
      name: `index ${wrong} of many`,
      kernel: tf.ScatterNd,
      inputs: { indices: values([300, 1], many(300, wrong)), updates: floats([300]) },
      attrs: { shape: [5] },
    },
    {
      name: `index ${wrong}`,
      kernel: tf.TensorScatterUpdate,
      inputs: { tensor: floats([5]), indices: values([2, 1], [wrong, 0]), updates: floats([2]) },
    },
  ]),
  ...[tf.Bincount, tf.DenseBincount].map((kernel) => ({
    name: 'a negative number',
    kernel,
    inputs: { x: values([300], many(300, -1)), weights: { shape: [0], values: [] } },
    attrs: { size: 4, binaryOutput: false },
  })),
];

describe('refusals', () => {
  useKernelsOfOurOwn();

  for (const { name, ...call } of refused) {
    for (const flat of [false, true]) {
      it(`${call.kernel}: ${name}, ${flat ? 'on the GPU' : 'on the host'}`, async () => {
        const inputs = fillInputs(call, (spec) =>
          spec.dtype === 'int32' ? Int32Array.from(spec.values!) : Float32Array.from(spec.values!),
        );
        await expectAsync(callKernel('cpu', call, inputs)).toBeRejected();
        await expectAsync(callKernel('convgl', { ...call, flat }, inputs)).toBeRejectedWithError(KernelError);
        const [right] = await callKernel(
          'convgl',
          { kernel: tf.Neg, inputs: { x: floats([3]) } },
          { x: new Float32Array(3).fill(2) },
        );
        expect(Array.from(right!.values)).toEqual([-2, -2, -2]);
      });
    }
  }
});

describe('shapes that tfjs-backend-cpu reads as if they repeated', () => {
  useKernelsOfOurOwn();

  for (const wrong of ['mean', 'variance', 'offset', 'scale']) {
    it(`FusedBatchNorm: ${wrong} of too few channels`, async () => {
      const shapeOf = (name: string) => floats([name === wrong ? 3 : 4]);
      const names = ['mean', 'variance', 'offset', 'scale'];
      const inputs = { x: floats([300, 4]), ...Object.fromEntries(names.map((name) => [name, shapeOf(name)])) };
      const call: Call = { kernel: tf.FusedBatchNorm, inputs, attrs: { varianceEpsilon: 0.001 } };
      const filled = fillInputs(call, (spec) => Float32Array.from(spec.values!));
      await expectAsync(callKernel('convgl', call, filled)).toBeRejectedWithError(
        KernelError,
        `FusedBatchNorm: ${wrong} has shape [3], which does not broadcast to x's [300, 4].`,
      );
    });
  }
});
