/** Reading tensors: sync and async alike, of any size and dtype, several at a time, and while they are disposed. */
import * as tf from '@tensorflow/tfjs-core';
import { counts, onGpu, useBackend } from './backends';

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

function twice(values: tf.TypedArray): number[] {
  return [...values, ...values];
}

describe('reading', () => {
  const backend = useBackend();

  for (const dtype of ['float32', 'int32', 'bool'] as const) {
    it(`gives the same values of ${dtype} at once and later, whatever the size`, async () => {
      for (const size of [0, 1, 2, 3, 4, 5, 63, 64, 65, 127, 1000, 4099]) {
        const values = new arrays[dtype](size).map((_, i) => (dtype === 'bool' ? i % 2 : i * 3 - 7));
        const [a, b] = [onGpu(values, dtype), onGpu(values, dtype)];
        expect([...a.dataSync()])
          .withContext(`${size} sync`)
          .toEqual(twice(values));
        const later = await b.data();
        expect(later).withContext(`${size} async`).toBeInstanceOf(arrays[dtype]);
        expect([...later])
          .withContext(`${size} async`)
          .toEqual(twice(values));
        tf.dispose([a, b]);
      }
    });
  }

  it('keeps every int32', async () => {
    const values = Int32Array.of(-(2 ** 31), 2 ** 31 - 1, 2 ** 24 + 1, -(2 ** 24) - 1, 0, -1, 123456789);
    const y = onGpu(values, 'int32');
    expect([...(await y.data())]).toEqual(twice(values));
    const z = onGpu(values, 'int32');
    expect([...z.dataSync()]).toEqual(twice(values));
    tf.dispose([y, z]);
  });

  it('keeps NaN, infinities, the sign of zero and the extremes of float32', async () => {
    const values = Float32Array.of(NaN, Infinity, -Infinity, -0, 0, 3.4028234663852886e38, 1.1754943508222875e-38);
    const y = onGpu(values, 'float32');
    const read = [...(await y.data())];
    twice(values).forEach((value, i) => expect(Object.is(read[i], value)).withContext(`${value}`).toBeTrue());
    y.dispose();
  });

  it('reads a tensor once for any number of concurrent reads', async () => {
    const y = onGpu(new Float32Array(500).fill(3), 'float32');
    const read = spyOn(backend().device, 'read').and.callThrough();
    const all = await Promise.all([y.data(), y.data(), y.data()]);
    expect(read).toHaveBeenCalledTimes(1);
    for (const values of all) expect(values.every((x) => x === 3)).toBeTrue();
    await y.data();
    expect(read).withContext('a later read').toHaveBeenCalledTimes(2);
    y.dispose();
  });

  it('reads many tensors at once', async () => {
    const tensors = Array.from({ length: 12 }, (_, i) => onGpu(new Float32Array(200 + i).fill(i), 'float32'));
    const values = await Promise.all(tensors.map((t) => t.data()));
    values.forEach((v, i) => expect([v.length, v[0], v.at(-1)]).toEqual([2 * (200 + i), i, i]));
    tf.dispose(tensors);
  });

  it('does not use the GPU for values that the host has: small uploads, and values read before', async () => {
    const read = spyOn(backend().device, 'readSync').and.callThrough();
    const x = tf.tensor1d([1, 2, 3]);
    const y = tf.neg(x);
    x.dataSync();
    expect(read).not.toHaveBeenCalled();
    y.dataSync();
    y.dataSync();
    await y.data();
    expect(read).toHaveBeenCalledTimes(1);
    tf.dispose([x, y]);
  });

  it('finishes a read of a tensor that is disposed meanwhile, and frees everything afterwards', async () => {
    const before = counts(backend());
    const y = onGpu(new Float32Array(300).fill(7), 'float32');
    const reading = y.data();
    y.dispose();
    const values = await reading;
    expect(values.length).toBe(600);
    expect(values.every((x) => x === 7)).toBeTrue();
    await Promise.resolve();
    expect(counts(backend())).toEqual(before);
  });

  it('reads a view while another is disposed', async () => {
    const before = counts(backend());
    const y = onGpu(new Float32Array(300).fill(7), 'float32');
    const view = tf.reshape(y, [2, 300]);
    const reading = y.data();
    y.dispose();
    await reading;
    expect([...new Set(view.dataSync())]).toEqual([7]);
    view.dispose();
    expect(counts(backend())).toEqual(before);
  });

  it('reads complex64, its parts concurrently with itself', async () => {
    const [a, b] = [onGpu(Float32Array.of(1, 2), 'float32'), onGpu(Float32Array.of(3, 4), 'float32')];
    const z = tf.complex(a, b);
    const real = tf.real(z);
    const [whole, re] = await Promise.all([z.data(), real.data()]);
    expect([...whole]).toEqual([1, 3, 2, 4, 1, 3, 2, 4]);
    expect([...re]).toEqual([1, 2, 1, 2]);
    tf.dispose([a, b, z, real]);
  });

  it('reads zeros where a tensor has fewer values than elements, on the host and on the GPU', () => {
    // What tfjs-core makes of an array that holds a tensor, which tfjs-layers gives it by mistake.
    const x = tf.engine().makeTensor(new Float32Array(0), [1], 'float32');
    const y = tf.add(x, tf.ones([200]));
    expect([x.shape, [...x.dataSync()], [...new Set(y.dataSync())]]).toEqual([[1], [0], [1]]);
    tf.dispose([x, y]);
  });

  it('returns separate arrays to two callers that read a large tensor', () => {
    const y = onGpu(new Float32Array(300).fill(7), 'float32');
    const first = y.dataSync();
    first[0] = 1;
    expect(y.dataSync()[0]).toBe(7);
    y.dispose();
  });
});

describe('reading one of the numbers that a pass has computed', () => {
  const backend = useBackend({ deferred: true });

  /** A step's loss and metric, say. */
  function numbers(): [tf.Scalar, tf.Scalar] {
    const x = onGpu(
      Float32Array.from({ length: 500 }, (_, i) => i),
      'float32',
    );
    const squares = tf.square(x);
    const both: [tf.Scalar, tf.Scalar] = [tf.mean(x), tf.mean(squares)];
    tf.dispose([x, squares]);
    return both;
  }

  it('reads the others along with it', async () => {
    const [loss, metric] = numbers();
    const read = spyOn(backend().device, 'read').and.callThrough();
    const [first] = await loss.data();
    const wait = spyOn(backend().device, 'readSync').and.callThrough();
    const [second] = backend().hostValues(metric.dataId);
    expect(wait).not.toHaveBeenCalled();
    expect(read).toHaveBeenCalledTimes(2);
    expect((await metric.data())[0]).toBe(second as number);
    expect(read).toHaveBeenCalledTimes(2);
    expect(first).toBeCloseTo(249.5, 3);
    expect(second).toBeCloseTo(83083.5, 0);
    tf.dispose([loss, metric]);
  });

  it('lets them be disposed meanwhile', async () => {
    const before = counts(backend());
    const [loss, metric] = numbers();
    const read = loss.data();
    metric.dispose();
    const [again, other] = numbers();
    expect((await again.data())[0]).toBe((await read)[0]);
    tf.dispose([loss, again, other]);
    expect(counts(backend())).toEqual(before);
  });
});
