/** GLSL helpers for NaN tests, index and integer arithmetic and exact remainders; finds the helpers that a text needs. */
import { elementary } from './elementary';
import { wordsOf, type Word } from './words';

/** Below this, shaders divide whole numbers in floats, by `floatQuotient` or a like text: several times as fast as integers, and exact. */
export const MOST_IN_FLOATS = 2 ** 21;

/** GLSL by the name that shaders use; `shader` adds those that a text names, and those that they name in turn. */
const definitions: Readonly<Record<string, string>> = {
  ...elementary,

  // By bit pattern: drivers may assume that no value is NaN and remove isnan().
  isNaN: 'bool isNaN(float x) { return (floatBitsToInt(x) & 0x7fffffff) > 0x7f800000; }',
  isInf: 'bool isInf(float x) { return (floatBitsToInt(x) & 0x7fffffff) == 0x7f800000; }',
  isFinite: 'bool isFinite(float x) { return (floatBitsToInt(x) & 0x7fffffff) < 0x7f800000; }',
  // Of -0 too, and of no NaN, which are the integers from -8388607 on where they have a sign.
  isNegative: 'bool isNegative(float x) { return floatBitsToInt(x) <= -8388608; }',
  // x, of which compilers know nothing, as nobody sets the uniform and so it is 0: see lazy/opaque.ts. They make s * (x + y),
  // which may overflow, of s * x + s * y, too.
  opaqueZero: 'uniform int opaqueZero;',
  opaque: `float opaque(float x) { return intBitsToFloat(floatBitsToInt(x) | opaqueZero); }
vec4 opaque(vec4 x) { return intBitsToFloat(floatBitsToInt(x) | opaqueZero); }`,
  // What stands for padding in data that a pass has rearranged: -0, which data hardly ever holds, and compilers take for 0.
  padding: 'float padding() { return intBitsToFloat(int(0x80000000u) | opaqueZero); }',
  isPadding: 'bool isPadding(float x) { return floatBitsToUint(x) == 0x80000000u; }',
  NAN: 'const float NAN = uintBitsToFloat(0x7fc00000u);',
  INFINITY: 'const float INFINITY = uintBitsToFloat(0x7f800000u);',
  hasSign: 'bool hasSign(float x) { return (floatBitsToUint(x) >> 31) == 1u; }',
  isOrdered: 'bool isOrdered(float a, float b) { return !eitherIsNaN(a, b); }',
  eitherIsNaN:
    'bool eitherIsNaN(float a, float b) { return max(floatBitsToInt(a) & 0x7fffffff, floatBitsToInt(b) & 0x7fffffff) > 0x7f800000; }',

  // a / b of indices, a >= 0 and b > 0: through floats, since integer division is slow on every GPU and slower in software.
  // One step is exact for quotients below 2^22, as rows of a texture are; a second one for all.
  rowOf: `int rowOf(int a, int b) {
  int q = int(float(a) / float(b));
  int r = a - q * b;
  return q - int(r < 0) + int(r >= b);
}`,
  // floor(a / b) of whole numbers, a < 2^21 and b > 0: half a step away from the next one, no rounding of the division gets there.
  floatQuotient: 'float floatQuotient(float a, float b) { return floor((a + 0.5) / b); }',
  // Where the texel with a flat index lies in a texture of that width.
  placeOf: `ivec2 placeOf(int texel, int width) {
  int row = rowOf(texel, width);
  return ivec2(texel - row * width, row);
}`,
  divIndex: `int divIndex(int a, int b) {
  int q = int(float(a) / float(b));
  q += int(floor(float(a - q * b) / float(b)));
  int r = a - q * b;
  return q - int(r < 0) + int(r >= b);
}`,

  // Division by zero gives 0, as JavaScript's conversion of an infinity to int32 does; -2^31 / -1 wraps.
  divInt: 'int divInt(int a, int b) { return b == 0 ? 0 : b == -1 ? -a : a / b; }',
  floorDivInt: `int floorDivInt(int a, int b) {
  int q = divInt(a, b);
  int r = a - q * b;
  return b != 0 && r != 0 && (r < 0) != (b < 0) ? q - 1 : q;
}`,
  floorModInt: 'int floorModInt(int a, int b) { return b == 0 ? 0 : a - b * floorDivInt(a, b); }',
  // Negative powers of anything but 1 and -1 are fractions, and 0 where they are infinite.
  powInt: `int powInt(int a, int b) {
  if (b < 0) return a == 1 || (a == -1 && (b & 1) == 0) ? 1 : a == -1 ? -1 : 0;
  int y = 1;
  for (; b > 0; b >>= 1) { if ((b & 1) == 1) y *= a; a *= a; }
  return y;
}`,
  // Towards zero and modulo 2^32, NaN and infinities to 0: JavaScript's ToInt32. GLSL's int() is undefined outside of int32.
  toInt: `int toInt(float x) {
  uint u = floatBitsToUint(x);
  int shift = int((u >> 23) & 0xffu) - 150;
  uint m = (u & 0x7fffffu) | 0x800000u;
  uint n = shift > 31 || shift < -23 ? 0u : shift >= 0 ? m << shift : m >> -shift;
  return hasSign(x) ? -int(n) : int(n);
}`,

  // |a| / |b| for finite a and b by long division of the significands: the quotient modulo 2^32, and the exact remainder.
  longDivision: `uint longDivision(float a, float b, out float remainder) {
  uint ua = floatBitsToUint(a) & 0x7fffffffu, ub = floatBitsToUint(b) & 0x7fffffffu;
  int ea = max(int(ua >> 23), 1), eb = max(int(ub >> 23), 1);
  uint ma = (ua & 0x7fffffu) | (ua >= 0x800000u ? 0x800000u : 0u);
  uint mb = (ub & 0x7fffffu) | (ub >= 0x800000u ? 0x800000u : 0u);
  uint q = 0u;
  if (ea >= eb) { q = ma / mb; ma -= q * mb; }
  else { remainder = uintBitsToFloat(ua); return 0u; }
  for (int e = ea - eb; e > 0; e -= 8) {
    int shift = min(e, 8);
    ma <<= shift;
    uint digit = ma / mb;
    q = (q << shift) | digit;
    ma -= digit * mb;
  }
  uint r = floatBitsToUint(float(ma));
  int e = int(r >> 23) + eb - 150;
  remainder = ma == 0u ? 0.0 : uintBitsToFloat(e > 0 ? (r & 0x7fffffu) | uint(e) << 23 : ma << (eb - 1));
  return q;
}`,
  // JavaScript's % (the sign of a), and the remainder with the sign of b that tfjs's mod makes of it.
  remainder32: `float remainder32(float a, float b) {
  if (!isOrdered(a, b) || isInf(a) || b == 0.0) return NAN;
  if (isInf(b)) return a;
  float r;
  longDivision(a, b, r);
  return hasSign(a) ? -r : r;
}`,
  floorMod32: `float floorMod32(float a, float b) {
  float r = remainder32(a, b);
  if ((a < 0.0 && b < 0.0) || (a >= 0.0 && b >= 0.0) || isNaN(r)) return r;
  if (isInf(b)) return NAN;
  if (r == 0.0) return 0.0; // Also where it is subnormal and taken for 0.
  // r + b is b where r is no more than half the last bit of a double next to b, and another % then gives 0.
  uint u = floatBitsToUint(b) & 0x7fffffffu;
  int e = int(u >> 23) - ((u & 0x7fffffu) == 0u ? 54 : 53);
  float lost = e > 0 ? uintBitsToFloat(uint(e) << 23) : 0.0;
  return abs(r) <= lost ? 0.0 : r + b;
}`,
  // floor(a / b) as an int32, of the exact quotient; 0 from 2^53 on, where a double has no low bits left to wrap to.
  floorDiv32: `int floorDiv32(float a, float b) {
  if (!isOrdered(a, b) || isInf(a) || isInf(b) || b == 0.0) return 0;
  bool negative = hasSign(a) != hasSign(b);
  if (abs(a / b) >= 9007199254740992.0) return 0;
  float r;
  int q = int(longDivision(a, b, r));
  return negative ? (floatBitsToUint(r) == 0u ? -q : -q - 1) : q; // r may be subnormal, which some take for 0
}`,
};

