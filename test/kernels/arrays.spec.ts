/** Arrays that go in and come out: whoever changes one afterwards changes no tensor. */
import * as tf from '@tensorflow/tfjs-core';
import { useKernelsOfOurOwn } from './backends';

/** More than a tensor keeps on the host, and so few that it does. */
const LENGTHS = [6000, 5];

describe('an array', () => {
  useKernelsOfOurOwn();

  for (const length of LENGTHS) {
    const numbers = () => Float32Array.from({ length }, (_, i) => 2 + (i % 3));
    const squares = Array.from(numbers(), (x) => x * x);

    it(`of ${length} that a tensor was made of may be changed after the call`, async () => {
      const values = numbers();
      const x = tf.tensor1d(values);
      const y = tf.square(x);
      values.fill(-1);
      expect(Array.from(await y.data())).toEqual(squares);
      expect(Array.from(await tf.square(x).data())).toEqual(squares);
    });

    it(`of ${length} that a buffer holds may be changed after the call`, async () => {
      const buffer = tf.buffer([length], 'float32', numbers());
      const y = tf.square(buffer.toTensor());
      buffer.set(-1, 0);
      expect(Array.from(await y.data())).toEqual(squares);
    });

    it(`of ${length} that was read may be changed`, async () => {
      const x = tf.tensor1d(numbers());
      const y = tf.square(x);
      for (const read of [() => x.data(), () => y.data(), () => x.dataSync(), () => y.dataSync()])
        (await read()).fill(-1);
      const [a, b] = await Promise.all([y.data(), y.data()]);
      a.fill(-1);
      expect(Array.from(b)).toEqual(squares);
      expect(Array.from(await tf.add(y, tf.mul(x, 0)).data())).toEqual(squares);
    });

    it(`of ${length} that another backend held may be changed`, async () => {
      const values = numbers();
      await tf.setBackend('cpu');
      const x = tf.tensor1d(values);
      await tf.setBackend('convgl');
      const y = tf.square(x);
      values.fill(-1);
      expect(Array.from(await y.data())).toEqual(squares);
    });

    it(`of ${length} integers, and of bools, may be changed after the call`, async () => {
      const [ints, bools] = [new Int32Array(length).fill(3), new Uint8Array(length).fill(1)];
      const y = tf.add(tf.tensor1d(ints, 'int32'), tf.tensor1d(bools, 'bool'));
      ints.fill(7);
      bools.fill(0);
      expect(Array.from(await y.data())).toEqual(Array<number>(length).fill(4));
    });
  }

  it('of one number throughout is not shared with callers', async () => {
    const made = () => new Float32Array(6000).fill(3);
    const first = made();
    const [x, y] = [tf.tensor1d(first), tf.tensor1d(made())];
    first.fill(-1);
    for (const read of [() => x.data(), () => x.dataSync(), () => y.data()]) (await read()).fill(-1);
    x.dispose();
    expect(new Set(await tf.tensor1d(made()).data())).toEqual(new Set([3]));
    expect(new Set(await tf.add(y, tf.tensor1d(made())).data())).toEqual(new Set([6]));
  });

  it('of one number is that number and no other of the same length', async () => {
    const of = (value: number) => tf.tensor1d(new Float32Array(6000).fill(value));
    const sum = (await Promise.all([of(0), of(-0), of(1), of(NaN)].map((x) => x.data()))).map((read) => read[5999]);
    expect(sum).toEqual([0, -0, 1, NaN]);
  });
});
