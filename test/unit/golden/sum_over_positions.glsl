#version 300 es
// fold {"operands":[{"name":"x","dtype":"float32","whole":true}],"grain":"channels","rank":1,"dtype":"float32","load":"x","helpers":"","floats":false,"fold":"a + b","identity":"0","finish":"acc","attributes":[],"integers":[]}
precision highp float;
precision highp int;
uniform highp sampler2D x;
uniform int outWidth;
uniform int dims[1];
uniform int size;
uniform int slices;
uniform int chunk;
uniform int total;
uniform int x_strides[1];
uniform int x_step;
layout(location = 0) out vec4 out0;
int outTexel() { return int(gl_FragCoord.y) * outWidth + int(gl_FragCoord.x); }
int rowOf(int a, int b) {
  int q = int(float(a) / float(b));
  int r = a - q * b;
  return r < 0 ? q - 1 : r >= b ? q + 1 : q;
}
vec4 x_texel(int texel) {
  int rowTexels = textureSize(x, 0).x;
  int texelRow = rowOf(texel, rowTexels);
  return texelFetch(x, ivec2(texel - texelRow * rowTexels, texelRow), 0);
}
void coordsOf(int i, out int c[1]) {
  c[0] = i;
}
int x_offset(int c[1]) { return c[0] * x_strides[0]; }
int x_base;
void begin(int o) {
  int c[1];
  coordsOf(o, c);
  x_base = x_offset(c);
}
float load(float x, int index) { return x; }
float fold(float a, float b) { return a + b; }
vec4 fold(vec4 a, vec4 b) { return vec4(fold(a[0], b[0]), fold(a[1], b[1]), fold(a[2], b[2]), fold(a[3], b[3])); }
float finish(float acc) { return acc; }
vec4 value(int r) {
  vec4 x_v = vec4(x_texel((x_base + r * x_step) >> 2));
  return vec4(load(x_v[0], r), load(x_v[1], r), load(x_v[2], r), load(x_v[3], r));
}
void main() {
int i = outTexel() * 4;
int slice = i / size;
begin(i - slice * size);
int r = slice * chunk, end = min(r + chunk, total);
vec4 acc = vec4(0);
  for (; r + 8 <= end; r += 8) acc = fold(acc, fold(fold(fold(value(r + 0), value(r + 1)), fold(value(r + 2), value(r + 3))), fold(fold(value(r + 4), value(r + 5)), fold(value(r + 6), value(r + 7)))));
  for (; r < end; r++) acc = fold(acc, value(r));
out0 = vec4(finish(acc[0]), finish(acc[1]), finish(acc[2]), finish(acc[3]));
}
