/** Tensors as textures of the caller's GL code, and back; complex64 tensors from another backend. */
import * as tf from '@tensorflow/tfjs-core';
import type { ConvglGPUOptions } from '../../src/index';
import { counts, onGpu, useBackend } from './backends';

type Channels = tf.WebGLData['channels'];

describe('dataToGPU', () => {
  const backend = useBackend();
  const values = Float32Array.from({ length: 10 }, (_, i) => i + 0.5);

  /** The elements of a texture, read by GL code that knows nothing of the backend. */
  function read({ texture, texShape }: tf.GPUData): Float32Array {
    const gl = backend().device.context;
    const [height, width] = texShape!;
    gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture!, 0);
    const pixels = new Float32Array(height * width * 4);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.FLOAT, pixels);
    return pixels;
  }

  it('gives a dense texture, row by row, with a tensor that owns it', async () => {
    const before = counts(backend());
    const x = onGpu(values, 'float32');
    const held = counts(backend());
    const data = x.dataToGPU();
    expect([...read(data).subarray(0, 20)]).toEqual([...values, ...values]);
    expect([...(await data.tensorRef.data())]).toEqual([...values, ...values]);
    expect(data.tensorRef.shape).toEqual([20]);
    data.tensorRef.dispose();
    expect(counts(backend())).toEqual(held);
    x.dispose();
    expect(counts(backend())).toEqual(before);
  });

  it('takes the shape of the texture, [height, width], from the caller', async () => {
    const x = onGpu(values, 'float32');
    for (const customTexShape of [
      [1, 5],
      [5, 1],
      [2, 3],
      [7, 4],
    ] as const) {
      const data = x.dataToGPU({ customTexShape: [...customTexShape] });
      expect(data.texShape).toEqual([...customTexShape]);
      expect([...read(data).subarray(0, 20)])
        .withContext(`${customTexShape}`)
        .toEqual([...values, ...values]);
      expect([...(await data.tensorRef.data())]).toEqual([...values, ...values]);
      data.tensorRef.dispose();
    }
    x.dispose();
  });

  it('refuses a texture that does not hold the tensor', () => {
    const x = onGpu(values, 'float32');
    const before = counts(backend());
    expect(() => x.dataToGPU({ customTexShape: [1, 4] })).toThrowError(/\[1, 4\].*20 elements/);
    expect(() => x.dataToGPU({ customTexShape: [1, 1e6] })).toThrowError(/sides of at most/);
    expect(counts(backend())).toEqual(before);
    x.dispose();
  });

  it('gives integers and bools as floats, and values that are on the host too', () => {
    const x = tf.tensor1d([1, -2, 3], 'int32');
    const y = tf.tensor1d([true, false, true], 'bool');
    const [a, b] = [x.dataToGPU(), y.dataToGPU()];
    expect([...read(a).subarray(0, 3)]).toEqual([1, -2, 3]);
    expect([...read(b).subarray(0, 3)]).toEqual([1, 0, 1]);
    tf.dispose([x, y, a.tensorRef, b.tensorRef]);
  });

  it('gives integers as they are where the caller asks for them', () => {
    const numbers = [2 ** 24 + 1, -(2 ** 31), 2 ** 31 - 1, 0];
    const x = tf.tensor1d(numbers, 'int32');
    const options: ConvglGPUOptions = { customTexShape: [1, 1], dtype: 'int32' };
    const { tensorRef, texture } = x.dataToGPU(options);
    const gl = backend().device.context;
    gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture!, 0);
    const pixels = new Int32Array(4);
    gl.readPixels(0, 0, 1, 1, gl.RGBA_INTEGER, gl.INT, pixels);
    expect([...pixels]).toEqual(numbers);
    expect([...tensorRef.dataSync()]).toEqual(numbers);
    const back = tf.tensor({ texture: texture!, height: 1, width: 1, channels: 'RGBA' }, [4], 'int32');
    expect([...back.dataSync()]).toEqual(numbers);
    tf.dispose([x, tensorRef, back]);
  });

  it('leaves the tensor to the tidy around it, unless the tidy returns it', () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => void onGpu(values, 'float32').dataToGPU());
    expect(tf.memory().numTensors).toBe(before);
    const data = tf.tidy(() => onGpu(values, 'float32').dataToGPU() as tf.GPUData & tf.TensorContainerObject);
    expect(tf.memory().numTensors).toBe(before + 1);
    expect(data.tensorRef.dataSync()[0]).toBe(0.5);
    data.tensorRef.dispose();
  });

  it("goes on right after the caller's GL calls", () => {
    const x = onGpu(values, 'float32');
    const data = x.dataToGPU();
    read(data);
    const gl = backend().device.context;
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, null);
    gl.useProgram(null);
    const y = tf.add(x, data.tensorRef);
    expect(y.dataSync()[19]).toBe(19);
    tf.dispose([x, y, data.tensorRef]);
  });

  describe('tf.tensor of a texture', () => {
    function textureOf(width: number, height: number, numbers: readonly number[]): WebGLTexture {
      const gl = backend().device.context;
      const texture = gl.createTexture();
      gl.bindTexture(gl.TEXTURE_2D, texture);
      for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER])
        gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
      const pixels = Float32Array.from(numbers);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA32F, width, height, 0, gl.RGBA, gl.FLOAT, pixels);
      return texture;
    }

    const numbers = Array.from({ length: 24 }, (_, i) => i);

    for (const [channels, expected] of [
      ['RGBA', numbers],
      ['R', numbers.filter((i) => i % 4 === 0)],
      ['BR', [2, 0, 6, 4, 10, 8, 14, 12, 18, 16, 22, 20]],
      ['GBA', numbers.filter((i) => i % 4 !== 0)],
      ['ABGR', [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12, 19, 18, 17, 16, 23, 22, 21, 20]],
    ] as const) {
      it(`takes the channels ${channels}`, () => {
        const texture = textureOf(3, 2, numbers);
        const data = { texture, width: 3, height: 2, channels: channels as Channels };
        const x = tf.tensor(data, [expected.length]);
        expect(x.dtype).toBe('float32');
        expect([...x.dataSync()]).toEqual([...expected]);
        const fewer = tf.tensor(data, [expected.length - 1], 'int32');
        expect([...fewer.dataSync()]).toEqual(expected.slice(0, -1));
        tf.dispose([x, fewer]);
      });
    }

    it('copies: the texture stays with the caller', () => {
      const gl = backend().device.context;
      const texture = textureOf(1, 1, [1, 2, 3, 4]);
      const x = tf.tensor({ texture, width: 1, height: 1, channels: 'RGBA' }, [2, 2]);
      gl.deleteTexture(texture);
      expect([...x.dataSync()]).toEqual([1, 2, 3, 4]);
      x.dispose();
    });

    it('takes a texture that is not fit to be filtered as it says, and one of bytes', () => {
      const gl = backend().device.context;
      const texture = gl.createTexture();
      gl.bindTexture(gl.TEXTURE_2D, texture); // its filter is the default, which wants mipmaps
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA32F, 2, 1, 0, gl.RGBA, gl.FLOAT, Float32Array.from(numbers.slice(0, 8)));
      const x = tf.tensor({ texture, width: 2, height: 1, channels: 'RGBA' }, [8]);
      expect([...x.dataSync()]).toEqual(numbers.slice(0, 8));
      const bytes = new Uint8Array([0, 51, 102, 255]);
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 1, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
      const y = tf.tensor({ texture, width: 1, height: 1, channels: 'RGBA' }, [4]);
      const expected = [0, 0.2, 0.4, 1];
      y.dataSync<'float32'>().forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
      tf.dispose([x, y]);
    });

    it('takes back what dataToGPU gave', () => {
      const x = onGpu(Int32Array.of(7, -8, 9), 'int32');
      const { tensorRef, texture, texShape } = x.dataToGPU({ customTexShape: [2, 1] });
      const [height, width] = texShape!;
      const y = tf.tensor({ texture: texture!, height, width, channels: 'RGBA' }, [6], 'int32');
      expect([...y.dataSync()]).toEqual([7, -8, 9, 7, -8, 9]);
      tf.dispose([x, y, tensorRef]);
    });

    it('refuses what is no texture of this context, or has too few elements', () => {
      const before = counts(backend());
      const other = document.createElement('canvas').getContext('webgl2')!;
      const foreign = { texture: other.createTexture(), width: 1, height: 1, channels: 'RGBA' as Channels };
      expect(() => tf.tensor(foreign, [4])).toThrowError(/texture of the context/);
      const texture = textureOf(1, 1, [1, 2, 3, 4]);
      expect(() => tf.tensor({ texture, width: 1, height: 1, channels: 'RG' }, [3])).toThrowError(
        /found 2 .*expected 3/,
      );
      const gl = backend().device.context;
      const unsigned = gl.createTexture();
      gl.bindTexture(gl.TEXTURE_2D, unsigned);
      gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA32UI, 1, 1);
      expect(() => tf.tensor({ texture: unsigned, width: 1, height: 1, channels: 'RGBA' }, [4])).toThrowError(
        /found unsigned/,
      );
      const solid = gl.createTexture();
      gl.bindTexture(gl.TEXTURE_3D, solid);
      expect(() => tf.tensor({ texture: solid, width: 1, height: 1, channels: 'RGBA' }, [4])).toThrowError(
        /two-dimensional/,
      );
      expect(counts(backend())).toEqual(before);
    });
  });
});

