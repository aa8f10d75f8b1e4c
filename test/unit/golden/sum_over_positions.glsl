#version 300 es
// reduce {"operands":[{"name":"x0","dtype":"float32","whole":true,"fixed":false,"like":"x0"}],"grain":"channels","rank":1,"dtype":"float32","unroll":4,"load":"float t0 = x0;","loaded":["t0"],"helpers":"","combine":"a + b","identity":"0","finishes":["acc"],"attributes":[],"integers":[]}
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
  float t0 = x0;
  return t0;
}
float finish0(float acc) { return acc; }
vec4 value(int r) {
  ivec2 x0_place = placeOf((x0_base + r * x0_step) >> 2, textureSize(x0, 0).x);
  vec4 x0_v = texelFetch(x0, x0_place, 0);
  float e0 = load(x0_v[0], r);
  float e1 = load(x0_v[1], r);
  float e2 = load(x0_v[2], r);
  float e3 = load(x0_v[3], r);
  return vec4(e0, e1, e2, e3);
}
void main() {
int i = outTexel() * 4;
int slice = i / size;
begin(i - slice * size);
int r = slice * chunk, end = min(r + chunk, total);
vec4 acc = vec4(0);
  for (; r + 4 <= end; r += 4) acc = combine(acc, combine(combine(value(r + 0), value(r + 1)), combine(value(r + 2), value(r + 3))));
  for (; r < end; r++) acc = combine(acc, value(r));
out0 = vec4(finish0(acc[0]), finish0(acc[1]), finish0(acc[2]), finish0(acc[3]));
}
