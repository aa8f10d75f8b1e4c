#version 300 es
// softmax {"dtype":"float32","expression":"exp32(x) / s","measured":false}
precision highp float;
precision highp int;
uniform highp sampler2D logits;
uniform int outWidth;
uniform int classes;
layout(location = 0) out vec4 out0;
int outTexel() { return int(gl_FragCoord.y) * outWidth + int(gl_FragCoord.x); }
int rowOf(int a, int b) {
  int q = int(float(a) / float(b));
  int r = a - q * b;
  return q - int(r < 0) + int(r >= b);
}
ivec2 placeOf(int texel, int width) {
  int row = rowOf(texel, width);
  return ivec2(texel - row * width, row);
}
const float INFINITY = uintBitsToFloat(0x7f800000u);
vec2 reduceExponent(float x, out float k) {
  k = floor(x * 1.44269504 + 0.5);
  return vec2(x - k * 0.693359375, k * 2.12194440e-4);
}
float pow2Of(int k) { return uintBitsToFloat(uint(k + 127) << 23); }
float ldexp32(float x, int k) { int h = k >> 1; return (x * pow2Of(h)) * pow2Of(k - h); }
float upperHalf(float x) { return uintBitsToFloat(floatBitsToUint(x) & 0xfffff000u); }
float expTail(float r) {
  return r * r * (0.5 + r * (0.166666672 + r * (0.041666206 + r * (0.00833325367 + r * (0.00139506266 + r * 0.000199240152)))));
}
float expNear(vec2 r) {
  float s = upperHalf(1.0 + r.x);
  return s + ((r.x - (s - 1.0)) + (r.y + expTail(r.x + r.y)));
}
bool isNaN(float x) { return (floatBitsToInt(x) & 0x7fffffff) > 0x7f800000; }
float exp32(float x) {
  float k;
  vec2 r = reduceExponent(clamp(x, -104.0, 88.73), k);
  float y = ldexp32(expNear(r), int(k));
  y = mix(y, INFINITY, x > 88.73);
  y = mix(y, 0.0, x < -104.0);
  return mix(y, x, isNaN(x));
}
vec4 logits_texel(int texel) {
  return texelFetch(logits, placeOf(texel, textureSize(logits, 0).x), 0);
}
float m, s;
vec4 between(int t, int from, int to) {
  vec4 l = vec4(logits_texel(t));
  ivec4 i = ivec4(t * 4) + ivec4(0, 1, 2, 3);
  return mix(l, vec4(-INFINITY), bvec4(uvec4(lessThan(i, ivec4(from))) | uvec4(greaterThanEqual(i, ivec4(to)))));
}
void measure(int from, int to) {
  vec4 most = vec4(-3.40282347e38), sum = vec4(0.0);
  for (int t = from >> 2; t * 4 < to; t++) most = max(most, between(t, from, to));
  m = max(max(most.x, most.y), max(most.z, most.w));
  for (int t = from >> 2; t * 4 < to; t++) {
    vec4 l = between(t, from, to) - m;
    sum += vec4(exp32(l.x), exp32(l.y), exp32(l.z), exp32(l.w));
  }
  s = (sum.x + sum.y) + (sum.z + sum.w);
}
void main() {
vec4 logit = vec4(texelFetch(logits, ivec2(gl_FragCoord.xy), 0)), results;
int row = -1, next = 0;
for (int k = 0; k < 4; k++) {
  int i = outTexel() * 4 + k;
  if (row < 0 || i == next) {
    row = i / classes;
    next = (row + 1) * classes;
    measure(row * classes, next);
  }
  float x = logit[k] - m;
  results[k] = exp32(x) / s;
}
out0 = results;
}
