/** What lies in padding meets nothing: an infinite image or gradient makes no NaN of sums that do not hold it. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import cases from 'virtual:cases';
import type { KernelCase, TensorSpec } from '../cases/case';
import { useBackend } from '../device/backends';
import { expectAsOnCpu } from './harness';

const KERNELS: readonly string[] = [
  tf.Conv2D,
  tf.Conv2DBackpropInput,
  tf.Conv2DBackpropFilter,
  tf.DepthwiseConv2dNative,
  tf.DepthwiseConv2dNativeBackpropInput,
  tf.DepthwiseConv2dNativeBackpropFilter,
  tf.Conv3D,
  tf.Conv3DBackpropInputV2,
  tf.Conv3DBackpropFilterV2,
];

/** Elements of an input; of more, nothing else would be learnt. */
const MOST_ELEMENTS = 5000;

const sizeOf = ({ shape }: TensorSpec): number => tf.util.sizeFromShape([...shape]);

/** Cases of one kernel, each with ones and a single infinity: at the first and the last place of an input that is no filter. */
function casesOf(kernel: string): KernelCase[] {
  const own = cases.filter((one) => {
    const inputs = Object.values<TensorSpec>(one.inputs);
    const small = inputs.every((x) => sizeOf(x) > 0 && sizeOf(x) < MOST_ELEMENTS);
    return one.kernel === kernel && one.bench !== true && small;
  });
  return own.flatMap((one) =>
    Object.entries<TensorSpec>(one.inputs)
      .filter(([name]) => name !== 'filter')
      .flatMap(([name, infinite]) =>
        [0, sizeOf(infinite) - 1].map((place): KernelCase => {
          const filled = (key: string, x: TensorSpec): TensorSpec => ({
            shape: x.shape,
            values: Array.from({ length: sizeOf(x) }, (_, i) => (key === name && i === place ? Infinity : 1)),
          });
          const inputs = Object.fromEntries(
            Object.entries<TensorSpec>(one.inputs).map(([key, x]) => [key, filled(key, x)]),
          );
          return { ...one, name: `${one.name}, ${name} infinite at ${place}`, inputs };
        }),
      ),
  );
}

/** A canvas whose context says that it has so few render targets. */
function canvasOf(targets: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  const gl = canvas.getContext('webgl2')!;
  const parameter = gl.getParameter.bind(gl);
  gl.getParameter = (name) => (name === gl.MAX_DRAW_BUFFERS ? targets : (parameter(name) as unknown));
  return canvas;
}

for (const targets of [8, 4]) {
  describe(`an infinity beside padding, with ${targets} targets`, () => {
    const backend = useBackend({ canvas: canvasOf(targets) });
    let name = '';
    beforeAll(() => {
      name = tf.getBackend();
    });
    it('has so many', () => expect(backend().device.limits.maxTargets).toBe(targets));
    for (const kernel of KERNELS) {
      for (const one of casesOf(kernel)) it(`${kernel} ${one.name}`, () => expectAsOnCpu(name, one));
    }
  });
}
