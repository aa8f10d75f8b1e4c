#version 300 es
// packFilter {}
precision highp float;
precision highp int;
uniform highp sampler2D f;
uniform int outWidth;
uniform int rows, columns, inChannels, outChannels, inPadded, base;
uniform ivec4 strides;
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
vec4 f_texel(int texel) {
  return texelFetch(f, placeOf(texel, textureSize(f, 0).x), 0);
}
float f_at(int i) {
  vec4 v = f_texel(i >> 2);
  vec2 half_ = mix(v.xy, v.zw, bvec2((i & 2) != 0)); return mix(half_.x, half_.y, (i & 1) != 0);
}
void main() {

int t = outTexel();
int c = t; t = divIndex(t, inPadded); c -= t * inPadded;
int kw = t; t = divIndex(t, columns); kw -= t * columns;
int kh = t; t = divIndex(t, rows); kh -= t * rows;
int o = t * 4;
int from = base + kh * strides.x + kw * strides.y + c * strides.z;
vec4 v;
int lane = 0;
do {
  v[lane] = c < inChannels && o + lane < outChannels ? f_at(from + (o + lane) * strides.w) : 0.0;
} while (++lane < 4);
out0 = v;
}
