#version 300 es
// map {"operands":[{"name":"x0","dtype":"float32","access":"same"}],"statements":"float t0 = tanh32(x0);","results":["t0"],"dtypes":["float32"],"helpers":"","attributes":[],"integers":[],"rank":0}
precision highp float;
precision highp int;
uniform highp sampler2D x0;
uniform int outWidth;
uniform vec2 outScale;
layout(location = 0) out vec4 out0;
int outTexel() { return int(gl_FragCoord.y) * outWidth + int(gl_FragCoord.x); }
vec2 reduceExponent(float x, out float k) {
  k = floor(x * 1.44269504 + 0.5);
  return vec2(x - k * 0.693359375, k * 2.12194440e-4);
}
float expTail(float r) {
  return r * r * (0.5 + r * (0.166666672 + r * (0.041666206 + r * (0.00833325367 + r * (0.00139506266 + r * 0.000199240152)))));
}
float pow2Of(int k) { return uintBitsToFloat(uint(k + 127) << 23); }
float ldexp32(float x, int k) { int h = k >> 1; return (x * pow2Of(h)) * pow2Of(k - h); }
const float INFINITY = uintBitsToFloat(0x7f800000u);
bool isNaN(float x) { return (floatBitsToInt(x) & 0x7fffffff) > 0x7f800000; }
float expm1(float x) {
  float k;
  vec2 r = reduceExponent(clamp(x, -25.0, 88.73), k);
  float y = r.x + (r.y + expTail(r.x + r.y));
  y = ldexp32(y + (1.0 - pow2Of(-min(int(k), 100))), int(k));
  y = mix(y, INFINITY, x > 88.73);
  return mix(y, x, isNaN(x));
}
bool hasSign(float x) { return (floatBitsToUint(x) >> 31) == 1u; }
float tanh32(float x) {
  float e = expm1(2.0 * min(abs(x), 10.0));
  float y = e / (e + 2.0);
  return mix(mix(y, -y, hasSign(x)), x, isNaN(x));
}
float op(float x0) {
  float t0 = tanh32(x0);
  return t0;
}
void main() {
vec4 x0_v = texture(x0, gl_FragCoord.xy * outScale);
out0 = vec4(op(x0_v.x), op(x0_v.y), op(x0_v.z), op(x0_v.w));
}
