#version 300 es
// gemm {"form":"nn","targets":8,"a":{"dtype":"float32","access":"tall"},"b":{"dtype":"float32","access":"tall"},"dtype":"float32","batchRank":0,"epilogue":{"bias":false,"activation":"linear"}}
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
uniform int aRun;
uniform int aPerRow;
uniform float aPerRowInverse;
uniform vec2 aTexel;
uniform int bRun;
uniform int bPerRow;
uniform float bPerRowInverse;
uniform vec2 bTexel;
layout(location = 0) out vec4 out0;
layout(location = 1) out vec4 out1;
layout(location = 2) out vec4 out2;
layout(location = 3) out vec4 out3;
layout(location = 4) out vec4 out4;
layout(location = 5) out vec4 out5;
layout(location = 6) out vec4 out6;
layout(location = 7) out vec4 out7;
int outTexel() { return int(gl_FragCoord.y) * outWidth + int(gl_FragCoord.x); }
#define a_Row vec2
vec2 a_row(int g) { int y = g; return vec2(0.5, (float(y) + 0.5) * aTexel.y); }
vec4 a_at(vec2 row, int i) { return texture(a, vec2((row.x + float(i)) * aTexel.x, row.y)); }
vec4 b_at(int column, int g) { float y = float(g); float x = float(column); return texture(b, (vec2(x, y) + 0.5) * bTexel); }
#define inner dot
void main() {
int t = outTexel();
int column = t % n4;
int row = t / n4;
int batch = row / tileRows;
row -= batch * tileRows;
int slice = batch / batches;
batch -= slice * batches;
int start = slice * sliceK;
int end = min(k, start + sliceK);

int aBase = 0;
int bBase = 0;
a_Row a0 = a_row(aBase + row + 0 * tileRows);
a_Row a1 = a_row(aBase + row + 1 * tileRows);
a_Row a2 = a_row(aBase + row + 2 * tileRows);
a_Row a3 = a_row(aBase + row + 3 * tileRows);
a_Row a4 = a_row(aBase + row + 4 * tileRows);
a_Row a5 = a_row(aBase + row + 5 * tileRows);
a_Row a6 = a_row(aBase + row + 6 * tileRows);
a_Row a7 = a_row(aBase + row + 7 * tileRows);
vec4 c0 = vec4(0), c1 = vec4(0), c2 = vec4(0), c3 = vec4(0), c4 = vec4(0), c5 = vec4(0), c6 = vec4(0), c7 = vec4(0);
int kk = start;
for (; kk + 8 <= end; kk += 8) {
{
vec4 y0 = b_at(column, bBase + kk + 0), y1 = b_at(column, bBase + kk + 1), y2 = b_at(column, bBase + kk + 2), y3 = b_at(column, bBase + kk + 3), x;
x = a_at(a0, (kk >> 2) + 0); c0 += x.x * y0 + x.y * y1 + x.z * y2 + x.w * y3;
x = a_at(a1, (kk >> 2) + 0); c1 += x.x * y0 + x.y * y1 + x.z * y2 + x.w * y3;
x = a_at(a2, (kk >> 2) + 0); c2 += x.x * y0 + x.y * y1 + x.z * y2 + x.w * y3;
x = a_at(a3, (kk >> 2) + 0); c3 += x.x * y0 + x.y * y1 + x.z * y2 + x.w * y3;
x = a_at(a4, (kk >> 2) + 0); c4 += x.x * y0 + x.y * y1 + x.z * y2 + x.w * y3;
x = a_at(a5, (kk >> 2) + 0); c5 += x.x * y0 + x.y * y1 + x.z * y2 + x.w * y3;
x = a_at(a6, (kk >> 2) + 0); c6 += x.x * y0 + x.y * y1 + x.z * y2 + x.w * y3;
x = a_at(a7, (kk >> 2) + 0); c7 += x.x * y0 + x.y * y1 + x.z * y2 + x.w * y3;
}
{
vec4 y0 = b_at(column, bBase + kk + 4), y1 = b_at(column, bBase + kk + 5), y2 = b_at(column, bBase + kk + 6), y3 = b_at(column, bBase + kk + 7), x;
x = a_at(a0, (kk >> 2) + 1); c0 += x.x * y0 + x.y * y1 + x.z * y2 + x.w * y3;
x = a_at(a1, (kk >> 2) + 1); c1 += x.x * y0 + x.y * y1 + x.z * y2 + x.w * y3;
x = a_at(a2, (kk >> 2) + 1); c2 += x.x * y0 + x.y * y1 + x.z * y2 + x.w * y3;
x = a_at(a3, (kk >> 2) + 1); c3 += x.x * y0 + x.y * y1 + x.z * y2 + x.w * y3;
x = a_at(a4, (kk >> 2) + 1); c4 += x.x * y0 + x.y * y1 + x.z * y2 + x.w * y3;
x = a_at(a5, (kk >> 2) + 1); c5 += x.x * y0 + x.y * y1 + x.z * y2 + x.w * y3;
x = a_at(a6, (kk >> 2) + 1); c6 += x.x * y0 + x.y * y1 + x.z * y2 + x.w * y3;
x = a_at(a7, (kk >> 2) + 1); c7 += x.x * y0 + x.y * y1 + x.z * y2 + x.w * y3;
}
}
for (; kk < end; kk++) {
vec4 y = b_at(column, bBase + kk);
c0 += a_at(a0, kk >> 2)[kk & 3] * y;
c1 += a_at(a1, kk >> 2)[kk & 3] * y;
c2 += a_at(a2, kk >> 2)[kk & 3] * y;
c3 += a_at(a3, kk >> 2)[kk & 3] * y;
c4 += a_at(a4, kk >> 2)[kk & 3] * y;
c5 += a_at(a5, kk >> 2)[kk & 3] * y;
c6 += a_at(a6, kk >> 2)[kk & 3] * y;
c7 += a_at(a7, kk >> 2)[kk & 3] * y;
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
