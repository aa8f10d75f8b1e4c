#version 300 es
// reduce {"operands":[{"name":"x0","dtype":"float32","whole":true,"fixed":false,"like":"x0"}],"grain":"rows","rank":1,"dtype":"float32","unroll":4,"load":"float t0 = opaque(f0 * x0);","loaded":["t0"],"helpers":"","combine":"a + b","identity":"0","finishes":["acc / divisor0"],"attributes":["f0","divisor0"],"integers":[]}
precision highp float;
precision highp int;
uniform highp sampler2D x0;
uniform int outWidth;
uniform int dims[1];
uniform int size;
uniform int slices;
uniform int chunk;
uniform int total;
uniform int x0_strides[1];
uniform int x0_step;
uniform float f0;
uniform float divisor0;
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
uniform int opaqueZero;
float opaque(float x) { return intBitsToFloat(floatBitsToInt(x) | opaqueZero); }
vec4 opaque(vec4 x) { return intBitsToFloat(floatBitsToInt(x) | opaqueZero); }
vec4 x0_texel(int texel) {
  return texelFetch(x0, placeOf(texel, textureSize(x0, 0).x), 0);
}
void coordsOf(int i, out int c[1]) {
  c[0] = i;
}
int x0_offset(int c[1]) { return c[0] * x0_strides[0]; }
int x0_base;
void begin(int o) {
  int c[1];
  coordsOf(o, c);
  x0_base = x0_offset(c);
}
float combine(float a, float b) { return a + b; }
vec4 combine(vec4 a, vec4 b) { return vec4(combine(a[0], b[0]), combine(a[1], b[1]), combine(a[2], b[2]), combine(a[3], b[3])); }

float load(float x0, int index) {
  float t0 = opaque(f0 * x0);
  return t0;
}
float finish0(float acc) { return acc / divisor0; }
vec4 value(int r) {
  ivec2 x0_place = placeOf(r, textureSize(x0, 0).x);
  vec4 x0_v = texelFetch(x0, x0_place, 0);
  float e0 = load(x0_v[0], r * 4 + 0 - x0_base);
  float e1 = load(x0_v[1], r * 4 + 1 - x0_base);
  float e2 = load(x0_v[2], r * 4 + 2 - x0_base);
  float e3 = load(x0_v[3], r * 4 + 3 - x0_base);
  return vec4(e0, e1, e2, e3);
}
vec4 inside(vec4 v, int from, int to) {
  ivec4 at = ivec4(0, 1, 2, 3);
  bvec4 kept = bvec4(uvec4(greaterThanEqual(at, ivec4(from))) & uvec4(lessThan(at, ivec4(to))));
  return mix(vec4(0), v, kept);
}
float lane(int i) {
  int o = i / slices;
  int slice = i - o * slices;
  begin(o);
  int first = x0_base + slice * chunk;
  int end = o < size ? x0_base + min((slice + 1) * chunk, total) : first;
  vec4 acc = vec4(0);
  int r = first >> 2, whole = end >> 2;
  if ((first & 3) != 0 && first < end) { acc = inside(value(r), first & 3, end - r * 4); r++; }
  for (; r + 2 <= whole; r += 2) acc = combine(acc, combine(value(r + 0), value(r + 1)));
  for (; r * 4 < end; r++) acc = combine(acc, inside(value(r), 0, end - r * 4));
  return finish0(combine(combine(acc.x, acc.y), combine(acc.z, acc.w)));
}
void main() {
vec4 results0;
for (int k = 0; k < 4; k++) {
  float result = lane(outTexel() * 4 + k);
  results0[k] = result;
}
out0 = results0;
}
