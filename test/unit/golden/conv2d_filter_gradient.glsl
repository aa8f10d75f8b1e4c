#version 300 es
// outerProducts {"texels":2,"round":3,"rest":2,"depthwise":false,"access":"rows","padded":false}
precision highp float;
precision highp int;
uniform highp sampler2D x;
uniform highp sampler2D dy;
uniform int outWidth;
uniform int inRows, inColumns, inTexels, outRows, outColumns, outTexels, filterRows, filterColumns;
uniform ivec2 stride, dilation, pad;
uniform int groups, perSlice, batch, xRuns, dyRuns, rounds;
uniform vec2 xScale, dyScale;
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
float xStep = float(stride.x * inTexels) * xScale.x, dStep = float(outTexels) * dyScale.x;
int last = min(batch * seen, (t + 1) * perSlice);
for (int position = t * perSlice; position < last; position++) {

  int n = rowOf(position, seen); int oh = position - n * seen + begin.y;
  int xRow = n * inRows + oh * stride.y + first.y, dRow = n * outRows + oh;
  int ow = begin.x;
  
  int xLine = rowOf(xRow, xRuns), dLine = rowOf(dRow, dyRuns);
  float xv = (float(xLine) + 0.5) * xScale.y, dv = (float(dLine) + 0.5) * dyScale.y;
  float xStart = (float(((xRow - xLine * xRuns) * inColumns + first.x) * inTexels + c) + 0.5) * xScale.x;
  float dStart = (float((dRow - dLine * dyRuns) * outColumns * outTexels + o4) + 0.5) * dyScale.x;
  int round = 0, left = ow + rounds * 3;
  do {
    float xu = float(ow) * xStep + xStart, du = float(ow) * dStep + dStart;
    vec4 d0 = texture(dy, vec2(du, dv));
    vec4 d1 = texture(dy, vec2(du + 1.0 * dStep, dv));
    vec4 d2 = texture(dy, vec2(du + 2.0 * dStep, dv));
    { vec4 x0 = texture(x, vec2(xu, xv)); vec4 x1 = texture(x, vec2(xu + 1.0 * xStep, xv)); vec4 x2 = texture(x, vec2(xu + 2.0 * xStep, xv)); acc0 += x0.x * d0 + x1.x * d1 + x2.x * d2; acc1 += x0.y * d0 + x1.y * d1 + x2.y * d2; acc2 += x0.z * d0 + x1.z * d1 + x2.z * d2; acc3 += x0.w * d0 + x1.w * d1 + x2.w * d2; }
    { vec4 x0 = texture(x, vec2(xu + 1.0 * xScale.x, xv)); vec4 x1 = texture(x, vec2(xu + 1.0 * xStep + 1.0 * xScale.x, xv)); vec4 x2 = texture(x, vec2(xu + 2.0 * xStep + 1.0 * xScale.x, xv)); acc4 += x0.x * d0 + x1.x * d1 + x2.x * d2; acc5 += x0.y * d0 + x1.y * d1 + x2.y * d2; acc6 += x0.z * d0 + x1.z * d1 + x2.z * d2; acc7 += x0.w * d0 + x1.w * d1 + x2.w * d2; }
    ow += 3;
  } while (++round < rounds);
  {
    float xu = float(left) * xStep + xStart, du = float(left) * dStep + dStart;
    bvec4 has0 = bvec4(left + 0 < end.x);
    bvec4 has1 = bvec4(left + 1 < end.x);
    vec4 d0 = mix(vec4(0.0), texture(dy, vec2(du, dv)), has0);
    vec4 d1 = mix(vec4(0.0), texture(dy, vec2(du + 1.0 * dStep, dv)), has1);
    { vec4 x0 = mix(vec4(0.0), texture(x, vec2(xu, xv)), has0); vec4 x1 = mix(vec4(0.0), texture(x, vec2(xu + 1.0 * xStep, xv)), has1); acc0 += x0.x * d0 + x1.x * d1; acc1 += x0.y * d0 + x1.y * d1; acc2 += x0.z * d0 + x1.z * d1; acc3 += x0.w * d0 + x1.w * d1; }
    { vec4 x0 = mix(vec4(0.0), texture(x, vec2(xu + 1.0 * xScale.x, xv)), has0); vec4 x1 = mix(vec4(0.0), texture(x, vec2(xu + 1.0 * xStep + 1.0 * xScale.x, xv)), has1); acc4 += x0.x * d0 + x1.x * d1; acc5 += x0.y * d0 + x1.y * d1; acc6 += x0.z * d0 + x1.z * d1; acc7 += x0.w * d0 + x1.w * d1; }
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
