#version 300 es
// map {"operands":[{"name":"x0","dtype":"float32","access":"same"}],"statements":"float t0 = tanh32(x0);","results":["t0"],"dtypes":["float32"],"helpers":"","attributes":[],"integers":[],"rank":0}
precision highp float;
precision highp int;
uniform highp sampler2D x0;
uniform int outWidth;
uniform vec2 outScale;
layout(location = 0) out vec4 out0;
int outTexel() { return int(gl_FragCoord.y) * outWidth + int(gl_FragCoord.x); }
float expTail(float r) {
  return r * r * (0.5 + r * (0.166666672 + r * (0.041666206 + r * (0.00833325367 + r * (0.00139506266 + r * 0.000199240152)))));
}
float expOf(float x, out float k) {
  k = floor(x * 1.44269504 + 0.5);
  float high = x - k * 0.693359375, low = k * 2.12194440e-4;
  float s = 1.0 + high;
  return s + ((high - (s - 1.0)) + (low + expTail(high + low)));
}
float pow2Of(int k) { return uintBitsToFloat(uint(k + 127) << 23); }
bool hasSign(float x) { return (floatBitsToUint(x) >> 31) == 1u; }
bool isNaN(float x) { return (floatBitsToInt(x) & 0x7fffffff) > 0x7f800000; }
float tanh32(float x) {
  float a = 2.0 * min(abs(x), 10.0), k;
  float whole = expOf(a, k);
  float e = mix(whole * pow2Of(int(k)) - 1.0, a + expTail(a), a < 0.35);
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