describe('move', () => {
  const backend = useBackend();

  it('takes a complex64 tensor over from another backend, and gives it to one', async () => {
    const own = tf.getBackend();
    const before = counts(backend());
    await tf.setBackend('cpu');
    const tensors = tf.memory().numTensors;
    const z = tf.tidy(() => tf.complex(tf.tensor1d([1, 2]), tf.tensor1d([3, 4])));
    await tf.setBackend(own);
    // An op of this backend moves its input here.
    const doubled = tf.add(z, z);
    expect([...(await doubled.data())]).toEqual([2, 6, 4, 8]);
    const parts = [tf.real(z), tf.imag(z)];
    expect(parts.map((part) => [...part.dataSync()])).toEqual([
      [1, 2],
      [3, 4],
    ]);
    tf.dispose([z, doubled, parts]);
    expect(counts(backend())).toEqual({ ...before, tensors });
  });

  it('takes float32, int32 and bool tensors over', async () => {
    const own = tf.getBackend();
    await tf.setBackend('cpu');
    const tensors = [tf.tensor1d([1.5, 2]), tf.tensor1d([3, -4], 'int32'), tf.tensor1d([true, false], 'bool')];
    await tf.setBackend(own);
    const doubled = tensors.map((x) => tf.concat([x, x]));
    expect(doubled.map((y) => [...y.dataSync()])).toEqual([
      [1.5, 2, 1.5, 2],
      [3, -4, 3, -4],
      [1, 0, 1, 0],
    ]);
    tf.dispose([tensors, doubled]);
  });
});
