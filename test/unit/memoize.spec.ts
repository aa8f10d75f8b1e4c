/** Memos: what counts as the same, and that what they keep is what would be made. */
import { Interned, keyOf, memoize } from '../../src/plan/plan';

class Text extends Interned {}

describe('keyOf', () => {
  it('differs if any part differs', () => {
    const text = new Text();
    const different = [
      [1, 2],
      [12],
      ['1', 2],
      ['1,2'],
      [[1], 2],
      [[1, 2]],
      { a: 1, b: 2 },
      { a: 12 },
      { a: { b: 2 } },
      { a: undefined },
      {},
      [],
      [0],
      [-0],
      [NaN],
      [Infinity],
      ['Infinity'],
      [true],
      ['true'],
      [undefined],
      [text],
      [new Text()],
      [`#${text.id}`],
    ];
    expect(new Set(different.map(keyOf)).size).toBe(different.length);
  });
  it('throws for parts that have no text', () => {
    for (const part of [() => 1, null, new Map(), new Float32Array(1), Symbol('a'), 1n])
      expect(() => keyOf([part])).toThrowError(/cannot be part of a key/);
  });
});

describe('memoize', () => {
  it('makes each result once, from the parts that it is asked with', () => {
    const make = jasmine.createSpy<(parts: object) => number>().and.callFake((parts) => Object.keys(parts).length);
    const memoized = memoize(make);
    expect([memoized({ a: 1 }), memoized({ a: 1 }), memoized({ a: 1, b: 2 })]).toEqual([1, 1, 2]);
    // The page makes what was kept again and compares it.
    expect(make.calls.allArgs()).toEqual([[{ a: 1 }], [{ a: 1 }], [{ a: 1, b: 2 }]]);
  });
  it('is found out by the tests where a result depends on something else', () => {
    let hidden = 1;
    const memoized = memoize(() => hidden);
    memoized({ a: 1 });
    hidden = 2;
    expect(() => memoized({ a: 1 })).toThrowError('A memo gave 1, expected 2.');
  });
});
