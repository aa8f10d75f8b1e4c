/** Drawing: exactly the calls that a pass needs, and none for what is bound already. */
import { Device } from '../../src/gl/device';
import type { Layout, Plan } from '../../src/plan/plan';
import { declarations, fakeGl, type FakeGl } from './fake_gl';

const layout: Layout = { shape: [16], dtype: 'float32', width: 2, height: 2 };
const wide: Layout = { shape: [16], dtype: 'float32', width: 4, height: 1 };

/** A plan with the samplers a and b and the uniforms n and outWidth. */
function planOf(key: string, n: number, outputs: readonly Layout[] = [layout]): Plan {
  const source = () =>
    'uniform highp sampler2D a;\nuniform highp sampler2D b;\nuniform int outWidth;\nuniform int n;\n';
  return { key, source, samplers: ['a', 'b'], uniforms: { n }, outputs };
}

function started(): { device: Device; fake: FakeGl } {
  const fake = fakeGl();
  (spyOn(HTMLCanvasElement.prototype, 'getContext') as jasmine.Spy).and.returnValue(fake.gl);
  return { device: new Device(), fake };
}

describe('the fake context', () => {
  it('reads declarations', () => {
    expect(declarations('uniform highp sampler2D x;\nuniform int a, b[2];\nuniform vec2 c;')).toEqual([
      { type: 'sampler2D', name: 'x', length: 1 },
      { type: 'int', name: 'a', length: 1 },
      { type: 'int', name: 'b', length: 2 },
      { type: 'vec2', name: 'c', length: 1 },
    ]);
  });
});

