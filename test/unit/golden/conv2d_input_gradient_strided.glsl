#version 300 es
// direct {"rows":7,"taps":2,"step":1,"tapStep":1,"rowPhases":2,"columnPhases":2,"access":"rows","channels":"all","filter":{"form":"transposed","flipped":true,"access":"runs"}}
precision highp float;
precision highp int;
uniform highp sampler2D x;
uniform highp sampler2D weights;
uniform int outWidth;
uniform int inRows, inColumns, inTexels, outColumns, outTexels, tiles, filterRows, filterColumns, columnStep, columnTapStride, columnTapStep;
uniform int rowTapStride, xRuns, filterRuns, filterRun;
uniform int rowFirst[2], rowBase[2], columnFirst[2], columnBase[2];
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
int phase = t; t = divIndex(t, 2); phase -= t * 2;
int image = t * inRows;
int x0 = ow;
int columnPhase = x0; x0 = divIndex(x0, 2); columnPhase -= x0 * 2;
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
if (iBegin < iEnd) {
int i = iBegin;
do {
  int ix = x0 + i * columnTapStep;
  int kw = firstColumn + i * columnTapStride;
  
  
  
  
  
  
  
  
  int tap1 = firstTap + (tap0 + 0) * rowTapStride; int f0 = (filterRows - 1 - tap1) * filterColumns + (filterColumns - 1 - kw); int fLine0 = rowOf(f0, filterRuns); vec2 at0 = (vec2((f0 - fLine0 * filterRuns) * filterRun + 4 * o4 * inTexels, fLine0) + 0.5) * filterScale;
  int tap2 = firstTap + (tap0 + 1) * rowTapStride; int f1 = (filterRows - 1 - tap2) * filterColumns + (filterColumns - 1 - kw); int fLine1 = rowOf(f1, filterRuns); vec2 at1 = (vec2((f1 - fLine1 * filterRuns) * filterRun + 4 * o4 * inTexels, fLine1) + 0.5) * filterScale;
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
    float step0 = float(0 * inTexels + c) * filterScale.x;
    float step1 = float(1 * inTexels + c) * filterScale.x;
    float step2 = float(2 * inTexels + c) * filterScale.x;
    float step3 = float(3 * inTexels + c) * filterScale.x;
    if (tap1 < filterRows) { vec4 w0 = texture(weights, vec2(at0.x + step0, at0.y));
      vec4 w1 = texture(weights, vec2(at0.x + step1, at0.y));
      vec4 w2 = texture(weights, vec2(at0.x + step2, at0.y));
      vec4 w3 = texture(weights, vec2(at0.x + step3, at0.y));
      acc0 += vec4(dot(x0, w0), dot(x0, w1), dot(x0, w2), dot(x0, w3));
      acc1 += vec4(dot(x1, w0), dot(x1, w1), dot(x1, w2), dot(x1, w3));
      acc2 += vec4(dot(x2, w0), dot(x2, w1), dot(x2, w2), dot(x2, w3));
      acc3 += vec4(dot(x3, w0), dot(x3, w1), dot(x3, w2), dot(x3, w3));
      acc4 += vec4(dot(x4, w0), dot(x4, w1), dot(x4, w2), dot(x4, w3));
      acc5 += vec4(dot(x5, w0), dot(x5, w1), dot(x5, w2), dot(x5, w3));
      acc6 += vec4(dot(x6, w0), dot(x6, w1), dot(x6, w2), dot(x6, w3)); }
    if (tap2 < filterRows) { vec4 w0 = texture(weights, vec2(at1.x + step0, at1.y));
      vec4 w1 = texture(weights, vec2(at1.x + step1, at1.y));
      vec4 w2 = texture(weights, vec2(at1.x + step2, at1.y));
      vec4 w3 = texture(weights, vec2(at1.x + step3, at1.y));
      acc0 += vec4(dot(x1, w0), dot(x1, w1), dot(x1, w2), dot(x1, w3));
      acc1 += vec4(dot(x2, w0), dot(x2, w1), dot(x2, w2), dot(x2, w3));
      acc2 += vec4(dot(x3, w0), dot(x3, w1), dot(x3, w2), dot(x3, w3));
      acc3 += vec4(dot(x4, w0), dot(x4, w1), dot(x4, w2), dot(x4, w3));
      acc4 += vec4(dot(x5, w0), dot(x5, w1), dot(x5, w2), dot(x5, w3));
      acc5 += vec4(dot(x6, w0), dot(x6, w1), dot(x6, w2), dot(x6, w3));
      acc6 += vec4(dot(x7, w0), dot(x7, w1), dot(x7, w2), dot(x7, w3)); }
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
