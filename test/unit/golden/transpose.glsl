#version 300 es
// move {"dtype":"float32","rank":2,"grain":"element","edge":"none","targets":1}
precision highp float;
precision highp int;
uniform highp sampler2D x;
uniform int outWidth;
uniform int dims[2];
uniform int x_strides[2];
uniform int offset;
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
int divIndex(int a, int b) {
  int q = int(float(a) / float(b));
  q += int(floor(float(a - q * b) / float(b)));
  int r = a - q * b;
  return q - int(r < 0) + int(r >= b);
}
vec4 x_texel(int texel) {
  return texelFetch(x, placeOf(texel, textureSize(x, 0).x), 0);
}
float x_at(int i) {
  vec4 v = x_texel(i >> 2);
  vec2 half_ = mix(v.xy, v.zw, bvec2((i & 2) != 0)); return mix(half_.x, half_.y, (i & 1) != 0);
}
float x_load(int i) { return x_at(i); }
void coordsOf(int i, out int c[2]) {
  int q1 = divIndex(i, dims[1]); c[1] = i - q1 * dims[1]; i = q1;
  c[0] = i;
}
void nextCoords(inout int c[2]) { if (++c[1] == dims[1]) { c[1] = 0; c[0]++; } }
int x_offset(int c[2]) { return c[0] * x_strides[0] + c[1] * x_strides[1]; }

int source(int c[2]) {

  return offset + x_offset(c);
}
void main() {
int c[2];
coordsOf(outTexel() * 4, c);
vec4 v0;
int lane = 0;
do {
int i = source(c);
  v0[lane] = x_load(i);
  nextCoords(c);
} while (++lane < 4);
out0 = v0;
}
