#version 300 es
// outerProducts {"texels":2,"round":3,"rest":2,"depthwise":false,"pixels":false,"x":"wide","dy":"wide","padded":false}
precision highp float;
precision highp int;
uniform highp sampler2D x;
uniform highp sampler2D dy;
uniform int outWidth;
uniform int inRows, inColumns, inTexels, outRows, outColumns, outTexels, filterRows, filterColumns;
uniform ivec2 stride, dilation, pad;
uniform int groups, perSlice, batch, rounds;
uniform float xPerRow, xRunScale;
uniform vec2 xScale;
uniform float dyPerRow, dyRunScale;
uniform vec2 dyScale;
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
int rowOf(int a, int b) {
  int q = int(float(a) / float(b));
  int r = a - q * b;
  return q - int(r < 0) + int(r >= b);
}
#define x_Row vec2
#define x_Column float
x_Row x_row(int g) { float y = floor((float(g) + 0.5) * xRunScale);
return vec2((float(g) - y * xPerRow) * xRunScale, (y + 0.5) * xScale.y); }
x_Column x_column(int i) { return (float(i) + 0.5) * xScale.x; }
x_Column x_step(int i) { return float(i) * xScale.x; }
vec4 x_at(x_Row row, x_Column column) { return texture(x, vec2(row.x + column, row.y)); }
#define dy_Row vec2
#define dy_Column float
dy_Row dy_row(int g) { float y = floor((float(g) + 0.5) * dyRunScale);
return vec2((float(g) - y * dyPerRow) * dyRunScale, (y + 0.5) * dyScale.y); }
dy_Column dy_column(int i) { return (float(i) + 0.5) * dyScale.x; }
dy_Column dy_step(int i) { return float(i) * dyScale.x; }
vec4 dy_at(dy_Row row, dy_Column column) { return texture(dy, vec2(row.x + column, row.y)); }
void main() {

int t = outTexel();
int o4 = t; t = divIndex(t, outTexels); o4 -= t * outTexels;
int c = t; t = divIndex(t, groups); c -= t * groups; c *= 2;
int kw = t; t = divIndex(t, filterColumns); kw -= t * filterColumns;
int kh = t; t = divIndex(t, filterRows); kh -= t * filterRows;
vec4 acc0 = vec4(0.0);
vec4 acc1 = vec4(0.0);
vec4 acc2 = vec4(0.0);
vec4 acc3 = vec4(0.0);
vec4 acc4 = vec4(0.0);
vec4 acc5 = vec4(0.0);
vec4 acc6 = vec4(0.0);
vec4 acc7 = vec4(0.0);

ivec2 first = ivec2(kw, kh) * dilation - pad;
ivec2 begin = ivec2(rowOf(max(stride.x - 1 - first.x, 0), stride.x), rowOf(max(stride.y - 1 - first.y, 0), stride.y));
ivec2 beyond = max(ivec2(inColumns, inRows) - 1 - first, -stride);
ivec2 end = min(ivec2(outColumns, outRows), ivec2(rowOf(beyond.x + stride.x, stride.x), rowOf(beyond.y + stride.y, stride.y)));
int seen = max(end.y - begin.y, 0);
x_Column xStep = x_step(stride.x * inTexels), xNext = x_step(1);
dy_Column dStep = dy_step(outTexels);
int last = min(batch * seen, (t + 1) * perSlice);
for (int position = t * perSlice; position < last; position++) {

  int n = rowOf(position, seen); int oh = position - n * seen + begin.y;
  int xRow = n * inRows + oh * stride.y + first.y, dRow = n * outRows + oh;
  int ow = begin.x;
  
  x_Row xFrom = x_row(xRow); dy_Row dFrom = dy_row(dRow);
  x_Column xFirst = x_column(first.x * inTexels + c); dy_Column dFirst = dy_column(o4);
  int round = 0, left = ow + rounds * 3;
  do {
    x_Column xAt = xFirst + x_Column(ow) * xStep; dy_Column dAt = dFirst + dy_Column(ow) * dStep;
    vec4 d0 = dy_at(dFrom, dAt);
    vec4 d1 = dy_at(dFrom, dAt + dy_Column(1) * dStep);
    vec4 d2 = dy_at(dFrom, dAt + dy_Column(2) * dStep);
    { vec4 x0 = x_at(xFrom, xAt); vec4 x1 = x_at(xFrom, xAt + x_Column(1) * xStep); vec4 x2 = x_at(xFrom, xAt + x_Column(2) * xStep); acc0 += x0.x * d0 + x1.x * d1 + x2.x * d2; acc1 += x0.y * d0 + x1.y * d1 + x2.y * d2; acc2 += x0.z * d0 + x1.z * d1 + x2.z * d2; acc3 += x0.w * d0 + x1.w * d1 + x2.w * d2; }
    { vec4 x0 = x_at(xFrom, xAt + x_Column(1) * xNext); vec4 x1 = x_at(xFrom, xAt + x_Column(1) * xStep + x_Column(1) * xNext); vec4 x2 = x_at(xFrom, xAt + x_Column(2) * xStep + x_Column(1) * xNext); acc4 += x0.x * d0 + x1.x * d1 + x2.x * d2; acc5 += x0.y * d0 + x1.y * d1 + x2.y * d2; acc6 += x0.z * d0 + x1.z * d1 + x2.z * d2; acc7 += x0.w * d0 + x1.w * d1 + x2.w * d2; }
    ow += 3;
  } while (++round < rounds);
  {
    x_Column xAt = xFirst + x_Column(left) * xStep; dy_Column dAt = dFirst + dy_Column(left) * dStep;
    bvec4 has0 = bvec4(left + 0 < end.x);
    bvec4 has1 = bvec4(left + 1 < end.x);
    vec4 d0 = mix(vec4(0.0), dy_at(dFrom, dAt), has0);
    vec4 d1 = mix(vec4(0.0), dy_at(dFrom, dAt + dy_Column(1) * dStep), has1);
    { vec4 x0 = mix(vec4(0.0), x_at(xFrom, xAt), has0); vec4 x1 = mix(vec4(0.0), x_at(xFrom, xAt + x_Column(1) * xStep), has1); acc0 += x0.x * d0 + x1.x * d1; acc1 += x0.y * d0 + x1.y * d1; acc2 += x0.z * d0 + x1.z * d1; acc3 += x0.w * d0 + x1.w * d1; }
    { vec4 x0 = mix(vec4(0.0), x_at(xFrom, xAt + x_Column(1) * xNext), has0); vec4 x1 = mix(vec4(0.0), x_at(xFrom, xAt + x_Column(1) * xStep + x_Column(1) * xNext), has1); acc4 += x0.x * d0 + x1.x * d1; acc5 += x0.y * d0 + x1.y * d1; acc6 += x0.z * d0 + x1.z * d1; acc7 += x0.w * d0 + x1.w * d1; }
  }
}

out0 = acc0;
out1 = acc1;
out2 = acc2;
out3 = acc3;
out4 = acc4;
out5 = acc5;
out6 = acc6;
out7 = acc7;
}
