/** Convolution axes by brute force: what an Axis says is read, against the definition of a convolution and of its gradient. */
import {
  backwardAxis,
  forwardAxis,
  outputsPerPhase,
  tapsPerPhase,
  type Axis,
  type Window,
} from '../../kernels/conv/geometry';
import { randomOf } from '../cases/fill';
import { seed } from '../page';

/** The one-dimensional convolution that an axis describes, in float64. */
function evaluate(axis: Axis, x: readonly number[], filter: readonly number[]): number[] {
  const count = axis.phases.length;
  return Array.from({ length: axis.output }, (_, o) => {
    const { firstTap, base } = axis.phases[o % count]!;
    const j = Math.floor(o / count);
    let sum = 0;
    for (let i = 0; firstTap + i * axis.tapStride < axis.size; i++) {
      const at = j * axis.step + base + i * axis.tapStep;
      if (at >= 0 && at < axis.input) sum += filter[firstTap + i * axis.tapStride]! * x[at]!;
    }
    return sum;
  });
}

function convolve(
  { output, stride, dilation, pad }: Window,
  x: readonly number[],
  filter: readonly number[],
): number[] {
  return Array.from({ length: output }, (_, o) =>
    filter.reduce((sum, w, tap) => sum + w * (x[o * stride - pad + tap * dilation] ?? 0), 0),
  );
}

/** The gradient of sum(dy * convolve(x)) with respect to x. */
function inputGradient(window: Window, dy: readonly number[], filter: readonly number[]): number[] {
  const { input, stride, dilation, pad } = window;
  const dx = new Array<number>(input).fill(0);
  dy.forEach((gradient, o) =>
    filter.forEach((w, tap) => {
      const i = o * stride - pad + tap * dilation;
      if (i >= 0 && i < input) dx[i]! += gradient * w;
    }),
  );
  return dx;
}

/** Every window of small sizes that has an output. */
function* windows(): Generator<Window> {
  for (const input of [1, 2, 3, 4, 5, 7, 8, 12])
    for (const size of [1, 2, 3, 4, 5, 8])
      for (const stride of [1, 2, 3, 4])
        for (const dilation of [1, 2, 3, 4])
          for (const [pad, after] of [
            [0, 0],
            [1, 1],
            [0, 1],
            [2, 1],
            [4, 5],
          ] as const) {
            const output = Math.floor((input + pad + after - (size - 1) * dilation - 1) / stride) + 1;
            if (output > 0) yield { input, output, size, stride, dilation, pad };
          }
}

function maxDifference(a: readonly number[], b: readonly number[]): number {
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);
}

describe('geometry', () => {
  const random = randomOf(seed, 'geometry');
  const values = (n: number): number[] => Array.from({ length: n }, () => 2 * random() - 1);
  const all = [...windows()];
  const nameOf = (w: Window): string => JSON.stringify(w);

  it('has windows with both stride and dilation above 1, and with both coprime and not', () => {
    const both = all.filter(({ stride, dilation }) => stride > 1 && dilation > 1);
    expect(both.some((w) => w.stride === 2 && w.dilation === 3)).toBeTrue();
    expect(both.some((w) => w.stride === 4 && w.dilation === 2)).toBeTrue();
  });

  it('forwardAxis is the convolution', () => {
    for (const window of all) {
      const [x, filter] = [values(window.input), values(window.size)];
      expect(maxDifference(evaluate(forwardAxis(window), x, filter), convolve(window, x, filter)))
        .withContext(nameOf(window))
        .toBeLessThan(1e-12);
    }
  });

  it('backwardAxis with the filter flipped is the gradient of the input', () => {
    for (const window of all) {
      const [dy, filter] = [values(window.output), values(window.size)];
      const gradient = evaluate(backwardAxis(window), dy, [...filter].reverse());
      expect(gradient.length).toBe(window.input);
      expect(maxDifference(gradient, inputGradient(window, dy, filter)))
        .withContext(nameOf(window))
        .toBeLessThan(1e-12);
    }
  });

  it('tapsPerPhase and outputsPerPhase are the most of any phase', () => {
    for (const window of all) {
      for (const axis of [forwardAxis(window), backwardAxis(window)]) {
        const counts = axis.phases.map(({ firstTap }) =>
          Math.max(0, Math.ceil((axis.size - firstTap) / axis.tapStride)),
        );
        expect(Math.max(...counts)).toBeLessThanOrEqual(tapsPerPhase(axis));
        expect(outputsPerPhase(axis) * axis.phases.length).toBeGreaterThanOrEqual(axis.output);
      }
    }
  });

  it('all indices are integers', () => {
    for (const window of all) {
      for (const { phases, step, tapStep, tapStride } of [forwardAxis(window), backwardAxis(window)]) {
        const numbers = [step, tapStep, tapStride, ...phases.flatMap(({ firstTap, base }) => [firstTap, base])];
        expect(numbers.every(Number.isInteger)).withContext(nameOf(window)).toBeTrue();
      }
    }
  });
});
