/** Which operands texts read as opaque: those that an identity could remove, and no others. */
import type { ElementKind } from '../../src/lazy/kinds';
import { opaqueTerms } from '../../src/lazy/opaque';

/** Values t0, t1 and so on, one after another: the kind of an op, and what stands for its operands. */
type Text = readonly (readonly [kind: ElementKind | 'call', operands: Readonly<Record<string, string>>])[];

const SUM = 'sum';
const DIFFERENCE = 'difference';
const PRODUCT = 'product';
const QUOTIENT = 'quotient';
const x = { a: 'x0', b: 'x1' };

const kept: Readonly<Record<string, Text>> = {
  'a sum of two': [[SUM, x]],
  'twice x': [[SUM, { a: 'x0', b: 'x0' }]],
  'a cube': [
    [PRODUCT, { a: 'x0', b: 'x0' }],
    [PRODUCT, { a: 't0', b: 'x0' }],
  ],
  'an activation gated by itself': [
    ['call', { x: 'x0' }],
    [PRODUCT, { a: 't0', b: 'x0' }],
  ],
  'a moving average': [
    [PRODUCT, { scale: 'f0', x: 'x0' }],
    [PRODUCT, { scale: 'f1', x: 'x1' }],
    [SUM, { a: 't0', b: 't1' }],
  ],
  'a choice between a value and what is made of it': [
    ['negative', { x: 'x0' }],
    ['selection', { c: 'x1', t: 'x0', e: 't0' }],
  ],
  'a normalized difference': [
    [DIFFERENCE, x],
    [PRODUCT, { a: 't0', b: 'x2' }],
    [PRODUCT, { a: 't1', b: 'x3' }],
    [SUM, { a: 't2', b: 'x4' }],
  ],
};

const guarded: Readonly<Record<string, Text>> = {
  'x - x': [[DIFFERENCE, { a: 'x0', b: 'x0' }]],
  'x / x': [[QUOTIENT, { a: 'x0', b: 'x0' }]],
  'x < x - y': [
    [DIFFERENCE, x],
    ['call', { a: 'x0', b: 't0' }],
  ],
  '((x + y) + z) - y': [
    [SUM, x],
    [SUM, { a: 't0', b: 'x2' }],
    [DIFFERENCE, { a: 't1', b: 'x1' }],
  ],
  'x * y + x * z': [
    [PRODUCT, x],
    [PRODUCT, { a: 'x0', b: 'x2' }],
    [SUM, { a: 't0', b: 't1' }],
  ],
  '-(x * y) + y * x': [
    [PRODUCT, x],
    ['negative', { x: 't0' }],
    [PRODUCT, { a: 'x1', b: 'x0' }],
    [SUM, { a: 't1', b: 't2' }],
  ],
};

function opaqueOf(text: Text): string[] {
  const values = text.map(([kind, operands], i) => ({
    name: `t${i}`,
    op: kind === 'call' ? {} : { kind },
    terms: Object.entries(operands),
  }));
  return opaqueTerms(values, (value) => !value.startsWith('f'))
    .flat()
    .map(([, value]) => value)
    .filter((value) => value.startsWith('opaque('));
}

describe('opaque operands', () => {
  for (const [name, text] of Object.entries(kept)) it(`none in ${name}`, () => expect(opaqueOf(text)).toEqual([]));
  for (const [name, text] of Object.entries(guarded)) it(`one in ${name}`, () => expect(opaqueOf(text)).toHaveSize(1));
});