/** Calls of an instruction or two; types are called where they convert. */
const CHEAP = [
  ...['float', 'int', 'abs', 'min', 'max', 'sqrt', 'floor', 'clamp', 'mix'],
  ...['isNaN', 'isFinite', 'isNegative', 'opaque', 'isOrdered', 'eitherIsNaN'],
];

/** Calls of functions that branch or are as long, which compilers take longest for. */
const LONG = [
  ...[
    'asin32',
    'acos32',
    'atan32',
    'asinh32',
    'acosh32',
    'atanh32',
    'sin32',
    'cos32',
    'tan32',
    'sinh32',
    'cosh32',
    'tanh32',
  ],
  ...[
    'pow32',
    'powInt',
    'log32',
    'log1p',
    'erf',
    'atan2',
    'hypot32',
    'floorDiv32',
    'floorMod32',
    'floorDivInt',
    'floorModInt',
  ],
];

/** What a call weighs beside an operation such as a sum, by the function's name; see `callCost`. */
const costs = new Map([...CHEAP.map((name) => [name, 0] as const), ...LONG.map((name) => [name, 24] as const)]);
const USUAL_COST = 12;

/** What the calls among the words of an expression weigh, of which an operation such as a sum weighs 1. */
export function callCost(words: readonly Word[]): number {
  return words.reduce((sum, { name, isCalled }) => sum + (isCalled ? (costs.get(name) ?? USUAL_COST) : 0), 0);
}

/** The definitions that a GLSL text needs, each after those that it needs itself. */
export function numericHelpers(text: string): string[] {
  const needed = new Set<string>();
  const visit = (source: string): void => {
    for (const { name } of wordsOf(source)) {
      const definition = definitionOf(name);
      if (definition === undefined || needed.has(definition) || definition === source) continue;
      visit(definition);
      needed.add(definition);
    }
  };
  visit(text);
  return [...needed];
}

function definitionOf(name: string): string | undefined {
  return Object.hasOwn(definitions, name) ? definitions[name] : undefined;
}
