/** How far results may be from those of real numbers: the table that docs/numerics.md repeats and the specs test. */

/** Of elementwise functions, by the most units in the last place; functions that divide by a rounded quotient, as IEEE 754 has it. */
const FUNCTIONS: readonly (readonly [ulp: number, kernels: readonly string[]])[] = [
  [0, ['Abs', 'Ceil', 'Floor', 'FloorDiv', 'Maximum', 'Minimum', 'Neg', 'Relu', 'Relu6', 'Round', 'Sign']],
  [0.5, ['Add', 'LeakyRelu', 'Mod', 'Multiply', 'Prelu', 'RealDiv', 'Reciprocal', 'Sqrt', 'Square', 'Sub']],
  [1, ['Exp', 'Log', 'Pow']],
  [1.5, ['Acos', 'Elu', 'Expm1', 'Rsqrt']],
  [2, ['Cos', 'Cosh', 'Selu', 'Sin', 'Sinh']],
  [2.5, ['Acosh', 'Asin', 'Log1p', 'Sigmoid']],
  [3, ['Asinh', 'Atan', 'Atanh', 'SquaredDifference', 'Tanh']],
  [3.5, ['Atan2', 'Erf', 'Softplus']],
  [4, ['Tan']],
];

/** The bound of each kernel. */
export const ULP: Readonly<Record<string, number>> = Object.fromEntries(
  FUNCTIONS.flatMap(([ulp, kernels]) => kernels.map((kernel) => [kernel, ulp])),
);

/** The most that a GPU's division may be off by, in units in the last place, where GLSL ES says anything. */
export const DIVISION = 2.5;

/** An error bound in u = 2^-24, the rounding error of 1, and in the number of terms. */
export interface SumBound {
  /** The bound as people read it. */
  readonly text: string;
  /** What it is multiplied by, but u. */
  readonly of: string;
  readonly times: (n: number) => number;
}

/** Terms of a sum follow each other in slices of so many, and so do the slices' sums. */
const SLICE = 2048;

/** The most additions that one term goes through. */
const depth = (n: number): number => Math.min(n, SLICE + Math.ceil(n / SLICE));

/** Of n terms; h is min(n, 2048 + n / 2048). */
export const SUMS = {
  Sum: { text: 'h', of: 'Σ\\|x\\|', times: depth },
  Mean: { text: 'h + 2', of: 'Σ\\|x\\| / n', times: (n) => depth(n) + 2 },
  Cumsum: { text: 'n', of: 'Σ\\|x\\| so far', times: (n) => n },
  Prod: { text: 'n', of: 'the product', times: (n) => n },
  variance: { text: '2h + 6', of: 'the variance + h² u (Σ\\|x\\| / n)²', times: (n) => 2 * depth(n) + 6 },
  'euclidean norm': { text: 'h + 4', of: 'the norm', times: (n) => depth(n) + 4 },
  Softmax: { text: 'n + 8 + 2 (max - x)', of: 'the result', times: (n) => n + 8 },
  LogSoftmax: { text: 'n + 8', of: '1 + max \\|x\\|', times: (n) => n + 8 },
  logSumExp: { text: 'h + 8', of: '1 + max \\|x\\|', times: (n) => depth(n) + 8 },
  'matMul, convolutions, their gradients': { text: 'n', of: 'Σ\\|a b\\|', times: (n) => n },
  'convolutions by Winograd': { text: 'n', of: 'the largest Σ\\|a b\\| nearby', times: (n) => n },
} satisfies Record<string, SumBound>;

/** Both tables, in Markdown. */
export function boundsTable(): string {
  const functions = FUNCTIONS.map(
    ([ulp, kernels]) => `| ${ulp} | ${kernels.map((name) => `\`${name}\``).join(', ')} |`,
  );
  const sums = Object.entries<SumBound>(SUMS).map(([name, { text, of }]) => `| ${name} | (${text}) u | ${of} |`);
  return [
    ['| ulp | functions |', '| --- | --- |', ...functions].join('\n'),
    ['| of n terms | off by at most | times |', '| --- | --- | --- |', ...sums].join('\n'),
  ].join('\n\n');
}
