/** Elementwise plans: how operands are read, what a text brings along, and the stages of transforms. */
import { radicesOf } from '../../kernels/fft';
import { mapPlan, type Operand } from '../../kernels/templates/map';
import { layoutOf } from '../../src/layout';
import { numericHelpers } from '../../src/glsl/numeric';
import type { Shape } from '../../src/shape';

const LIMITS = { maxTextureSize: 4096, maxTargets: 8 };
const layout = (shape: Shape) => layoutOf(shape, 'float32', LIMITS);

/** How the plan reads `b` beside an `a` that has the output's shape. */
function accessOf(shape: Shape, b: Operand): string | undefined {
  const plan = mapPlan({ expression: 'a + b', dtype: 'float32' }, { a: { layout: layout(shape) }, b }, layout(shape));
  const params = JSON.parse(plan.key.slice('map '.length)) as { operands: { name: string; access: string }[] };
  return params.operands.find(({ name }) => name === 'b')?.access;
}

describe('mapPlan', () => {
  const reads = (shape: Shape, b: Shape): string | undefined => accessOf(shape, { layout: layout(b) });

  it('reads equal shapes at the same texel, also with other dimensions of size 1', () => {
    expect(reads([2, 3, 8], [2, 3, 8])).toBe('same');
    expect(reads([1, 64, 20, 8], [64, 20, 8])).toBe('flat');
  });
  it('reads one value as a uniform or once', () => {
    expect(accessOf([5, 7], { layout: layout([]), value: 3 })).toBe('uniform');
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
    const key = (batch: number) => {
      const b = { layout: layout([32]) };
      const shape = [batch, 28, 28, 32];
      return mapPlan({ expression: 'a + b', dtype: 'float32' }, { a: { layout: layout(shape) }, b }, layout(shape)).key;
    };
    expect(key(64)).toBe(key(7));
  });
});

describe('numericHelpers', () => {
  it('brings what a text names, each after what it needs', () => {
    const names = numericHelpers('out0 = vec4(sigmoid(tanh32(x)));').map((text) => /\w+(?= = |\()/.exec(text)?.[0]);
    expect(names.at(-1)).toBe('tanh32');
    expect(names.indexOf('exp32')).toBeLessThan(names.indexOf('expm1'));
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
