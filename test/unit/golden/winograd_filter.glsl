#version 300 es
// winogradFilter {"dtype":"float32","access":"tall"}
precision highp float;
precision highp int;
uniform highp sampler2D f;
uniform int outWidth;
uniform int taps;
uniform vec2 fScale;
layout(location = 0) out vec4 out0;
layout(location = 1) out vec4 out1;
layout(location = 2) out vec4 out2;
layout(location = 3) out vec4 out3;
int outTexel() { return int(gl_FragCoord.y) * outWidth + int(gl_FragCoord.x); }
int divIndex(int a, int b) {
  int q = int(float(a) / float(b));
  q += int(floor(float(a - q * b) / float(b)));
  int r = a - q * b;
  return q - int(r < 0) + int(r >= b);
}
#define f_Row float
#define f_Column float
f_Row f_row(float g) { return (float(g) + 0.5) * fScale.y; }
f_Column f_column(float i) { return (float(i) + 0.5) * fScale.x; }
f_Column f_step(float i) { return float(i) * fScale.x; }
vec4 f_at(f_Row row, f_Column column) { return texture(f, vec2(column, row)); }
vec4 f_line(float layer, float line, float x) {
  return f_at(f_row(line), f_column(x));
}
void main() {

int t = outTexel();
int at = t; t = divIndex(t, taps); at -= t * taps;
float sign = t == 2 ? 0.5 : -0.5;
bvec4 second = bvec4(t == 1), inMiddle = bvec4(t > 1);
vec4 f00 = f_line(float(0), float(0), float(at)), f10 = f_line(float(0), float(3), float(at)), f20 = f_line(float(0), float(6), float(at));
vec4 g0 = mix(mix(f00, f20, second), 0.5 * (f00 + f20) + sign * f10, inMiddle);
vec4 f01 = f_line(float(0), float(1), float(at)), f11 = f_line(float(0), float(4), float(at)), f21 = f_line(float(0), float(7), float(at));
vec4 g1 = mix(mix(f01, f21, second), 0.5 * (f01 + f21) + sign * f11, inMiddle);
vec4 f02 = f_line(float(0), float(2), float(at)), f12 = f_line(float(0), float(5), float(at)), f22 = f_line(float(0), float(8), float(at));
vec4 g2 = mix(mix(f02, f22, second), 0.5 * (f02 + f22) + sign * f12, inMiddle);
vec4 ends = 0.5 * (g0 + g2);
out0 = g0;
out1 = ends + 0.5 * g1;
out2 = ends - 0.5 * g1;
out3 = g2;
}
