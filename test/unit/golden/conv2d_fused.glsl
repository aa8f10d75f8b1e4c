#version 300 es
// direct {"rows":7,"taps":3,"step":1,"tapStep":1,"rowPhases":1,"columnPhases":1,"pixels":false,"access":"wide","channels":"all","filter":{"form":"straight","flipped":false,"rows":"taps","access":"wide"},"epilogue":{"operands":[{"name":"x1","dtype":"float32","access":"channel"}],"fixed":[],"varying":[{"name":"t0","type":"float","value":"mix((x0 + x1), 0.0, isNegative((x0 + x1)))"}],"own":"x0","result":"t0","helpers":"","attributes":[],"integers":[]}}
precision highp float;
precision highp int;
uniform highp sampler2D x;
uniform highp sampler2D weights;
uniform highp sampler2D x1;
uniform int outWidth;
uniform int inRows, inColumns, inTexels, outColumns, outTexels, tiles, filterRows, filterColumns, columnStep, columnTapStride, columnTapStep;
uniform int rowTapStride;
uniform int rowFirst[1], rowBase[1], columnFirst[1], columnBase[1];
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
int rowOf(int a, int b) {
  int q = int(float(a) / float(b));
  int r = a - q * b;
  return q - int(r < 0) + int(r >= b);
}
ivec2 placeOf(int texel, int width) {
  int row = rowOf(texel, width);
  return ivec2(texel - row * width, row);
}
bool isNegative(float x) { return floatBitsToInt(x) <= -8388608; }
int divIndex(int a, int b) {
  int q = int(float(a) / float(b));
  q += int(floor(float(a - q * b) / float(b)));
  int r = a - q * b;
  return q - int(r < 0) + int(r >= b);
}

vec4 x1_texel(int texel) {
  return texelFetch(x1, placeOf(texel, textureSize(x1, 0).x), 0);
}
vec4 x1_v;
void epilogueAt(int c4) {
  x1_v = x1_texel(c4);
}
float varyingOf(float x0, float x1) {
  float t0 = mix((x0 + x1), 0.0, isNegative((x0 + x1)));
  return t0;
}
vec4 epilogue(vec4 v, int t) {
  return vec4(varyingOf(v.x, x1_v.x), varyingOf(v.y, x1_v.y), varyingOf(v.z, x1_v.z), varyingOf(v.w, x1_v.w));
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
bvec4 ok0 = bvec4(uint(y0 + tap0 * 1 + 0) < uint(inRows)); int row0 = image + y0 + tap0 * 1 + 0; x_Row from0 = x_row(row0);
bvec4 ok1 = bvec4(uint(y0 + tap0 * 1 + 1) < uint(inRows)); int row1 = image + y0 + tap0 * 1 + 1; x_Row from1 = x_row(row1);
bvec4 ok2 = bvec4(uint(y0 + tap0 * 1 + 2) < uint(inRows)); int row2 = image + y0 + tap0 * 1 + 2; x_Row from2 = x_row(row2);
bvec4 ok3 = bvec4(uint(y0 + tap0 * 1 + 3) < uint(inRows)); int row3 = image + y0 + tap0 * 1 + 3; x_Row from3 = x_row(row3);
bvec4 ok4 = bvec4(uint(y0 + tap0 * 1 + 4) < uint(inRows)); int row4 = image + y0 + tap0 * 1 + 4; x_Row from4 = x_row(row4);
bvec4 ok5 = bvec4(uint(y0 + tap0 * 1 + 5) < uint(inRows)); int row5 = image + y0 + tap0 * 1 + 5; x_Row from5 = x_row(row5);
bvec4 ok6 = bvec4(uint(y0 + tap0 * 1 + 6) < uint(inRows)); int row6 = image + y0 + tap0 * 1 + 6; x_Row from6 = x_row(row6);
bvec4 ok7 = bvec4(uint(y0 + tap0 * 1 + 7) < uint(inRows)); int row7 = image + y0 + tap0 * 1 + 7; x_Row from7 = x_row(row7);
bvec4 ok8 = bvec4(uint(y0 + tap0 * 1 + 8) < uint(inRows)); int row8 = image + y0 + tap0 * 1 + 8; x_Row from8 = x_row(row8);
if (iBegin < iEnd) {
int i = iBegin;
do {
  int ix = x0 + i * columnTapStep;
  int kw = firstColumn + i * columnTapStride;
  
  
  
  
  
  
  
  
  
  int tap1 = firstTap + (tap0 + 0) * rowTapStride; weights_Row at0 = weights_row(tap1 * filterColumns + kw);
  int tap2 = firstTap + (tap0 + 1) * rowTapStride; weights_Row at1 = weights_row(tap2 * filterColumns + kw);
  int tap3 = firstTap + (tap0 + 2) * rowTapStride; weights_Row at2 = weights_row(tap3 * filterColumns + kw);
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
    vec4 x8 = mix(vec4(0.0), x_at(from8, step), ok8);
    weights_Column column0 = weights_column((4 * c + 0) * outTexels + o4), column1 = weights_column((4 * c + 1) * outTexels + o4), column2 = weights_column((4 * c + 2) * outTexels + o4), column3 = weights_column((4 * c + 3) * outTexels + o4);
    { vec4 w0 = weights_at(at0, column0);
      vec4 w1 = weights_at(at0, column1);
      vec4 w2 = weights_at(at0, column2);
      vec4 w3 = weights_at(at0, column3);
      acc0 += x0.x * w0 + x0.y * w1 + x0.z * w2 + x0.w * w3;
      acc1 += x1.x * w0 + x1.y * w1 + x1.z * w2 + x1.w * w3;
      acc2 += x2.x * w0 + x2.y * w1 + x2.z * w2 + x2.w * w3;
      acc3 += x3.x * w0 + x3.y * w1 + x3.z * w2 + x3.w * w3;
      acc4 += x4.x * w0 + x4.y * w1 + x4.z * w2 + x4.w * w3;
      acc5 += x5.x * w0 + x5.y * w1 + x5.z * w2 + x5.w * w3;
      acc6 += x6.x * w0 + x6.y * w1 + x6.z * w2 + x6.w * w3; }
    { vec4 w0 = weights_at(at1, column0);
      vec4 w1 = weights_at(at1, column1);
      vec4 w2 = weights_at(at1, column2);
      vec4 w3 = weights_at(at1, column3);
      acc0 += x1.x * w0 + x1.y * w1 + x1.z * w2 + x1.w * w3;
      acc1 += x2.x * w0 + x2.y * w1 + x2.z * w2 + x2.w * w3;
      acc2 += x3.x * w0 + x3.y * w1 + x3.z * w2 + x3.w * w3;
      acc3 += x4.x * w0 + x4.y * w1 + x4.z * w2 + x4.w * w3;
      acc4 += x5.x * w0 + x5.y * w1 + x5.z * w2 + x5.w * w3;
      acc5 += x6.x * w0 + x6.y * w1 + x6.z * w2 + x6.w * w3;
      acc6 += x7.x * w0 + x7.y * w1 + x7.z * w2 + x7.w * w3; }
    { vec4 w0 = weights_at(at2, column0);
      vec4 w1 = weights_at(at2, column1);
      vec4 w2 = weights_at(at2, column2);
      vec4 w3 = weights_at(at2, column3);
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


epilogueAt(o4);
out0 = epilogue(acc0, 0);
out1 = epilogue(acc1, 0);
out2 = epilogue(acc2, 0);
out3 = epilogue(acc3, 0);
out4 = epilogue(acc4, 0);
out5 = epilogue(acc5, 0);
out6 = epilogue(acc6, 0);
}
