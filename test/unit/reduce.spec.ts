/** Reductions as passes: what each combines, how it reads, and what it leaves to the next. */
import { plainCode } from '../../src/lazy/code';
import { reducePlan, grainOf, type Source } from '../../src/lazy/reduce_plan';
import { merge, nextPass, type Pass } from '../../src/lazy/reduce_passes';
import { layoutOf } from '../../src/plan/layout';
import { broadcastStrides, sizeOf, stridesOf, type Shape } from '../../src/plan/shape';

const LIMITS = { maxTextureSize: 8192, maxTargets: 8 };

/** Sums of as many tensors. */
const sums = (sources: readonly Source[]) => ({
  code: plainCode(sources.length, 'float32'),
  sources,
  kind: 'sum' as const,
  finishes: sources.map(() => undefined),
});

/** The passes over one dense tensor. */
function passesOf(shape: Shape, axes: readonly number[]): Pass[] {
  const pass = nextPass(merge(shape, axes, [{ dtype: 'float32', strides: stridesOf(shape), width: 64 }]));
  return pass.left ? [pass, ...passesOf(pass.left.dims, pass.left.axes)] : [pass];
}

const grains = (shape: Shape, axes: readonly number[]) =>
  passesOf(shape, axes).map(({ sources, nest }) => grainOf(sources, nest));

describe('passes of a reduction', () => {
  it('reduce four channels at once, slices first', () => {
    expect(grains([64, 28, 28, 32], [0, 1, 2])).toEqual(['channels', 'channels']);
    const [first] = passesOf([64, 28, 28, 32], [0, 1, 2]);
    expect(first?.nest.dims).toEqual([50176, 32]);
    expect(first?.nest.slices).toBeGreaterThan(100);
  });
  it('reduce rows by texels', () => {
    expect(grains([64, 10], [1])).toEqual(['rows']);
    expect(grains([3, 1001], [1])).toEqual(['rows', 'rows']);
  });
  it('reduce places apart where that fills texels', () => {
    expect(grains([4000, 3], [0])[0]).toBe('channels');
    expect(grains([4096, 1024], [1])[0]).toBe('channels');
    expect(grains([4001, 3], [0])[0]).toBe('elements');
  });
  it('run along one axis after the other', () => {
    expect(passesOf([4, 5, 6], [0, 2]).map((p) => p.nest.dims)).toEqual([
      [4, 5, 6],
      [4, 5],
    ]);
  });
  it('are one where there is nothing to reduce', () => {
    expect(passesOf([3, 5], []).map((p) => p.nest.dims[p.nest.axis])).toEqual([1]);
    expect(passesOf([1, 1], [0, 1]).length).toBe(1);
  });
  it('cover every element once', () => {
    for (const length of [257, 1000, 4099, 100_000, 5_000_000]) {
      for (const { nest } of passesOf([length], [0])) {
        const total = nest.dims[nest.axis]!;
        expect(nest.slices * nest.chunk).toBeGreaterThanOrEqual(total);
        expect((nest.slices - 1) * nest.chunk).toBeLessThan(total);
      }
    }
  });
});

describe('reducePlan', () => {
  const key = (batch: number, channels: number): string => {
    const shape = [batch, 28, 28, channels];
    const { nest, sources } = nextPass(
      merge(shape, [0, 1, 2], [{ dtype: 'float32', strides: stridesOf(shape), width: 64 }]),
    );
    return reducePlan(sums(sources), nest, layoutOf([channels], 'float32', LIMITS)).key;
  };
  it('has one program for all sizes', () => {
    expect(key(64, 32)).toBe(key(7, 64));
  });
  it('merges the dimensions beside the axis', () => {
    const { nest, sources } = nextPass(
      merge([4, 5, 6], [0, 2], [{ dtype: 'float32', strides: [30, 6, 1], width: 64 }]),
    );
    const plan = reducePlan(sums(sources), nest, layoutOf([20], 'float32', LIMITS));
    expect(plan.uniforms['dims']).toEqual([20]);
  });
  it('reads operands that are the same along the axis once for four results', () => {
    const shape = [16, 100];
    const strides = [stridesOf(shape), broadcastStrides([16, 1], shape)];
    const work = merge(
      shape,
      [1],
      strides.map((s) => ({ dtype: 'float32', strides: s, width: 64 })),
    );
    const { nest, sources } = nextPass(work);
    expect(grainOf(sources, nest)).toBe('rows');
    const plan = reducePlan(sums(sources), nest, layoutOf([16], 'float32', LIMITS));
    expect(plan.samplers).toEqual(['x0', 'x1']);
    const calls = [...plan.source().matchAll(/x1_at\(/g)].length - 1;
    expect(calls).withContext('calls of x1_at, its definition aside').toBe(1);
    expect(plan.outputs.length).toBe(2);
    expect(sizeOf(plan.outputs[0]!.shape)).toBe(16);
  });
  it('looks up the place of operands that lie alike once', () => {
    const shape = [64, 28, 28, 32];
    const source = { dtype: 'float32', strides: stridesOf(shape) } as const;
    const places = (widths: readonly number[]): number => {
      const { nest, sources } = nextPass(
        merge(
          shape,
          [0, 1, 2],
          widths.map((width) => ({ ...source, width })),
        ),
      );
      const plan = reducePlan(sums(sources), nest, layoutOf([32], 'float32', LIMITS));
      return [...plan.source().matchAll(/ivec2 x\d_place = /g)].length;
    };
    expect(places([224, 224])).toBe(1);
    expect(places([224, 448])).toBe(2);
  });
});
