/** Cases of Einstein sums: products, outer products, batches, sums and transposes in every order of the letters. */
import { Einsum } from '@tensorflow/tfjs-core';
import type { DataType } from '@tensorflow/tfjs-core';
import type { KernelCase } from './case';

const LENGTHS: Readonly<Record<string, number>> = { a: 3, b: 4, c: 5, d: 6, e: 2, f: 8 };

const equations = [
  'ab->ab',
  'ab->ba',
  'ab->a',
  'abc->ca',
  'ab->',
  'a,a->',
  'a,a->a',
  'a,b->ab',
  'a,b->ba',
  'ab,bc->ac',
  'ab,bc->ca',
  'ba,bc->ac',
  'ba,cb->ac',
  'ab,cb->ac',
  'ab,ab->b',
  'ab,b->a',
  'abc,acd->abd',
  'abc,abd->acd',
  'cab,dca->dab',
  'abcd,bcdf->fa',
  'abcd,abed->dcb',
  'abcdef,fa->bced',
] as const;

function caseOf(equation: string, dtype: DataType): KernelCase {
  const inputs = equation
    .split('->')[0]!
    .split(',')
    .map((letters) => ({
      shape: [...letters].map((letter) => LENGTHS[letter]!),
      dtype,
      ...(dtype === 'int32' ? { fill: 'int' as const } : {}),
    }));
  return { name: `${equation}, ${dtype}`, kernel: Einsum, inputs, attrs: { equation } };
}

export const cases: readonly KernelCase[] = [
  ...equations.map((equation) => caseOf(equation, 'float32')),
  ...['ab,bc->ac', 'ab->a', 'a,b->ab'].map((equation) => caseOf(equation, 'int32')),
];
