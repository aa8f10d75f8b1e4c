/** NaN and infinity tests, integer division, erf, and what else GLSL ES lacks; each helper as text, by name. */

/** By bit pattern: drivers may assume that no value is NaN and remove isnan(). */
const NAN_TESTS = `bool isNaN(float x) { return (floatBitsToUint(x) & 0x7fffffffu) > 0x7f800000u; }
bool isInf(float x) { return (floatBitsToUint(x) & 0x7fffffffu) == 0x7f800000u; }
const float NAN = uintBitsToFloat(0x7fc00000u);
const float INFINITY = uintBitsToFloat(0x7f800000u);`;

/** Rounds towards minus infinity, and division by zero gives 0 as tfjs-backend-cpu's int32 cast of an infinity does. */
const INT_DIVISION = `int floorDivInt(int a, int b) {
  if (b == 0) return 0;
  int q = a / b;
  return (a % b != 0 && (a < 0) != (b < 0)) ? q - 1 : q;
}
int floorModInt(int a, int b) { return b == 0 ? 0 : a - b * floorDivInt(a, b); }`;

export const NUMERIC = `${NAN_TESTS}
${INT_DIVISION}`;
