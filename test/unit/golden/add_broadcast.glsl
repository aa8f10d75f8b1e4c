#version 300 es
// map {"operands":[{"name":"a","dtype":"float32","access":"same"},{"name":"b","dtype":"float32","access":"lane"}],"expression":"a + b","helpers":"","attributes":[],"integers":[],"floats":false,"dtype":"float32","rank":3}
precision highp float;
precision highp int;
uniform highp sampler2D a;
uniform highp sampler2D b;
uniform int outWidth;
uniform int dims[3];
uniform int b_strides[3];
layout(location = 0) out vec4 out0;
int outTexel() { return int(gl_FragCoord.y) * outWidth + int(gl_FragCoord.x); }
int rowOf(int a, int b) {
  int q = int(float(a) / float(b));
  int r = a - q * b;
  return r < 0 ? q - 1 : r >= b ? q + 1 : q;
}
int divIndex(int a, int b) {
  int q = int(float(a) / float(b));
  q += int(floor(float(a - q * b) / float(b)));
  int r = a - q * b;
  return r < 0 ? q - 1 : r >= b ? q + 1 : q;
}
vec4 b_texel(int texel) {
  int rowTexels = textureSize(b, 0).x;
  int texelRow = rowOf(texel, rowTexels);
  return texelFetch(b, ivec2(texel - texelRow * rowTexels, texelRow), 0);
}
float b_at(int i) {
  vec4 v = b_texel(i >> 2);
  return (i & 2) == 0 ? ((i & 1) == 0 ? v.x : v.y) : ((i & 1) == 0 ? v.z : v.w);
}
void coordsOf(int i, out int c[3]) {
  int q2 = divIndex(i, dims[2]); c[2] = i - q2 * dims[2]; i = q2;
  int q1 = divIndex(i, dims[1]); c[1] = i - q1 * dims[1]; i = q1;
  c[0] = i;
}
void nextCoords(inout int c[3]) { if (++c[2] == dims[2]) { c[2] = 0; if (++c[1] == dims[1]) { c[1] = 0; c[0]++; } } }
int b_offset(int c[3]) { return c[0] * b_strides[0] + c[1] * b_strides[1] + c[2] * b_strides[2]; }
float op(float a, float b) { return a + b; }
void main() {
vec4 a_v = texelFetch(a, ivec2(gl_FragCoord.xy), 0);
int c[3];
coordsOf(outTexel() * 4, c);
vec4 b_v;
b_v.x = b_at(b_offset(c));
nextCoords(c);
b_v.y = b_at(b_offset(c));
nextCoords(c);
b_v.z = b_at(b_offset(c));
nextCoords(c);
b_v.w = b_at(b_offset(c));
out0 = vec4(op(float(a_v.x), float(b_v.x)), op(float(a_v.y), float(b_v.y)), op(float(a_v.z), float(b_v.z)), op(float(a_v.w), float(b_v.w)));
}
