#version 300 es
// gemm {"form":"tn","targets":8,"unroll":1,"rest":true,"a":{"dtype":"float32","access":"tall"},"b":{"dtype":"float32","access":"tall"},"dtype":"float32","batchRank":0}
precision highp float;
precision highp int;
uniform highp sampler2D a;
uniform highp sampler2D b;
uniform int outWidth;
uniform int k;
uniform int n4;
uniform int tileRows;
uniform int batches;
uniform int sliceK;
uniform int aRows;
uniform int bRows;
uniform vec2 aScale;
uniform vec2 bScale;
layout(location = 0) out vec4 out0;
layout(location = 1) out vec4 out1;
layout(location = 2) out vec4 out2;
layout(location = 3) out vec4 out3;
layout(location = 4) out vec4 out4;
layout(location = 5) out vec4 out5;
layout(location = 6) out vec4 out6;
layout(location = 7) out vec4 out7;
int outTexel() { return int(gl_FragCoord.y) * outWidth + int(gl_FragCoord.x); }
int divIndex(int a, int b) {
  int q = int(float(a) / float(b));
  q += int(floor(float(a - q * b) / float(b)));
  int r = a - q * b;
  return q - int(r < 0) + int(r >= b);
}
#define a_Row float
#define a_Column float
a_Row a_row(int g) { return (float(g) + 0.5) * aScale.y; }
a_Column a_column(int i) { return (float(i) + 0.5) * aScale.x; }
a_Column a_step(int i) { return float(i) * aScale.x; }
vec4 a_at(a_Row row, a_Column column) { return texture(a, vec2(column, row)); }
#define b_Row float
#define b_Column float
b_Row b_row(int g) { return (float(g) + 0.5) * bScale.y; }
b_Column b_column(int i) { return (float(i) + 0.5) * bScale.x; }
b_Column b_step(int i) { return float(i) * bScale.x; }
vec4 b_at(b_Row row, b_Column column) { return texture(b, vec2(column, row)); }
#define inner dot
float lane(vec4 v, int l) { return (l & 2) == 0 ? ((l & 1) == 0 ? v.x : v.y) : ((l & 1) == 0 ? v.z : v.w); }
void main() {
int t = outTexel();
int column = t; t = divIndex(t, n4); column -= t * n4;
int row = t; t = divIndex(t, tileRows); row -= t * tileRows;
int batch = t; t = divIndex(t, batches); batch -= t * batches;
int start = t * sliceK;
int end = min(k, start + sliceK);

int aBase = 0;
int bBase = 0;
a_Column a0 = a_column(row + 0 * tileRows);
a_Column a1 = a_column(row + 1 * tileRows);
b_Column b0 = b_column(column);
vec4 c0 = vec4(0), c1 = vec4(0), c2 = vec4(0), c3 = vec4(0), c4 = vec4(0), c5 = vec4(0), c6 = vec4(0), c7 = vec4(0);
int kk = start;
for (; kk + 4 <= end; kk += 4) {
{ a_Row i = a_row(aBase + kk + 0); vec4 y = b_at(b_row(bBase + kk + 0), b0), x;
x = a_at(i, a0);
c0 += x.x * y;
c1 += x.y * y;
c2 += x.z * y;
c3 += x.w * y;
x = a_at(i, a1);
c4 += x.x * y;
c5 += x.y * y;
c6 += x.z * y;
c7 += x.w * y;
}
{ a_Row i = a_row(aBase + kk + 1); vec4 y = b_at(b_row(bBase + kk + 1), b0), x;
x = a_at(i, a0);
c0 += x.x * y;
c1 += x.y * y;
c2 += x.z * y;
c3 += x.w * y;
x = a_at(i, a1);
c4 += x.x * y;
c5 += x.y * y;
c6 += x.z * y;
c7 += x.w * y;
}
{ a_Row i = a_row(aBase + kk + 2); vec4 y = b_at(b_row(bBase + kk + 2), b0), x;
x = a_at(i, a0);
c0 += x.x * y;
c1 += x.y * y;
c2 += x.z * y;
c3 += x.w * y;
x = a_at(i, a1);
c4 += x.x * y;
c5 += x.y * y;
c6 += x.z * y;
c7 += x.w * y;
}
{ a_Row i = a_row(aBase + kk + 3); vec4 y = b_at(b_row(bBase + kk + 3), b0), x;
x = a_at(i, a0);
c0 += x.x * y;
c1 += x.y * y;
c2 += x.z * y;
c3 += x.w * y;
x = a_at(i, a1);
c4 += x.x * y;
c5 += x.y * y;
c6 += x.z * y;
c7 += x.w * y;
}
}
for (; kk < end; kk++) {
{ a_Row i = a_row(aBase + kk); vec4 y = b_at(b_row(bBase + kk), b0), x;
x = a_at(i, a0);
c0 += x.x * y;
c1 += x.y * y;
c2 += x.z * y;
c3 += x.w * y;
x = a_at(i, a1);
c4 += x.x * y;
c5 += x.y * y;
c6 += x.z * y;
c7 += x.w * y;
}
}
out0 = c0;
out1 = c1;
out2 = c2;
out3 = c3;
out4 = c4;
out5 = c5;
out6 = c6;
out7 = c7;
}
