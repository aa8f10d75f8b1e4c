/** Discrete Fourier transforms of any length along the last dimension. */
import { FFT, IFFT, type FFTInputs, type KernelConfig } from '@tensorflow/tfjs-core';
import { elementAt } from '../../src/glsl/accessor';
import { shader } from '../../src/glsl/shader';
import { defineKernel } from '../../src/kernel/define_kernel';
import { template, type Layout, type Plan } from '../../src/plan/plan';

/** Factors are joined into radices up to this, so that few passes run and each sums few terms. */
const RADIX = 8;

/**
 * One stage of Stockham's algorithm for any radix. Before it `lengthBefore` elements in a row are transforms of
 * subsequences of x with stride n / lengthBefore; after it `radix` times as many are. The last stage's are the result.
 *
 *     Y'[q, k] = sum over r of e^(sign 2 pi i r k / length) Y[q + r n / length, k mod lengthBefore]
 */
const stage = template<object>(
  'fft',
  () => ['re', 'im'],
  () =>
    shader({
      samplers: { re: 'float32', im: 'float32' },
      uniforms: ['int n', 'int lengthBefore', 'int radix', 'float direction', 'float scale'],
      outputs: ['float32', 'float32'],
      helpers: [
        elementAt('re', 'float32'),
        elementAt('im', 'float32'),
        // e^(direction 2 pi i a / b), reduced to an eighth of a turn in integers.
        `vec2 turn(int a, int b) {
  int quarters = (8 * a + b) / (2 * b);
  vec2 v = sinCosNear(float(4 * a - quarters * b) / float(b) * 1.57079633).yx;
  if ((quarters & 1) == 1) v = vec2(-v.y, v.x);
  if ((quarters & 2) == 2) v = -v;
  return vec2(v.x, direction * v.y);
}
vec2 stageAt(int i) {
  int row = i / n * n, length = lengthBefore * radix, at = i - row;
  int q = at / length, k = at - q * length;
  int from = row + q * lengthBefore + k % lengthBefore, step = n / radix, a = 0;
  vec2 sum = vec2(0.0);
  for (int r = 0; r < radix; r++) {
    vec2 w = turn(a, length), y = vec2(re_at(from), im_at(from));
    sum += vec2(w.x * y.x - w.y * y.y, w.x * y.y + w.y * y.x);
    from += step;
    a += k;
    if (a >= length) a -= length;
  }
  return sum * scale;
}`,
      ],
      body: `int i = outTexel() * 4;
vec2 v0 = stageAt(i), v1 = stageAt(i + 1), v2 = stageAt(i + 2), v3 = stageAt(i + 3);
out0 = vec4(v0.x, v1.x, v2.x, v3.x);
out1 = vec4(v0.y, v1.y, v2.y, v3.y);`,
    }),
);

/** The radices of the stages of a transform of length n: its prime factors, small ones joined. */
export function radicesOf(n: number): number[] {
  const radices: number[] = [];
  let radix = 1;
  for (let factor = 2; n > 1;) {
    if (n % factor !== 0) {
      factor = factor * factor > n ? n : factor + 1;
      continue;
    }
    n /= factor;
    if (radix * factor <= RADIX) radix *= factor;
    else {
      if (radix > 1) radices.push(radix);
      radix = factor;
    }
  }
  return radix > 1 ? [...radices, radix] : radices;
}

/** The passes of a transform of rows of `n` elements; each reads what the one before wrote, real and imaginary parts. */
export function fftPlans(n: number, inverse: boolean, out: Layout): Plan[] {
  const radices = radicesOf(n);
  let lengthBefore = 1;
  return radices.map((radix, i) => {
    const scale = inverse && i === radices.length - 1 ? 1 / n : 1;
    const uniforms = { n, lengthBefore, radix, scale, direction: inverse ? 1 : -1 };
    lengthBefore *= radix;
    return stage({}, { uniforms, outputs: [out, out] });
  });
}

function transform(kernelName: string, inverse: boolean): KernelConfig {
  return defineKernel<FFTInputs>(kernelName, (ctx, { input }) => {
    let { real, imag } = ctx.complexParts(input);
    const n = input.shape[input.shape.length - 1]!;
    for (const plan of fftPlans(n, inverse, ctx.newLayout(input.shape, 'float32'))) {
      const [nextReal, nextImag] = ctx.runAll(plan, [real, imag]);
      ctx.release(real);
      ctx.release(imag);
      real = nextReal!;
      imag = nextImag!;
    }
    return ctx.complex(real, imag);
  });
}

export const fftKernels: readonly KernelConfig[] = [transform(FFT, false), transform(IFFT, true)];
