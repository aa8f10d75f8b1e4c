/** Elementwise plans: how operands are read, what a text brings along, and the stages of transforms. */
import { radicesOf } from '../../kernels/other/fft';
import type { Operand } from '../../src/lazy/tensor_data';
import { pendingMap } from '../../src/lazy/cost';
import { inlineExpressions } from '../../src/lazy/inlining';
import { mapPlan } from '../../src/lazy/map';
import { newTensorData } from '../../src/lazy/tensor_data';
import { layoutOf } from '../../src/plan/layout';
import { numericHelpers } from '../../src/glsl/numeric';
import type { Shape } from '../../src/plan/shape';

const LIMITS = { maxTextureSize: 4096, maxTargets: 8 };
const layout = (shape: Shape) => layoutOf(shape, 'float32', LIMITS);

const tensor = (name: string, shape: Shape): Operand => ({
  name,
  shape,
  entry: newTensorData(shape, 'float32', {}),
  persistent: false,
});

/** The plan of a + b, in the shape of a. */
function sumPlan(shape: Shape, b: Operand) {
  const a = tensor('a', shape);
  const sum = pendingMap({ expression: 'a + b', dtype: 'float32' }, [a, b], layout(shape));
  const flat = inlineExpressions([sum], shape, { indexed: true, apart: () => false });
  return mapPlan(
    flat,
    flat.leaves.map(({ entry }) => layout(entry.shape)),
    layout(shape),
  );
}

/** How the plan reads `b` beside an `a` that has the output's shape. */
function accessOf(shape: Shape, b: Operand): string | undefined {
  const plan = sumPlan(shape, b);
  const params = JSON.parse(plan.key.slice('map '.length)) as { operands: { name: string; access: string }[] };
  return params.operands.find(({ name }) => name === 'x1')?.access;
}

describe('mapPlan', () => {
  const reads = (shape: Shape, b: Shape): string | undefined => accessOf(shape, tensor('b', b));

  it('reads equal shapes at the same texel, also with other dimensions of size 1', () => {
    expect(reads([2, 3, 8], [2, 3, 8])).toBe('same');
    expect(reads([1, 64, 20, 8], [64, 20, 8])).toBe('flat');
  });
  it('takes a value that the host knows as a uniform, and reads one that it does not once', () => {
    const plan = sumPlan([5, 7], { name: 'b', value: 3, dtype: 'float32' });
    expect(plan.samplers).toEqual(['x0']);
    expect(plan.uniforms).toEqual({ f0: 3, outScale: [1 / 9, 1] });
    expect(reads([5, 7], [1, 1])).toBe('scalar');
  });
  it('reads whole texels, one element for four lanes, or each lane', () => {
    expect(reads([2, 3, 8], [3, 8])).toBe('texel');
    expect(reads([2, 3, 8], [2, 3, 1])).toBe('splat');
    expect(reads([2, 3, 7], [7])).toBe('lane');
    expect(reads([2, 3, 7], [3, 1])).toBe('lane');
  });
  it('reads a value for every channel by the column, where rows hold whole positions', () => {
    expect(reads([2, 3, 8], [8])).toBe('channel');
    expect(reads([2, 3, 4, 8], [1, 1, 1, 8])).toBe('channel');
    expect(reads([2, 3, 6], [6])).not.toBe('channel');
  });
  it('has one program for all sizes', () => {
    const key = (batch: number) => sumPlan([batch, 28, 28, 32], tensor('b', [32])).key;
    expect(key(64)).toBe(key(7));
  });
});

describe('numericHelpers', () => {
  it('brings what a text names, each after what it needs', () => {
    const names = numericHelpers('out0 = vec4(sigmoid(tanh32(x)));').map((text) => /\w+(?= = |\()/.exec(text)?.[0]);
    expect(names.at(-1)).toBe('tanh32');
    expect(names.indexOf('expTail')).toBeLessThan(names.indexOf('expm1'));
    expect(names.indexOf('expm1')).toBeLessThan(names.indexOf('tanh32'));
    expect(new Set(names).size).toBe(names.length);
  });
  it('brings nothing that is not named', () => {
    expect(numericHelpers('out0 = x + y;')).toEqual([]);
  });
});

describe('radicesOf', () => {
  for (const n of [1, 2, 8, 60, 97, 1000, 1024, 2 * 9973]) {
    it(`multiplies to ${n}`, () => {
      const radices = radicesOf(n);
      expect(radices.reduce((product, radix) => product * radix, 1)).toBe(n);
      expect(radices.every((radix) => radix > 1)).toBeTrue();
    });
  }
  it('joins small factors', () => {
    expect(radicesOf(1024)).toEqual([8, 8, 8, 2]);
  });
});
