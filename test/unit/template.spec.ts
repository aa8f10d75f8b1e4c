/** The key of a plan: the template's name and its parameters, which are all that the source can depend on. */
import { template } from '../../src/plan/plan';

describe('template', () => {
  const outputs = [{ shape: [4], dtype: 'float32', width: 1, height: 1 }] as const;
  const plan = template<{ a: number; b: readonly string[] }>(
    'unit',
    ({ b }) => b,
    ({ a, b }) => `${a} ${b.join()}`,
  );

  it('gives equal keys to equal parameters and different ones to different parameters', () => {
    const key = (a: number, b: readonly string[]): string => plan({ a, b }, { outputs }).key;
    expect(key(1, ['x'])).toBe(key(1, ['x']));
    const all = [key(1, ['x']), key(2, ['x']), key(1, ['y']), key(1, ['x', 'y']), key(1, ['x,y'])];
    expect(new Set(all).size).toBe(all.length);
  });

  it('leaves uniforms and outputs out of the key', () => {
    const params = { a: 1, b: ['x'] };
    const other = { outputs: [{ ...outputs[0], width: 7 }], uniforms: { size: 3 } };
    expect(plan(params, other).key).toBe(plan(params, { outputs }).key);
  });

  it('writes the source only when asked, from the parameters alone', () => {
    const source = jasmine.createSpy('source').and.returnValue('text');
    const lazy = template<{ a: number }>('lazy', () => [], source)({ a: 3 }, { outputs });
    expect(source).not.toHaveBeenCalled();
    expect(lazy.source()).toBe('text');
    expect(source).toHaveBeenCalledOnceWith({ a: 3 });
  });

  it('gives samplers as the parameters name them, and no uniforms unless there are some', () => {
    const one = plan({ a: 1, b: ['x', 'y'] }, { outputs });
    expect(one.samplers).toEqual(['x', 'y']);
    expect(one.uniforms).toEqual({});
  });
});
