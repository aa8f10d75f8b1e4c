/** Elementary functions accurate to float32, which GLSL ES lacks or leaves to the driver. */

/**
 * GLSL by name, as in `numeric.ts`. Where it costs little, they choose by `mix`, as expressions of elementwise ops do: a conditional
 * expression is a branch for software GPUs, which take minutes to compile a shader that fuses dozens of them.
 *
 * GLSL ES promises little for its own functions: SwiftShader's sin is off by 5e-4, log loses half its bits near 1, and
 * every driver differs. Those with 32 in their name are within a few units in the last place everywhere. Polynomials are
 * near-minimax fits on the reduced ranges.
 */
export const elementary = {
  pow2Of: 'float pow2Of(int k) { return uintBitsToFloat(uint(k + 127) << 23); }',
  // x * 2^k for |k| < 252.
  ldexp32: `float ldexp32(float x, int k) { int h = k >> 1; return (x * pow2Of(h)) * pow2Of(k - h); }`,
  // e^r - 1 - r for |r| < 0.36.
  expTail: `float expTail(float r) {
  return r * r * (0.5 + r * (0.166666672 + r * (0.041666206 + r * (0.00833325367 + r * (0.00139506266 + r * 0.000199240152)))));
}`,
  // The first 12 bits of x. What is left of it is exact, products of two such are too, and compilers know of neither: they would
  // make x of (1 + x) - 1.
  upperHalf: 'float upperHalf(float x) { return uintBitsToFloat(floatBitsToUint(x) & 0xfffff000u); }',
  // x = k ln 2 + r, of which it gives r in two parts; ln 2 in two parts, the first so short that k times it is exact.
  reduceExponent: `vec2 reduceExponent(float x, out float k) {
  k = floor(x * 1.44269504 + 0.5);
  return vec2(x - k * 0.693359375, k * 2.12194440e-4);
}`,
  // e^r of r in two parts.
  expNear: `float expNear(vec2 r) {
  float s = upperHalf(1.0 + r.x);
  return s + ((r.x - (s - 1.0)) + (r.y + expTail(r.x + r.y)));
}`,
  // The special cases are chosen at the end, because branches cost more than they save.
  exp32: `float exp32(float x) {
  float k;
  vec2 r = reduceExponent(clamp(x, -104.0, 88.73), k);
  float y = ldexp32(expNear(r), int(k));
  y = mix(y, INFINITY, x > 88.73);
  y = mix(y, 0.0, x < -104.0);
  return mix(y, x, isNaN(x));
}`,
  // 2^k (e^r - 1 + (1 - 2^-k)): of the two terms in parentheses neither is rounded where they cancel.
  expm1: `float expm1(float x) {
  float k;
  vec2 r = reduceExponent(clamp(x, -25.0, 88.73), k);
  float y = r.x + (r.y + expTail(r.x + r.y));
  y = ldexp32(y + (1.0 - pow2Of(-min(int(k), 100))), int(k));
  y = mix(y, INFINITY, x > 88.73);
  return mix(y, x, isNaN(x));
}`,

  // ln(1 + f) for -0.4 <= f <= 0.42, from 2 atanh(s) with s = f / (2 + f).
  logTail: `float logTail(float f) {
  float s = f / (2.0 + f), z = s * s;
  return f - s * (f - z * (0.666666448 + z * (0.400034696 + z * (0.284067988 + z * 0.252577573))));
}`,
  log32: `float log32(float x) {
  bool small = x < 1.17549435e-38;
  int u = floatBitsToInt(x * mix(1.0, 16777216.0, small));
  int e = (u - 0x3f3504f3) >> 23;
  float n = float(e) - mix(0.0, 24.0, small);
  float y = n * 0.693359375 + (logTail(intBitsToFloat(u - (e << 23)) - 1.0) - n * 2.12194440e-4);
  y = mix(y, x, isInf(x));
  y = mix(y, -INFINITY, x == 0.0);
  return mix(y, NAN, isNaN(x) || x < 0.0);
}`,
  log1p: 'float log1p(float x) { return mix(log32(1.0 + x), logTail(x), abs(x) < 0.4); }',

  // Gives r in two parts, and n modulo 4, with |x| = n pi/2 + r and |r| <= pi/4. Near 0 by subtracting n pi/2 in four parts,
  // the first so short that n times them and the differences are exact.
  reduceAngle: `vec2 reduceAngle(float x, out int n) {
  float a = abs(x);
  float k = floor(a * 0.636619772 + 0.5);
  float b = a - k * 1.5703125 - k * 4.83751297e-4;
  float r = b - k * 7.54953362e-8;
  float rest = (b - r) - k * 7.54953362e-8 - k * 2.56334407e-12;
  vec2 angle = vec2(r + rest, rest - ((r + rest) - r));
  n = int(min(k, 255.0)) & 3;
  if (!(a <= 256.0)) angle = reduceFar(a, n);
  return angle;
}`,
  // The same by multiplying with the bits of 2/pi that matter: good to 31 bits for every float32 from pi/4 on.
  reduceFar: `const uint TWO_OVER_PI[10] = uint[10](0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu, 0xdebbc561u, 0xb7246e3au);
uvec2 wideProduct(uint a, uint b) {
  uint a0 = a & 0xffffu, a1 = a >> 16, b0 = b & 0xffffu, b1 = b >> 16;
  uint low = a0 * b0;
  uint mid = a0 * b1 + (low >> 16);
  uint mid2 = a1 * b0 + (mid & 0xffffu);
  return uvec2(a1 * b1 + (mid >> 16) + (mid2 >> 16), (mid2 << 16) | (low & 0xffffu));
}
uint bitsOfTwoOverPi(int at) {
  int word = at >> 5, shift = at & 31;
  return shift == 0 ? TWO_OVER_PI[word] : (TWO_OVER_PI[word] << shift) | (TWO_OVER_PI[word + 1] >> (32 - shift));
}
vec2 reduceFar(float x, out int n) {
  uint u = floatBitsToUint(x);
  uint m = (u & 0x7fffffu) | 0x800000u;
  int at = int(u >> 23) - 150 - 2 + 32;
  uvec2 p1 = wideProduct(m, bitsOfTwoOverPi(at + 32));
  uint low = p1.y + wideProduct(m, bitsOfTwoOverPi(at + 64)).x;
  uint high = m * bitsOfTwoOverPi(at) + p1.x + (low < p1.y ? 1u : 0u);
  n = int(high >> 30);
  high = (high << 2) | (low >> 30);
  low <<= 2;
  bool up = high >= 0x80000000u;
  if (up) { n = (n + 1) & 3; high = ~high; low = ~low; }
  if (high == 0u) { high = low; low = 0u; n += 4; }
  int zeros = 31 - ((floatBitsToInt(float(high & ~(high >> 1))) >> 23) - 127);
  uint f = zeros == 0 ? high : (high << zeros) | (low >> (32 - zeros));
  // 0xc90fdaa2 is pi/4.
  uint r = wideProduct(f, 0xc90fdaa2u).x;
  float unit = ldexp32(up ? -1.0 : 1.0, -31 - zeros - (n >> 2) * 32);
  n &= 3;
  return unit * vec2(float(r & 0xffffff00u), float(r & 0xffu));
}`,
  // (sin r, cos r) for |r| <= pi/4.
  sinCosNear: `vec2 sinCosNear(float r) {
  float z = r * r;
  return vec2(r + r * z * (-0.166666672 + z * (0.00833332911 + z * (-0.000198393347 + z * 0.00000271830868))),
    1.0 - 0.5 * z + z * z * (0.0416666679 + z * (-0.00138888834 + z * (0.0000247995267 - z * 2.72107854e-7))));
}`,
  // (sin x, cos x)
  sinCos: `vec2 sinCos(float x) {
  int n;
  vec2 r = reduceAngle(x, n);
  vec2 v = sinCosNear(r.x + r.y);
  v = mix(v, vec2(v.y, -v.x), bvec2((n & 1) == 1));
  v *= mix(1.0, -1.0, (n & 2) == 2);
  v.x *= mix(1.0, -1.0, hasSign(x));
  return mix(vec2(NAN), v, bvec2(isFinite(x)));
}`,
  sin32: 'float sin32(float x) { return sinCos(x).x; }',
  cos32: 'float cos32(float x) { return sinCos(x).y; }',
  // cot(high + low) near 0: the series after 1 / r, and the error of that division from products of half the length.
  cotNear: `float cotNear(float high, float low) {
  float q = 1.0 / high;
  float q1 = upperHalf(q), h1 = upperHalf(high);
  float q2 = q - q1, h2 = high - h1;
  float error = (((1.0 - q1 * h1) - q1 * h2) - q2 * h1) - q2 * h2;
  float z = high * high;
  return q + (q * (error - q * low) - high * (0.333333343 + z * (0.0222222228 + z * 0.00211640215)));
}`,
  tan32: `float tan32(float x) {
  if (!isFinite(x)) return NAN;
  int n;
  vec2 r = reduceAngle(x, n);
  vec2 v = sinCosNear(r.x + r.y);
  float y = (n & 1) == 0 ? v.x / v.y : abs(r.x) < 0.2 ? -cotNear(r.x, r.y) : -v.y / v.x;
  return hasSign(x) ? -y : y;
}`,

  // Reduced twice, to |t| <= tan(pi/8).
  atan32: `float atan32(float x) {
  if (isNaN(x)) return x;
  float a = abs(x), base = 0.0, t = a;
  if (a > 2.41421356) { base = 1.57079633; t = -1.0 / a; }
  else if (a > 0.41421356) { base = 0.785398163; t = (a - 1.0) / (a + 1.0); }
  float z = t * t;
  float y = base + (t + t * z * (-0.333333164 + z * (0.199984878 + z * (-0.142438307 + z * (0.105958581 - z * 0.0608307309)))));
  return hasSign(x) ? -y : y;
}`,
  atan2: `float atan2(float y, float x) {
  if (!isOrdered(y, x)) return NAN;
  float a = abs(y), b = abs(x);
  float t = a == b ? (a == 0.0 ? 0.0 : 0.785398163) : a < b ? atan32(a / b) : 1.57079633 - atan32(b / a);
  if (hasSign(x)) t = 3.14159265 - t;
  return hasSign(y) ? -t : t;
}`,
  // asin(x) for |x| <= 0.5.
  asinNear: `float asinNear(float x) {
  float z = x * x;
  return x + x * z * (0.166667536 + z * (0.0749523267 + z * (0.045478344 + z * (0.024140995 + z * 0.0422305353))));
}`,
  asin32: `float asin32(float x) {
  float a = abs(x);
  if (isNaN(x) || a > 1.0) return NAN;
  float y = a <= 0.5 ? asinNear(a) : 1.57079633 - 2.0 * asinNear(sqrt(0.5 - 0.5 * a));
  return hasSign(x) ? -y : y;
}`,
  acos32: `float acos32(float x) {
  float a = abs(x);
  if (isNaN(x) || a > 1.0) return NAN;
  if (a <= 0.5) return 1.57079633 - asinNear(x);
  float y = 2.0 * asinNear(sqrt(0.5 - 0.5 * a));
  return x < 0.0 ? 3.14159265 - y : y;
}`,

  // Half of e^|x|, without overflow where e^|x| has one and its half has none.
  halfExp:
    'float halfExp(float a) { if (a < 88.0) return 0.5 * exp32(a); float h = exp32(0.5 * a); return 0.5 * h * h; }',
  sinh32: `float sinh32(float x) {
  float a = abs(x);
  float e = expm1(a);
  float y = a < 1.0 ? 0.5 * (e + e / (e + 1.0)) : halfExp(a) - (a < 20.0 ? 0.25 / halfExp(a) : 0.0);
  return hasSign(x) ? -y : y;
}`,
  cosh32: 'float cosh32(float x) { float h = halfExp(abs(x)); return h + (abs(x) < 20.0 ? 0.25 / h : 0.0); }',
  tanh32: `float tanh32(float x) {
  float e = expm1(2.0 * min(abs(x), 10.0));
  float y = e / (e + 2.0);
  return mix(mix(y, -y, hasSign(x)), x, isNaN(x));
}`,
  asinh32: `float asinh32(float x) {
  float a = abs(x);
  float y = a > 1e9 ? log32(a) + 0.693147181 : log1p(a + a * a / (1.0 + sqrt(1.0 + a * a)));
  return hasSign(x) ? -y : y;
}`,
  acosh32: `float acosh32(float x) {
  if (isNaN(x) || x < 1.0) return NAN;
  float t = x - 1.0;
  return x > 1e9 ? log32(x) + 0.693147181 : log1p(t + sqrt(t * (2.0 + t)));
}`,
  atanh32: `float atanh32(float x) {
  float a = abs(x);
  if (isNaN(x) || a > 1.0) return NAN;
  float y = a == 1.0 ? INFINITY : 0.5 * log1p(2.0 * a / (1.0 - a));
  return hasSign(x) ? -y : y;
}`,

  // Below 1 the odd series as a fit, above it Abramowitz and Stegun 7.1.26, good to 1.5e-7.
  erf: `float erf(float x) {
  if (isNaN(x)) return x;
  float a = min(abs(x), 6.0), z = x * x;
  if (a < 1.0) {
    return x * (1.12837923 + z * (-0.376126379 + z * (0.112837896 + z * (-0.0268657953 + z * (0.00522200111
      + z * (-0.000849754317 + z * (0.000113598631 - z * 0.00000992659079)))))));
  }
  float t = 1.0 / (1.0 + 0.3275911 * a);
  float y = 1.0 - t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * exp32(-a * a);
  return x < 0.0 ? -y : y;
}`,

  hypot32: `float hypot32(float a, float b) {
  a = abs(a); b = abs(b);
  if (isInf(a) || isInf(b)) return INFINITY;
  if (!isOrdered(a, b)) return NAN;
  float m = max(a, b);
  if (m == 0.0) return 0.0;
  float q = min(a, b) / m;
  return m * sqrt(1.0 + q * q);
}`,
  // log2 of a finite m > 0 in two parts, good to 35 bits, the first of 12: the series of 2 atanh(s) with s = (f - 1) / (f + 1),
  // whose first terms have parts of half the length.
  log2Parts: `vec2 log2Parts(float m) {
  bool small = m < 1.17549435e-38;
  int u = floatBitsToInt(m * mix(1.0, 16777216.0, small));
  int e = (u - 0x3f3504f3) >> 23;
  float n = float(e) - mix(0.0, 24.0, small);
  float f = intBitsToFloat(u - (e << 23)), d = f + 1.0;
  float s = (f - 1.0) / d, s1 = upperHalf(s), d1 = upperHalf(d);
  float s2 = (((f - 1.0) - s1 * d1) - s1 * (f - (d1 - 1.0))) / d;
  float z = s * s, z1 = s1 * s1;
  float rest = s2 * (s1 + s) + z * z * (0.6 + z * (0.428571429 + z * (0.333333333 + z * (0.272727273 + z * 0.230769231))));
  float t1 = upperHalf(3.0 + z1 + rest), t2 = rest - ((t1 - 3.0) - z1);
  float high = s1 * t1, low = s2 * t1 + s * t2;
  float p = upperHalf(high + low);
  // 2 / (3 ln 2) is 0.961796694, or 0.9619140625 - 1.17368574e-4.
  float y1 = 0.9619140625 * p, y2 = 0.961796694 * (low - (p - high)) - 1.17368574e-4 * p;
  float first = upperHalf(n + (y1 + y2));
  return vec2(first, y2 - ((first - n) - y1));
}`,
  // 2^(high + low) for |high + low| < 152, with a short `high`; ln 2 is 0.693115234375 + 3.1946184e-5.
  exp2Of: `float exp2Of(float high, float low) {
  float k = floor(high + low + 0.5);
  float r = high - k, r1 = upperHalf(r + low), r2 = low - (r1 - r);
  return ldexp32(expNear(vec2(0.693115234375 * r1, 0.693147181 * r2 + 3.1946184e-5 * r1)), int(k));
}`,
  // As JavaScript's Math.pow; exact where the result is, which is rounded once.
  pow32: `float pow32(float a, float b) {
  float m = abs(a), b1 = upperHalf(b);
  vec2 l = log2Parts(m);
  float about = b * mix(mix(l.x + l.y, -INFINITY, m == 0.0), m, !isFinite(m));
  bool inside = abs(about) < 151.0;
  b1 = mix(0.0, b1, inside);
  float y = exp2Of(b1 * l.x, mix(0.0, (b - b1) * l.x + b * l.y, inside));
  y = mix(y, about > 0.0 ? INFINITY : 0.0, !inside);
  y = mix(y, about, isNaN(about));
  y = mix(y, 1.0, b == 0.0);
  float p = abs(b);
  bool whole = floor(p) == p;
  bool odd = whole && p < 16777216.0 && (int(p) & 1) == 1;
  y = mix(y, -y, odd && hasSign(a));
  return mix(y, NAN, a < 0.0 && !whole && !isInf(a));
}`,
} satisfies Readonly<Record<string, string>>;
