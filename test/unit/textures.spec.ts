/** The pool of textures: recycled by size and dtype under a budget, given back when idle or when the GPU is full. */
import { OutOfGpuMemoryError, Textures } from '../../src/gl/textures';
import { TextureUnits } from '../../src/gl/texture_units';
import { Verifier } from '../../src/gl/verifier';
import { StateGuard } from '../../src/gl/state_guard';
import { fakeGl, type FakeGl } from './fake_gl';

/** 16 x 16 float32 texels. */
const BYTES = 4096;
const IDLE_MS = 5000;

function pool(budget = 10 * BYTES): { textures: Textures; fake: FakeGl } {
  const fake = fakeGl();
  const { gl } = fake;
  const rooms = { gl, units: new TextureUnits(gl), visit: new StateGuard(gl), verifier: new Verifier(gl) };
  return { textures: new Textures(rooms, budget), fake };
}

describe('textures', () => {
  let now = 0;

  beforeEach(() => {
    now = 0;
    jasmine.clock().install();
    spyOn(performance, 'now').and.callFake(() => now);
  });
  afterEach(() => jasmine.clock().uninstall());

  function wait(ms: number): void {
    now += ms;
    jasmine.clock().tick(ms);
  }

  it('counts the bytes of each dtype', () => {
    const { textures } = pool();
    textures.acquire(16, 16, 'float32');
    expect(textures.bytesInUse).toBe(BYTES);
    textures.acquire(16, 16, 'int32');
    expect(textures.bytesInUse).toBe(2 * BYTES);
    textures.acquire(16, 16, 'bool');
    expect(textures.bytesInUse).toBe(2.25 * BYTES);
  });

  it('recycles a texture of the same size and dtype only', () => {
    const { textures, fake } = pool();
    const first = textures.acquire(16, 16, 'float32');
    textures.release(first);
    expect([textures.bytesInUse, textures.bytesFree]).toEqual([0, BYTES]);
    textures.acquire(16, 16, 'int32');
    textures.acquire(8, 32, 'float32');
    textures.acquire(16, 16, 'float32', 2);
    expect(fake.count('createTexture')).toBe(4);
    expect(textures.acquire(16, 16, 'float32')).toBe(first);
    expect(fake.count('createTexture')).toBe(4);
    expect(textures.bytesFree).toBe(0);
  });

  it('takes the oldest texture, in whatever order they were released', () => {
    const { textures } = pool();
    const made = [1, 2, 3, 4].map(() => textures.acquire(16, 16, 'float32'));
    for (const i of [2, 0, 3, 1]) textures.release(made[i]!);
    expect(made.map(() => textures.acquire(16, 16, 'float32'))).toEqual(made);
  });

  it('keeps no more than its budget, least recently used sizes first to go', () => {
    const { textures, fake } = pool(2 * BYTES);
    const [a, b, c] = [16, 32, 64].map((width) => textures.acquire(width, 256 / width, 'float32'));
    textures.release(a!);
    textures.release(b!);
    expect(textures.bytesFree).toBe(2 * BYTES);
    textures.release(c!);
    expect(textures.bytesFree).toBe(2 * BYTES);
    expect(fake.calls.filter(({ name }) => name === 'deleteTexture').map(({ args }) => args[0])).toEqual([a!.handle]);
    // b is used again, so that c is now the one that waits longest.
    textures.release(textures.acquire(32, 8, 'float32'));
    textures.release(textures.acquire(16, 16, 'float32'));
    expect(fake.calls.filter(({ name }) => name === 'deleteTexture')[1]!.args[0]).toBe(c!.handle);
  });

  it('deletes a texture that exceeds the budget by itself at once', () => {
    const { textures, fake } = pool(BYTES - 1);
    textures.release(textures.acquire(16, 16, 'float32'));
    expect(textures.bytesFree).toBe(0);
    expect(fake.count('deleteTexture')).toBe(1);
  });

  it('never has more than the budget free, whatever is asked', () => {
    const { textures } = pool(5 * BYTES);
    const held = [];
    for (let i = 0; i < 500; i++) {
      if (i % 3 === 2) textures.release(held.splice((i * 7) % held.length, 1)[0]!);
      else held.push(textures.acquire(16, 1 + ((i * 13) % 24), 'float32'));
      expect(textures.bytesFree).toBeLessThanOrEqual(5 * BYTES);
    }
    expect(textures.bytesInUse).toBe(held.reduce((sum, { bytes }) => sum + bytes, 0));
    expect(textures.peakBytes).toBeGreaterThanOrEqual(textures.bytesInUse + textures.bytesFree);
  });

  it('deletes free textures after five idle seconds, not while in use', () => {
    const { textures } = pool();
    textures.release(textures.acquire(16, 16, 'float32'));
    wait(IDLE_MS - 1000);
    expect(textures.bytesFree).toBe(BYTES);
    textures.release(textures.acquire(16, 16, 'float32'));
    wait(IDLE_MS - 1000);
    expect(textures.bytesFree).withContext('used a second ago').toBe(BYTES);
    wait(1000);
    expect(textures.bytesFree).toBe(0);
    textures.release(textures.acquire(16, 16, 'float32'));
    wait(IDLE_MS);
    expect(textures.bytesFree).withContext('the second time').toBe(0);
  });

  it('deletes the framebuffers of what it gives back', () => {
    const { textures, fake } = pool();
    const texture = textures.acquire(16, 16, 'float32');
    texture.framebuffers.set('', { framebuffer: fake.gl.createFramebuffer(), holder: texture, key: '' });
    textures.release(texture);
    textures.trim();
    expect(fake.count('deleteFramebuffer')).toBe(1);
  });

  describe('on a full GPU', () => {
    /** 512 x 512 float32 texels: large enough to be checked. */
    const LARGE = 512;
    const LARGE_BYTES = LARGE * LARGE * 16;

    /** A GPU that holds `capacity` textures. */
    function full(capacity: number): { textures: Textures; fake: FakeGl } {
      const { textures, fake } = pool(100 * LARGE_BYTES);
      const living = () => fake.count('createTexture') - fake.count('deleteTexture');
      fake.answers['texStorage2D'] = () => {
        if (living() > capacity) fake.errors.push(WebGL2RenderingContext.OUT_OF_MEMORY);
      };
      return { textures, fake };
    }

    it('deletes free textures and tries again', () => {
      const { textures } = full(2);
      const held = textures.acquire(LARGE, LARGE, 'float32');
      textures.release(textures.acquire(LARGE, LARGE, 'int32'));
      const next = textures.acquire(LARGE, LARGE, 'float32');
      expect(next).not.toBe(held);
      expect([textures.bytesInUse, textures.bytesFree]).toEqual([2 * LARGE_BYTES, 0]);
    });

    it('throws a typed error with the size and the bytes in use, and stays usable', () => {
      const { textures, fake } = full(2);
      const [held] = [0, 1].map(() => textures.acquire(LARGE, LARGE, 'float32'));
      expect(() => textures.acquire(LARGE, LARGE, 'float32')).toThrowError(
        OutOfGpuMemoryError,
        new RegExp(`512 x 512 .* ${2 * LARGE_BYTES} bytes`),
      );
      expect(textures.bytesInUse).toBe(2 * LARGE_BYTES);
      expect(fake.count('createTexture') - fake.count('deleteTexture')).toBe(2);
      textures.release(held!);
      expect(textures.acquire(LARGE, LARGE, 'float32')).toBe(held!);
    });

    it('does not mistake an older error for its own', () => {
      const { textures, fake } = full(2);
      fake.errors.push(WebGL2RenderingContext.OUT_OF_MEMORY);
      expect(() => textures.acquire(LARGE, LARGE, 'float32')).not.toThrow();
    });
  });

  describe('upload', () => {
    it('sends whole rows in one call and the rest of the last row in another, padded to texels', () => {
      const { textures, fake } = pool();
      const texture = textures.acquire(4, 3, 'float32');
      textures.upload(texture, new Float32Array(37));
      const sent = fake.calls.filter(({ name }) => name === 'texSubImage2D').map(({ args }) => args);
      expect(sent.map((args) => args.slice(2, 6))).toEqual([
        [0, 0, 4, 2],
        [0, 2, 2, 1],
      ]);
      expect(sent.map((args) => (args[8] as Float32Array).length)).toEqual([32, 8]);
    });

    it('sends bools as signed bytes', () => {
      const { textures, fake } = pool();
      textures.upload(textures.acquire(1, 1, 'bool'), new Uint8Array([1, 0, 1]));
      const [sent] = fake.calls.filter(({ name }) => name === 'texSubImage2D');
      expect(sent!.args[8]).toEqual(new Int8Array([1, 0, 1, 0]));
    });
  });

  it('forgets everything with a lost context, without a call', () => {
    const { textures, fake } = pool();
    textures.acquire(16, 16, 'float32');
    textures.release(textures.acquire(16, 16, 'float32'));
    fake.take();
    textures.forget();
    expect([textures.bytesInUse, textures.bytesFree]).toEqual([0, 0]);
    expect(fake.take()).toEqual([]);
  });
});
