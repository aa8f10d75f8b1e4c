#version 300 es
// direct {"rows":7,"taps":3,"step":1,"tapStep":1,"rowPhases":1,"columnPhases":1,"access":"rows","channels":"all","filter":{"form":"straight","flipped":false,"access":"runs"}}
precision highp float;
precision highp int;
uniform highp sampler2D x;
uniform highp sampler2D weights;
uniform int outWidth;
uniform int inRows, inColumns, inTexels, outColumns, outTexels, tiles, filterRows, filterColumns, columnStep, columnTapStride, columnTapStep;
uniform int rowTapStride, xRuns, filterRuns, filterRun;
uniform int rowFirst[1], rowBase[1], columnFirst[1], columnBase[1];
uniform vec2 xScale, filterScale;
layout(location = 0) out vec4 out0;
layout(location = 1) out vec4 out1;
layout(location = 2) out vec4 out2;
layout(location = 3) out vec4 out3;
layout(location = 4) out vec4 out4;
layout(location = 5) out vec4 out5;
layout(location = 6) out vec4 out6;
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
int ow = t; t = divIndex(t, outColumns); ow -= t * outColumns;
int tile = t; t = divIndex(t, tiles); tile -= t * tiles;
const int phase = 0;
int image = t * inRows;
int x0 = ow;
const int columnPhase = 0;
x0 = x0 * columnStep + columnBase[columnPhase];
int firstColumn = columnFirst[columnPhase];
int tapsHere = rowOf(filterColumns - firstColumn + columnTapStride - 1, columnTapStride);
int iBegin = rowOf(max(columnTapStep - 1 - x0, 0), columnTapStep);
int iEnd = min(tapsHere, inColumns > x0 ? rowOf(inColumns - 1 - x0, columnTapStep) + 1 : 0);
int y0 = tile * 7 + rowBase[phase];
int firstTap = rowFirst[phase];
vec4 acc0 = vec4(0.0);
vec4 acc1 = vec4(0.0);
vec4 acc2 = vec4(0.0);
vec4 acc3 = vec4(0.0);
vec4 acc4 = vec4(0.0);
vec4 acc5 = vec4(0.0);
vec4 acc6 = vec4(0.0);
const int tap0 = 0;
bvec4 ok0 = bvec4(uint(y0 + tap0 * 1 + 0) < uint(inRows)); int row0 = image + y0 + tap0 * 1 + 0; int line0 = rowOf(row0, xRuns); float u0 = float((row0 - line0 * xRuns) * inColumns * inTexels) * xScale.x, v0 = (float(line0) + 0.5) * xScale.y;
bvec4 ok1 = bvec4(uint(y0 + tap0 * 1 + 1) < uint(inRows)); int row1 = image + y0 + tap0 * 1 + 1; int line1 = rowOf(row1, xRuns); float u1 = float((row1 - line1 * xRuns) * inColumns * inTexels) * xScale.x, v1 = (float(line1) + 0.5) * xScale.y;
bvec4 ok2 = bvec4(uint(y0 + tap0 * 1 + 2) < uint(inRows)); int row2 = image + y0 + tap0 * 1 + 2; int line2 = rowOf(row2, xRuns); float u2 = float((row2 - line2 * xRuns) * inColumns * inTexels) * xScale.x, v2 = (float(line2) + 0.5) * xScale.y;
bvec4 ok3 = bvec4(uint(y0 + tap0 * 1 + 3) < uint(inRows)); int row3 = image + y0 + tap0 * 1 + 3; int line3 = rowOf(row3, xRuns); float u3 = float((row3 - line3 * xRuns) * inColumns * inTexels) * xScale.x, v3 = (float(line3) + 0.5) * xScale.y;
bvec4 ok4 = bvec4(uint(y0 + tap0 * 1 + 4) < uint(inRows)); int row4 = image + y0 + tap0 * 1 + 4; int line4 = rowOf(row4, xRuns); float u4 = float((row4 - line4 * xRuns) * inColumns * inTexels) * xScale.x, v4 = (float(line4) + 0.5) * xScale.y;
bvec4 ok5 = bvec4(uint(y0 + tap0 * 1 + 5) < uint(inRows)); int row5 = image + y0 + tap0 * 1 + 5; int line5 = rowOf(row5, xRuns); float u5 = float((row5 - line5 * xRuns) * inColumns * inTexels) * xScale.x, v5 = (float(line5) + 0.5) * xScale.y;
bvec4 ok6 = bvec4(uint(y0 + tap0 * 1 + 6) < uint(inRows)); int row6 = image + y0 + tap0 * 1 + 6; int line6 = rowOf(row6, xRuns); float u6 = float((row6 - line6 * xRuns) * inColumns * inTexels) * xScale.x, v6 = (float(line6) + 0.5) * xScale.y;
bvec4 ok7 = bvec4(uint(y0 + tap0 * 1 + 7) < uint(inRows)); int row7 = image + y0 + tap0 * 1 + 7; int line7 = rowOf(row7, xRuns); float u7 = float((row7 - line7 * xRuns) * inColumns * inTexels) * xScale.x, v7 = (float(line7) + 0.5) * xScale.y;
bvec4 ok8 = bvec4(uint(y0 + tap0 * 1 + 8) < uint(inRows)); int row8 = image + y0 + tap0 * 1 + 8; int line8 = rowOf(row8, xRuns); float u8 = float((row8 - line8 * xRuns) * inColumns * inTexels) * xScale.x, v8 = (float(line8) + 0.5) * xScale.y;
if (iBegin < iEnd) {
int i = iBegin;
do {
  int ix = x0 + i * columnTapStep;
  int kw = firstColumn + i * columnTapStride;
  
  
  
  
  
  
  
  
  
  int tap1 = firstTap + (tap0 + 0) * rowTapStride; int f0 = tap1 * filterColumns + kw; int fLine0 = rowOf(f0, filterRuns); vec2 at0 = (vec2((f0 - fLine0 * filterRuns) * filterRun + o4, fLine0) + 0.5) * filterScale;
  int tap2 = firstTap + (tap0 + 1) * rowTapStride; int f1 = tap2 * filterColumns + kw; int fLine1 = rowOf(f1, filterRuns); vec2 at1 = (vec2((f1 - fLine1 * filterRuns) * filterRun + o4, fLine1) + 0.5) * filterScale;
  int tap3 = firstTap + (tap0 + 2) * rowTapStride; int f2 = tap3 * filterColumns + kw; int fLine2 = rowOf(f2, filterRuns); vec2 at2 = (vec2((f2 - fLine2 * filterRuns) * filterRun + o4, fLine2) + 0.5) * filterScale;
  int c = 0;
  do {
    float step = (float(ix * inTexels + c) + 0.5) * xScale.x;
    vec4 x0 = mix(vec4(0.0), texture(x, vec2(u0 + step, v0)), ok0);
    vec4 x1 = mix(vec4(0.0), texture(x, vec2(u1 + step, v1)), ok1);
    vec4 x2 = mix(vec4(0.0), texture(x, vec2(u2 + step, v2)), ok2);
    vec4 x3 = mix(vec4(0.0), texture(x, vec2(u3 + step, v3)), ok3);
    vec4 x4 = mix(vec4(0.0), texture(x, vec2(u4 + step, v4)), ok4);
    vec4 x5 = mix(vec4(0.0), texture(x, vec2(u5 + step, v5)), ok5);
    vec4 x6 = mix(vec4(0.0), texture(x, vec2(u6 + step, v6)), ok6);
    vec4 x7 = mix(vec4(0.0), texture(x, vec2(u7 + step, v7)), ok7);
    vec4 x8 = mix(vec4(0.0), texture(x, vec2(u8 + step, v8)), ok8);
    float step0 = float((4 * c + 0) * outTexels) * filterScale.x;
    float step1 = float((4 * c + 1) * outTexels) * filterScale.x;
    float step2 = float((4 * c + 2) * outTexels) * filterScale.x;
    float step3 = float((4 * c + 3) * outTexels) * filterScale.x;
    { vec4 w0 = texture(weights, vec2(at0.x + step0, at0.y));
      vec4 w1 = texture(weights, vec2(at0.x + step1, at0.y));
      vec4 w2 = texture(weights, vec2(at0.x + step2, at0.y));
      vec4 w3 = texture(weights, vec2(at0.x + step3, at0.y));
      acc0 += x0.x * w0 + x0.y * w1 + x0.z * w2 + x0.w * w3;
      acc1 += x1.x * w0 + x1.y * w1 + x1.z * w2 + x1.w * w3;
      acc2 += x2.x * w0 + x2.y * w1 + x2.z * w2 + x2.w * w3;
      acc3 += x3.x * w0 + x3.y * w1 + x3.z * w2 + x3.w * w3;
      acc4 += x4.x * w0 + x4.y * w1 + x4.z * w2 + x4.w * w3;
      acc5 += x5.x * w0 + x5.y * w1 + x5.z * w2 + x5.w * w3;
      acc6 += x6.x * w0 + x6.y * w1 + x6.z * w2 + x6.w * w3; }
    { vec4 w0 = texture(weights, vec2(at1.x + step0, at1.y));
      vec4 w1 = texture(weights, vec2(at1.x + step1, at1.y));
      vec4 w2 = texture(weights, vec2(at1.x + step2, at1.y));
      vec4 w3 = texture(weights, vec2(at1.x + step3, at1.y));
      acc0 += x1.x * w0 + x1.y * w1 + x1.z * w2 + x1.w * w3;
      acc1 += x2.x * w0 + x2.y * w1 + x2.z * w2 + x2.w * w3;
      acc2 += x3.x * w0 + x3.y * w1 + x3.z * w2 + x3.w * w3;
      acc3 += x4.x * w0 + x4.y * w1 + x4.z * w2 + x4.w * w3;
      acc4 += x5.x * w0 + x5.y * w1 + x5.z * w2 + x5.w * w3;
      acc5 += x6.x * w0 + x6.y * w1 + x6.z * w2 + x6.w * w3;
      acc6 += x7.x * w0 + x7.y * w1 + x7.z * w2 + x7.w * w3; }
    { vec4 w0 = texture(weights, vec2(at2.x + step0, at2.y));
      vec4 w1 = texture(weights, vec2(at2.x + step1, at2.y));
      vec4 w2 = texture(weights, vec2(at2.x + step2, at2.y));
      vec4 w3 = texture(weights, vec2(at2.x + step3, at2.y));
      acc0 += x2.x * w0 + x2.y * w1 + x2.z * w2 + x2.w * w3;
      acc1 += x3.x * w0 + x3.y * w1 + x3.z * w2 + x3.w * w3;
      acc2 += x4.x * w0 + x4.y * w1 + x4.z * w2 + x4.w * w3;
      acc3 += x5.x * w0 + x5.y * w1 + x5.z * w2 + x5.w * w3;
      acc4 += x6.x * w0 + x6.y * w1 + x6.z * w2 + x6.w * w3;
      acc5 += x7.x * w0 + x7.y * w1 + x7.z * w2 + x7.w * w3;
      acc6 += x8.x * w0 + x8.y * w1 + x8.z * w2 + x8.w * w3; }
  } while (++c < inTexels);
} while (++i < iEnd);
}


out0 = acc0;
out1 = acc1;
out2 = acc2;
out3 = acc3;
out4 = acc4;
out5 = acc5;
out6 = acc6;
}