describe('run', () => {
  it('draws the same pass again with one call', () => {
    const { device, fake } = started();
    const [a, b, out] = [0, 1, 2].map(() => device.acquire(layout));
    device.run(planOf('p', 1), [a!, b!], [out!]);
    fake.take();
    device.run(planOf('p', 1), [a!, b!], [out!]);
    expect(fake.take()).toEqual(['drawArrays']);
    expect(device.stats.draws).toBe(2);
  });

  it('sends only what changed', () => {
    const { device, fake } = started();
    const [a, b, c, out] = [0, 1, 2, 3].map(() => device.acquire(layout));
    device.run(planOf('p', 1), [a!, b!], [out!]);
    device.run(planOf('q', 1), [a!, b!], [out!]);
    fake.take();
    device.run(planOf('p', 2), [a!, b!], [out!]);
    expect(fake.take()).toEqual(['useProgram', 'uniform1i', 'drawArrays']);
    device.run(planOf('p', 2), [a!, c!], [out!]);
    expect(fake.take()).toEqual(['bindTexture', 'drawArrays']);
  });

  it('sends the uniforms of a plan again where another plan of its program came between', () => {
    const { device, fake } = started();
    const [a, b, out] = [0, 1, 2].map(() => device.acquire(layout));
    const [one, two] = [planOf('p', 1), planOf('p', 2)];
    device.run(one, [a!, b!], [out!]);
    fake.take();
    for (const [plan, sent] of [
      [one, 0],
      [two, 1],
      [two, 0],
      [one, 1],
    ] as const) {
      device.run(plan, [a!, b!], [out!]);
      expect(fake.take()).toEqual([...new Array<string>(sent).fill('uniform1i'), 'drawArrays']);
    }
  });

  it('binds nothing again because a texture was recycled, allocated or uploaded', () => {
    const { device, fake } = started();
    const [a, b, c] = [0, 1, 2].map(() => device.acquire(layout));
    device.textures.release(c!);
    const draw = () => {
      const out = device.acquire(layout);
      device.run(planOf('p', 1), [a!, b!], [out]);
      device.textures.release(out);
    };
    draw();
    fake.take();
    draw();
    expect(fake.take()).toEqual(['drawArrays']);
    device.upload(device.acquire(wide), new Float32Array(16));
    fake.take();
    draw();
    expect(fake.take()).withContext('after an upload').toEqual(['drawArrays']);
  });

  it('sets the viewport and outWidth to the targets', () => {
    const { device, fake } = started();
    const [a, b, out] = [layout, layout, wide].map((one) => device.acquire(one));
    device.run(planOf('p', 1, [wide]), [a!, b!], [out!]);
    expect(fake.calls.filter(({ name }) => name === 'viewport').at(-1)!.args).toEqual([0, 0, 4, 1]);
    const written = fake.calls.filter(({ name }) => name === 'uniform1i').map(({ args }) => args);
    expect(written).toContain([{ name: 'outWidth' }, 4]);
  });

  it('draws what would keep a driver too long in bands of whole rows, each once', () => {
    const { device, fake } = started();
    const [a, b] = [layout, layout].map((one) => device.acquire(one));
    const tall: Layout = { shape: [80], dtype: 'float32', width: 2, height: 10 };
    const out = device.acquire(tall);
    const bandsOf = (fetches: number): (readonly unknown[])[] => {
      fake.take();
      const before = fake.calls.length;
      device.run({ ...planOf('p', 1, [tall]), fetches }, [a!, b!], [out]);
      return fake.calls.slice(before).flatMap(({ name, args }) => (name === 'scissor' ? [args] : []));
    };
    expect(bandsOf(100)).toEqual([]);
    const bands = bandsOf(2 ** 28);
    expect(bands.length).toBeGreaterThan(1);
    expect(bands.map(([x, , width]) => [x, width])).toEqual(bands.map(() => [0, 2]));
    const rows = bands.flatMap(([, y, , height]) =>
      Array.from({ length: height as number }, (_, i) => (y as number) + i),
    );
    expect(rows.filter((row) => row < 10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(bandsOf(2 ** 40).length)
      .withContext('a row at least')
      .toBe(10);
    expect(fake.calls.at(-1)!.name).withContext('the scissor test is off again').toBe('disable');
  });

  it('attaches several targets once, and tells the driver to draw into all', () => {
    const { device, fake } = started();
    const [a, b, ...targets] = [0, 1, 2, 3, 4].map(() => device.acquire(layout));
    const plan = planOf('p', 1, [layout, layout, layout]);
    device.run(plan, [a!, b!], targets);
    const first = fake.calls.filter(({ name }) => name === 'drawBuffers').at(-1)!;
    expect((first.args[0] as number[]).length).toBe(3);
    device.run(planOf('q', 1), [a!, b!], [targets[0]!]);
    fake.take();
    device.run(plan, [a!, b!], targets);
    expect(fake.take()).toEqual(['useProgram', 'bindFramebuffer', 'drawArrays']);
  });

  it('attaches every layer of an array, and copies out of one', () => {
    const { device, fake } = started();
    const [a, b, to] = [0, 1, 2].map(() => device.acquire(layout));
    const array = device.acquire(layout, 3);
    expect(array.bytes).toBe(3 * to!.bytes);
    device.run(planOf('p', 1, [layout, layout, layout]), [a!, b!], [array]);
    const attached = fake.calls.filter(({ name }) => name === 'framebufferTextureLayer').slice(-3);
    expect(attached.map(({ args }) => [args[1], args[4]])).toEqual([0, 1, 2].map((i) => [0x8ce0 + i, i]));
    fake.take();
    device.copy({ texture: array, layer: 2 }, to!, [{ x: 0, y: 0, width: 1, height: 1, toX: 0, toY: 0 }]);
    const reads = fake.calls.filter(({ name }) => name === 'readBuffer').slice(-2);
    expect(reads.map(({ args }) => args[0])).toEqual([0x8ce2, 0x8ce0]);
    expect(fake.take().slice(-2)).toEqual(['copyTexSubImage2D', 'readBuffer']);
  });

  it('sets all state again after others used the context', () => {
    const { device, fake } = started();
    const [a, b, out] = [0, 1, 2].map(() => device.acquire(layout));
    device.run(planOf('p', 1), [a!, b!], [out!]);
    device.share();
    fake.take();
    device.run(planOf('p', 1), [a!, b!], [out!]);
    const names = fake.take();
    for (const name of ['useProgram', 'bindTexture', 'bindFramebuffer', 'viewport']) expect(names).toContain(name);
  });
});
