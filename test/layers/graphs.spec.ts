/** Graph models of tfjs-converter, with control flow, give on convgl what they give on tfjs-backend-cpu. */
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import { convglBackend } from '../../src/index';
import { useKernelsOfOurOwn } from '../kernels/backends';
import type { Output } from '../kernels/call';
import { compare } from '../kernels/harness';
import { handlerOf, type Graph } from './graph';
import { graphs } from './graphs';

/** A graph's outputs on a backend, and how many tensors and data ids are left. */
async function run(backend: string, graph: Graph): Promise<{ outputs: Output[]; left: number[] }> {
  await tf.setBackend(backend);
  const before = [tf.memory().numTensors, tf.engine().backend.numDataIds()];
  const model = await loadGraphModel(handlerOf(graph));
  const inputs = Object.fromEntries(
    Object.entries(graph.inputs).map(([name, { values, shape, dtype }]) => [
      name,
      tf.tensor([...values], [...shape], dtype),
    ]),
  );
  const names = [...graph.outputs];
  const tensors = [graph.atOnce ? model.execute(inputs, names) : await model.executeAsync(inputs, names)].flat();
  const outputs = tensors.map((y) => ({ shape: y.shape, dtype: y.dtype, values: y.dataSync<'float32'>() }));
  tf.dispose([tensors, inputs]);
  model.dispose();
  const left = [tf.memory().numTensors, tf.engine().backend.numDataIds()].map((count, i) => count - before[i]!);
  return { outputs, left };
}

describe('graph models', () => {
  useKernelsOfOurOwn();

  for (const [name, graph] of Object.entries(graphs)) {
    it(`of tfjs-converter: ${name}`, async () => {
      const expected = await run('cpu', graph);
      const { draws } = convglBackend().stats();
      const actual = await run('convgl', graph);
      expect(convglBackend().stats().draws).withContext('draws').toBeGreaterThan(draws);
      expect(actual.outputs.length).toBe(graph.outputs.length);
      actual.outputs.forEach((output, i) => compare(output, [expected.outputs[i]!]));
      expect(actual.left).withContext('tensors and data ids left').toEqual(expected.left);
    });
  }
});
