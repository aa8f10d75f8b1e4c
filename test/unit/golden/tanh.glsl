#version 300 es
// map {"operands":[{"name":"x0","dtype":"float32","access":"same"}],"statements":"float t0 = tanh32(x0);","results":["t0"],"dtypes":["float32"],"helpers":"","attributes":[],"integers":[],"rank":0}
precision highp float;
precision highp int;
uniform highp sampler2D x0;
uniform int outWidth;
uniform vec2 outScale;
layout(location = 0) out vec4 out0;
int outTexel() { return int(gl_FragCoord.y) * outWidth + int(gl_FragCoord.x); }
bool isNaN(float x) { return (floatBitsToUint(x) & 0x7fffffffu) > 0x7f800000u; }
float pow2Of(int k) { return uintBitsToFloat(uint(k + 127) << 23); }
float ldexp32(float x, int k) { int h = k >> 1; return (x * pow2Of(h)) * pow2Of(k - h); }
float expTail(float r) {
  return r * r * (0.5 + r * (0.166666672 + r * (0.041666206 + r * (0.00833325367 + r * (0.00139506266 + r * 0.000199240152)))));
}
const float INFINITY = uintBitsToFloat(0x7f800000u);
float exp32(float x) {
  float inside = clamp(x, -104.0, 88.73);
  float k = floor(inside * 1.44269504 + 0.5);
  float high = inside - k * 0.693359375, low = k * 2.12194440e-4;
  float s = 1.0 + high;
  float y = ldexp32(s + ((high - (s - 1.0)) + (low + expTail(high + low))), int(k));
  y = mix(y, INFINITY, x > 88.73);
  y = mix(y, 0.0, x < -104.0);
  return mix(y, x, isNaN(x));
}
float expm1(float x) { return mix(exp32(x) - 1.0, x + expTail(x), abs(x) < 0.35); }
bool hasSign(float x) { return (floatBitsToUint(x) >> 31) == 1u; }
float tanh32(float x) {
  if (isNaN(x)) return x;
  float e = expm1(2.0 * min(abs(x), 10.0));
  float y = e / (e + 2.0);
  return hasSign(x) ? -y : y;
}
float op(float x0) {
  float t0 = tanh32(x0);
  return t0;
}
void main() {
vec4 x0_v = texture(x0, gl_FragCoord.xy * outScale);
out0 = vec4(op(x0_v.x), op(x0_v.y), op(x0_v.z), op(x0_v.w));
}
