#version 300 es
// map {"operands":[{"name":"x0","dtype":"float32","access":"same"},{"name":"x1","dtype":"float32","access":"lane"}],"statements":"float t0 = x0 + x1;","results":["t0"],"dtypes":["float32"],"helpers":"","attributes":[],"integers":[],"rank":3}
precision highp float;
precision highp int;
uniform highp sampler2D x0;
uniform highp sampler2D x1;
uniform int outWidth;
uniform vec2 outScale;
uniform int dims[3];
uniform int x1_strides[3];
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
vec4 x1_texel(int texel) {
  return texelFetch(x1, placeOf(texel, textureSize(x1, 0).x), 0);
}
float x1_at(int i) {
  vec4 v = x1_texel(i >> 2);
  vec2 half_ = mix(v.xy, v.zw, bvec2((i & 2) != 0)); return mix(half_.x, half_.y, (i & 1) != 0);
}
void coordsOf(int i, out int c[3]) {
  int q2 = divIndex(i, dims[2]); c[2] = i - q2 * dims[2]; i = q2;
  int q1 = divIndex(i, dims[1]); c[1] = i - q1 * dims[1]; i = q1;
  c[0] = i;
}
void nextCoords(inout int c[3]) { if (++c[2] == dims[2]) { c[2] = 0; if (++c[1] == dims[1]) { c[1] = 0; c[0]++; } } }
int x1_offset(int c[3]) { return c[0] * x1_strides[0] + c[1] * x1_strides[1] + c[2] * x1_strides[2]; }
float op(float x0, float x1) {
  float t0 = x0 + x1;
  return t0;
}
void main() {
vec4 x0_v = texture(x0, gl_FragCoord.xy * outScale);
int c[3];
coordsOf(outTexel() * 4, c);
vec4 x1_v;
x1_v.x = x1_at(x1_offset(c));
nextCoords(c);
x1_v.y = x1_at(x1_offset(c));
nextCoords(c);
x1_v.z = x1_at(x1_offset(c));
nextCoords(c);
x1_v.w = x1_at(x1_offset(c));
out0 = vec4(op(x0_v.x, x1_v.x), op(x0_v.y, x1_v.y), op(x0_v.z, x1_v.z), op(x0_v.w, x1_v.w));
}
