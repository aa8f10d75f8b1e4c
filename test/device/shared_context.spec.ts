/** A context that a renderer draws with too: each finds it as it left it, without a word to the other. */
import * as tf from '@tensorflow/tfjs-core';
import type { Backend } from '../../src/tensors/backend';
import { onGpu, startBackend, stopBackend } from './backends';
import { deferred } from '../page';
import { programOf, rendererOf, stateOf, type Renderer } from './renderer';

/** Work of every kind that a backend does on its context. */
const WORK: Readonly<Record<string, () => Promise<unknown> | number>> = {
  'an upload, a draw and a read': () =>
    tf.tidy(() => tf.sum(tf.add(tf.ones([100, 10]), tf.ones([10]))).dataSync<'float32'>()[0]!),
  'a read that waits': () => tf.tidy(() => tf.mul(tf.ones([1000]), 3)).data(),
  'programs with many samplers and targets': () =>
    tf.tidy(() => tf.conv2d(tf.ones<tf.Rank.R4>([1, 16, 16, 4]), tf.ones([3, 3, 4, 8]), 1, 'same').dataSync().length),
  'a copy of rectangles': () => tf.tidy(() => tf.concat([onGpu(new Float32Array(512), 'float32')]).dataSync().length),
  'textures so large that the driver is asked': () =>
    tf.tidy(() => tf.neg(tf.ones([700, 700])).dataSync<'float32'>().length),
  pixels: () => tf.tidy(() => tf.sum(tf.browser.fromPixels(new ImageData(3, 3))).dataSync<'int32'>()[0]!),
  'a texture handed out and taken back': () =>
    tf.tidy(() => {
      const { texture, texShape } = tf.neg(tf.ones([64])).dataToGPU();
      const [height, width] = texShape!;
      return tf.tensor({ texture: texture!, height, width, channels: 'RGBA' }, [64]).dataSync().length;
    }),
  'an error': () => {
    const inputs = { a: tf.ones([1, 20, 30]), b: tf.ones([1, 40, 50]) };
    expect(() => tf.engine().runKernel('BatchMatMul', inputs, { transposeA: false, transposeB: false })).toThrow();
    tf.dispose(inputs);
    return 0;
  },
};

describe('a context that a renderer draws with', () => {
  let name = '';
  let backend: Backend;
  let renderer: Renderer;

  beforeAll(async () => {
    renderer = rendererOf();
    const before = stateOf(renderer.gl);
    ({ name, backend } = await startBackend({ context: renderer.gl }));
    expect(stateOf(renderer.gl)).withContext('after the start').toEqual(before);
  });
  afterAll(() => stopBackend(name));

  it('is one whose pictures depend on all that state', () => {
    const { gl } = renderer;
    const picture = renderer.draw();
    expect(new Set(picture).size).toBeGreaterThan(10);
    gl.bindSampler(0, null);
    expect(renderer.draw()).not.toEqual(picture);
    gl.bindSampler(0, gl.getParameter(gl.SAMPLER_BINDING) as WebGLSampler);
    expect(renderer.draw()).toEqual(picture);
  });

  for (const [title, work] of Object.entries(WORK)) {
    it(`keeps its state and draws the same picture after ${title}`, async () => {
      const { gl } = renderer;
      const before = stateOf(gl);
      const picture = renderer.draw();
      await work();
      expect(stateOf(gl)).toEqual(before);
      expect(renderer.draw()).toEqual(picture);
      expect(gl.getError()).toBe(gl.NO_ERROR);
    });
  }

  it('gives convgl the same results whatever the renderer draws between two ops', () => {
    const x = onGpu(new Float32Array(300).fill(2), 'float32');
    renderer.draw();
    const y = tf.mul(x, x);
    renderer.draw();
    const z = tf.concat([y, x]);
    renderer.draw();
    const values = z.dataSync();
    expect([values[0], values[599], values[600], values[1199]]).toEqual([4, 4, 2, 2]);
    tf.dispose([x, y, z]);
  });

  it('asks the GPU process for what an op disturbs, and for nothing else', async () => {
    const { gl } = renderer;
    const x = onGpu(new Float32Array(300).fill(2), 'float32');
    const slow = ['COLOR_WRITEMASK', 'SCISSOR_BOX', 'UNPACK_ROW_LENGTH', 'PACK_ROW_LENGTH'] as const;
    const ask = spyOn(gl, 'getParameter').and.callThrough();
    const asked = (): string[] => {
      const names = ask.calls.allArgs().map(([name]) => slow.find((key) => gl[key] === name));
      ask.calls.reset();
      return names.filter((name) => name !== undefined);
    };
    const y = tf.add(x, 1);
    // It waits, where anything does.
    expect(asked())
      .withContext('an elementwise op')
      .toEqual(deferred ? [] : ['COLOR_WRITEMASK']);
    const z = tf.concat([y, x]);
    expect(asked()).withContext('an op that draws').toEqual(['COLOR_WRITEMASK']);
    await z.data();
    expect(asked()).withContext('a read').toEqual(['PACK_ROW_LENGTH']);
    tf.dispose([x, y, z]);
  });

  it('goes on recording a transform feedback that work has interrupted', () => {
    renderer.beginFeedback();
    const sum = tf.tidy(() => tf.sum(tf.ones([100, 10])).dataSync<'float32'>()[0]);
    expect(sum).toBe(1000);
    expect([...renderer.endFeedback()]).toEqual([-1, 1, 1]);
    expect(renderer.gl.getError()).toBe(renderer.gl.NO_ERROR);
  });

  it('leaves no program current that the renderer has deleted meanwhile', () => {
    const { gl } = renderer;
    const own = gl.getParameter(gl.CURRENT_PROGRAM) as WebGLProgram;
    const deleted = programOf(gl);
    gl.useProgram(deleted);
    gl.deleteProgram(deleted);
    tf.tidy(() => tf.neg(tf.ones([100])).dataSync());
    expect(gl.getParameter(gl.CURRENT_PROGRAM)).toBeNull();
    expect(gl.getError()).toBe(gl.NO_ERROR);
    gl.useProgram(own);
  });

  it('is saved and restored once for a batch of ops', () => {
    const { gl } = renderer;
    const before = stateOf(gl);
    const bound = spyOn(gl, 'bindVertexArray').and.callThrough();
    const ops = (): number =>
      tf.tidy(() => tf.sum(tf.neg(tf.mul(tf.ones([100, 10]), tf.ones([100, 10])))).dataSync<'float32'>()[0]!);
    expect(ops()).toBe(-1000);
    expect(bound.calls.count()).toBeGreaterThan(2);
    bound.calls.reset();
    expect(backend.batch(ops)).toBe(-1000);
    expect(bound.calls.count()).toBe(2);
    expect(stateOf(gl)).toEqual(before);
  });
});
