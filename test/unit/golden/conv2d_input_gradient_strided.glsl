#version 300 es
// direct {"rows":7,"taps":2,"step":1,"tapStep":1,"rowPhases":2,"columnPhases":2,"pixels":false,"access":"wide","channels":"all","filter":{"form":"transposed","flipped":true,"rows":"taps","access":"wide"}}
precision highp float;
precision highp int;
uniform highp sampler2D x;
uniform highp sampler2D weights;
uniform int outWidth;
uniform int inRows, inColumns, inTexels, outColumns, outTexels, tiles, filterRows, filterColumns, columnStep, columnTapStride, columnTapStep;
uniform int rowTapStride;
uniform int rowFirst[2], rowBase[2], columnFirst[2], columnBase[2];
uniform float xPerRow, xRunScale;
uniform vec2 xScale;
uniform float weightsPerRow, weightsRunScale;
uniform vec2 weightsScale;
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
#define x_Row vec2
#define x_Column float
x_Row x_row(int g) { float y = floor((float(g) + 0.5) * xRunScale);
return vec2((float(g) - y * xPerRow) * xRunScale, (y + 0.5) * xScale.y); }
x_Column x_column(int i) { return (float(i) + 0.5) * xScale.x; }
x_Column x_step(int i) { return float(i) * xScale.x; }
vec4 x_at(x_Row row, x_Column column) { return texture(x, vec2(row.x + column, row.y)); }
#define weights_Row vec2
#define weights_Column float
weights_Row weights_row(int g) { float y = floor((float(g) + 0.5) * weightsRunScale);
return vec2((float(g) - y * weightsPerRow) * weightsRunScale, (y + 0.5) * weightsScale.y); }
weights_Column weights_column(int i) { return (float(i) + 0.5) * weightsScale.x; }
weights_Column weights_step(int i) { return float(i) * weightsScale.x; }
vec4 weights_at(weights_Row row, weights_Column column) { return texture(weights, vec2(row.x + column, row.y)); }
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
bvec4 ok0 = bvec4(uint(y0 + tap0 * 1 + 0) < uint(inRows)); int row0 = image + y0 + tap0 * 1 + 0; x_Row from0 = x_row(row0);
bvec4 ok1 = bvec4(uint(y0 + tap0 * 1 + 1) < uint(inRows)); int row1 = image + y0 + tap0 * 1 + 1; x_Row from1 = x_row(row1);
bvec4 ok2 = bvec4(uint(y0 + tap0 * 1 + 2) < uint(inRows)); int row2 = image + y0 + tap0 * 1 + 2; x_Row from2 = x_row(row2);
bvec4 ok3 = bvec4(uint(y0 + tap0 * 1 + 3) < uint(inRows)); int row3 = image + y0 + tap0 * 1 + 3; x_Row from3 = x_row(row3);
bvec4 ok4 = bvec4(uint(y0 + tap0 * 1 + 4) < uint(inRows)); int row4 = image + y0 + tap0 * 1 + 4; x_Row from4 = x_row(row4);
bvec4 ok5 = bvec4(uint(y0 + tap0 * 1 + 5) < uint(inRows)); int row5 = image + y0 + tap0 * 1 + 5; x_Row from5 = x_row(row5);
bvec4 ok6 = bvec4(uint(y0 + tap0 * 1 + 6) < uint(inRows)); int row6 = image + y0 + tap0 * 1 + 6; x_Row from6 = x_row(row6);
bvec4 ok7 = bvec4(uint(y0 + tap0 * 1 + 7) < uint(inRows)); int row7 = image + y0 + tap0 * 1 + 7; x_Row from7 = x_row(row7);
if (iBegin < iEnd) {
int i = iBegin;
do {
  int ix = x0 + i * columnTapStep;
  int kw = firstColumn + i * columnTapStride;
  
  
  
  
  
  
  
  
  int tap1 = firstTap + (tap0 + 0) * rowTapStride; weights_Row at0 = weights_row((filterRows - 1 - tap1) * filterColumns + (filterColumns - 1 - kw));
  int tap2 = firstTap + (tap0 + 1) * rowTapStride; weights_Row at1 = weights_row((filterRows - 1 - tap2) * filterColumns + (filterColumns - 1 - kw));
  int c = 0;
  do {
    x_Column step = x_column(ix * inTexels + c);
    vec4 x0 = mix(vec4(0.0), x_at(from0, step), ok0);
    vec4 x1 = mix(vec4(0.0), x_at(from1, step), ok1);
    vec4 x2 = mix(vec4(0.0), x_at(from2, step), ok2);
    vec4 x3 = mix(vec4(0.0), x_at(from3, step), ok3);
    vec4 x4 = mix(vec4(0.0), x_at(from4, step), ok4);
    vec4 x5 = mix(vec4(0.0), x_at(from5, step), ok5);
    vec4 x6 = mix(vec4(0.0), x_at(from6, step), ok6);
    vec4 x7 = mix(vec4(0.0), x_at(from7, step), ok7);
    weights_Column column0 = weights_column((4 * o4 + 0) * inTexels + c), column1 = weights_column((4 * o4 + 1) * inTexels + c), column2 = weights_column((4 * o4 + 2) * inTexels + c), column3 = weights_column((4 * o4 + 3) * inTexels + c);
    if (tap1 < filterRows) { vec4 w0 = weights_at(at0, column0);
      vec4 w1 = weights_at(at0, column1);
      vec4 w2 = weights_at(at0, column2);
      vec4 w3 = weights_at(at0, column3);
      acc0 += vec4(dot(x0, w0), dot(x0, w1), dot(x0, w2), dot(x0, w3));
      acc1 += vec4(dot(x1, w0), dot(x1, w1), dot(x1, w2), dot(x1, w3));
      acc2 += vec4(dot(x2, w0), dot(x2, w1), dot(x2, w2), dot(x2, w3));
      acc3 += vec4(dot(x3, w0), dot(x3, w1), dot(x3, w2), dot(x3, w3));
      acc4 += vec4(dot(x4, w0), dot(x4, w1), dot(x4, w2), dot(x4, w3));
      acc5 += vec4(dot(x5, w0), dot(x5, w1), dot(x5, w2), dot(x5, w3));
      acc6 += vec4(dot(x6, w0), dot(x6, w1), dot(x6, w2), dot(x6, w3)); }
    if (tap2 < filterRows) { vec4 w0 = weights_at(at1, column0);
      vec4 w1 = weights_at(at1, column1);
      vec4 w2 = weights_at(at1, column2);
      vec4 w3 = weights_at(at1, column3);
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
