#version 300 es
// slide {"rows":7,"taps":3,"step":1,"tapStep":1,"rowPhases":1,"columnPhases":1,"access":"rows","depthwise":false,"filter":{"form":"straight","flipped":false,"access":"runs"},"epilogue":{"operands":[{"name":"x1","dtype":"float32","access":"channel"}],"fixed":[],"varying":[{"name":"t0","type":"float","value":"mix(max((x0 + x1), 0.0), (x0 + x1), isNaN((x0 + x1)))"}],"own":"x0","result":"t0","helpers":"","attributes":[],"integers":[]}}
precision highp float;
precision highp int;
uniform highp sampler2D x;
uniform highp sampler2D weights;
uniform highp sampler2D x1;
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
int rowOf(int a, int b) {
  int q = int(float(a) / float(b));
  int r = a - q * b;
  return r < 0 ? q - 1 : r >= b ? q + 1 : q;
}
ivec2 placeOf(int texel, int width) {
  int row = rowOf(texel, width);
  return ivec2(texel - row * width, row);
}
bool isNaN(float x) { return (floatBitsToUint(x) & 0x7fffffffu) > 0x7f800000u; }

vec4 x1_texel(int texel) {
  return texelFetch(x1, placeOf(texel, textureSize(x1, 0).x), 0);
}
vec4 x1_v;
void epilogueAt(int c4) {
  x1_v = x1_texel(c4);
}
float varyingOf(float x0, float x1) {
  float t0 = mix(max((x0 + x1), 0.0), (x0 + x1), isNaN((x0 + x1)));
  return t0;
}
vec4 epilogue(vec4 v, int t) {
  return vec4(varyingOf(v.x, x1_v.x), varyingOf(v.y, x1_v.y), varyingOf(v.z, x1_v.z), varyingOf(v.w, x1_v.w));
}
void main() {

int t = outTexel();
int o4 = t % outTexels; t /= outTexels;
int ow = t % outColumns; t /= outColumns;
int tile = t % tiles; t /= tiles;
int phase = t % 1;
int image = (t / 1) * inRows;
int columnPhase = ow % 1;
int x0 = (ow / 1) * columnStep + columnBase[columnPhase];
int firstColumn = columnFirst[columnPhase];
int tapsHere = (filterColumns - firstColumn + columnTapStride - 1) / columnTapStride;
int iBegin = x0 < 0 ? (columnTapStep - 1 - x0) / columnTapStep : 0;
int iEnd = min(tapsHere, inColumns > x0 ? (inColumns - 1 - x0) / columnTapStep + 1 : 0);
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
bvec4 ok0 = bvec4(y0 + tap0 * 1 + 0 >= 0 && y0 + tap0 * 1 + 0 < inRows); int row0 = image + y0 + tap0 * 1 + 0; float u0 = float((row0 % xRuns) * inColumns * inTexels); float v0 = (float(row0 / xRuns) + 0.5) * xScale.y;
bvec4 ok1 = bvec4(y0 + tap0 * 1 + 1 >= 0 && y0 + tap0 * 1 + 1 < inRows); int row1 = image + y0 + tap0 * 1 + 1; float u1 = float((row1 % xRuns) * inColumns * inTexels); float v1 = (float(row1 / xRuns) + 0.5) * xScale.y;
bvec4 ok2 = bvec4(y0 + tap0 * 1 + 2 >= 0 && y0 + tap0 * 1 + 2 < inRows); int row2 = image + y0 + tap0 * 1 + 2; float u2 = float((row2 % xRuns) * inColumns * inTexels); float v2 = (float(row2 / xRuns) + 0.5) * xScale.y;
bvec4 ok3 = bvec4(y0 + tap0 * 1 + 3 >= 0 && y0 + tap0 * 1 + 3 < inRows); int row3 = image + y0 + tap0 * 1 + 3; float u3 = float((row3 % xRuns) * inColumns * inTexels); float v3 = (float(row3 / xRuns) + 0.5) * xScale.y;
bvec4 ok4 = bvec4(y0 + tap0 * 1 + 4 >= 0 && y0 + tap0 * 1 + 4 < inRows); int row4 = image + y0 + tap0 * 1 + 4; float u4 = float((row4 % xRuns) * inColumns * inTexels); float v4 = (float(row4 / xRuns) + 0.5) * xScale.y;
bvec4 ok5 = bvec4(y0 + tap0 * 1 + 5 >= 0 && y0 + tap0 * 1 + 5 < inRows); int row5 = image + y0 + tap0 * 1 + 5; float u5 = float((row5 % xRuns) * inColumns * inTexels); float v5 = (float(row5 / xRuns) + 0.5) * xScale.y;
bvec4 ok6 = bvec4(y0 + tap0 * 1 + 6 >= 0 && y0 + tap0 * 1 + 6 < inRows); int row6 = image + y0 + tap0 * 1 + 6; float u6 = float((row6 % xRuns) * inColumns * inTexels); float v6 = (float(row6 / xRuns) + 0.5) * xScale.y;
bvec4 ok7 = bvec4(y0 + tap0 * 1 + 7 >= 0 && y0 + tap0 * 1 + 7 < inRows); int row7 = image + y0 + tap0 * 1 + 7; float u7 = float((row7 % xRuns) * inColumns * inTexels); float v7 = (float(row7 / xRuns) + 0.5) * xScale.y;
bvec4 ok8 = bvec4(y0 + tap0 * 1 + 8 >= 0 && y0 + tap0 * 1 + 8 < inRows); int row8 = image + y0 + tap0 * 1 + 8; float u8 = float((row8 % xRuns) * inColumns * inTexels); float v8 = (float(row8 / xRuns) + 0.5) * xScale.y;
for (int i = iBegin; i < iEnd; i++) {
  int ix = x0 + i * columnTapStep;
  int kw = firstColumn + i * columnTapStride;
  
  
  
  
  
  
  
  
  
  int tap1 = firstTap + (tap0 + 0) * rowTapStride; int f0 = tap1 * filterColumns + kw; float fu0 = float((f0 % filterRuns) * filterRun + o4); float fv0 = (float(f0 / filterRuns) + 0.5) * filterScale.y;
  int tap2 = firstTap + (tap0 + 1) * rowTapStride; int f1 = tap2 * filterColumns + kw; float fu1 = float((f1 % filterRuns) * filterRun + o4); float fv1 = (float(f1 / filterRuns) + 0.5) * filterScale.y;
  int tap3 = firstTap + (tap0 + 2) * rowTapStride; int f2 = tap3 * filterColumns + kw; float fu2 = float((f2 % filterRuns) * filterRun + o4); float fv2 = (float(f2 / filterRuns) + 0.5) * filterScale.y;
  for (int c = 0; c < inTexels; c++) {
    vec4 x0 = mix(vec4(0.0), texture(x, vec2((u0 + float(ix * inTexels + c) + 0.5) * xScale.x, v0)), ok0);
    vec4 x1 = mix(vec4(0.0), texture(x, vec2((u1 + float(ix * inTexels + c) + 0.5) * xScale.x, v1)), ok1);
    vec4 x2 = mix(vec4(0.0), texture(x, vec2((u2 + float(ix * inTexels + c) + 0.5) * xScale.x, v2)), ok2);
    vec4 x3 = mix(vec4(0.0), texture(x, vec2((u3 + float(ix * inTexels + c) + 0.5) * xScale.x, v3)), ok3);
    vec4 x4 = mix(vec4(0.0), texture(x, vec2((u4 + float(ix * inTexels + c) + 0.5) * xScale.x, v4)), ok4);
    vec4 x5 = mix(vec4(0.0), texture(x, vec2((u5 + float(ix * inTexels + c) + 0.5) * xScale.x, v5)), ok5);
    vec4 x6 = mix(vec4(0.0), texture(x, vec2((u6 + float(ix * inTexels + c) + 0.5) * xScale.x, v6)), ok6);
    vec4 x7 = mix(vec4(0.0), texture(x, vec2((u7 + float(ix * inTexels + c) + 0.5) * xScale.x, v7)), ok7);
    vec4 x8 = mix(vec4(0.0), texture(x, vec2((u8 + float(ix * inTexels + c) + 0.5) * xScale.x, v8)), ok8);
    { vec4 w0 = texture(weights, vec2((fu0 + float((4 * c + 0) * outTexels) + 0.5) * filterScale.x, fv0));
      vec4 w1 = texture(weights, vec2((fu0 + float((4 * c + 1) * outTexels) + 0.5) * filterScale.x, fv0));
      vec4 w2 = texture(weights, vec2((fu0 + float((4 * c + 2) * outTexels) + 0.5) * filterScale.x, fv0));
      vec4 w3 = texture(weights, vec2((fu0 + float((4 * c + 3) * outTexels) + 0.5) * filterScale.x, fv0));
      acc0 += x0.x * w0 + x0.y * w1 + x0.z * w2 + x0.w * w3;
      acc1 += x1.x * w0 + x1.y * w1 + x1.z * w2 + x1.w * w3;
      acc2 += x2.x * w0 + x2.y * w1 + x2.z * w2 + x2.w * w3;
      acc3 += x3.x * w0 + x3.y * w1 + x3.z * w2 + x3.w * w3;
      acc4 += x4.x * w0 + x4.y * w1 + x4.z * w2 + x4.w * w3;
      acc5 += x5.x * w0 + x5.y * w1 + x5.z * w2 + x5.w * w3;
      acc6 += x6.x * w0 + x6.y * w1 + x6.z * w2 + x6.w * w3; }
    { vec4 w0 = texture(weights, vec2((fu1 + float((4 * c + 0) * outTexels) + 0.5) * filterScale.x, fv1));
      vec4 w1 = texture(weights, vec2((fu1 + float((4 * c + 1) * outTexels) + 0.5) * filterScale.x, fv1));
      vec4 w2 = texture(weights, vec2((fu1 + float((4 * c + 2) * outTexels) + 0.5) * filterScale.x, fv1));
      vec4 w3 = texture(weights, vec2((fu1 + float((4 * c + 3) * outTexels) + 0.5) * filterScale.x, fv1));
      acc0 += x1.x * w0 + x1.y * w1 + x1.z * w2 + x1.w * w3;
      acc1 += x2.x * w0 + x2.y * w1 + x2.z * w2 + x2.w * w3;
      acc2 += x3.x * w0 + x3.y * w1 + x3.z * w2 + x3.w * w3;
      acc3 += x4.x * w0 + x4.y * w1 + x4.z * w2 + x4.w * w3;
      acc4 += x5.x * w0 + x5.y * w1 + x5.z * w2 + x5.w * w3;
      acc5 += x6.x * w0 + x6.y * w1 + x6.z * w2 + x6.w * w3;
      acc6 += x7.x * w0 + x7.y * w1 + x7.z * w2 + x7.w * w3; }
    { vec4 w0 = texture(weights, vec2((fu2 + float((4 * c + 0) * outTexels) + 0.5) * filterScale.x, fv2));
      vec4 w1 = texture(weights, vec2((fu2 + float((4 * c + 1) * outTexels) + 0.5) * filterScale.x, fv2));
      vec4 w2 = texture(weights, vec2((fu2 + float((4 * c + 2) * outTexels) + 0.5) * filterScale.x, fv2));
      vec4 w3 = texture(weights, vec2((fu2 + float((4 * c + 3) * outTexels) + 0.5) * filterScale.x, fv2));
      acc0 += x2.x * w0 + x2.y * w1 + x2.z * w2 + x2.w * w3;
      acc1 += x3.x * w0 + x3.y * w1 + x3.z * w2 + x3.w * w3;
      acc2 += x4.x * w0 + x4.y * w1 + x4.z * w2 + x4.w * w3;
      acc3 += x5.x * w0 + x5.y * w1 + x5.z * w2 + x5.w * w3;
      acc4 += x6.x * w0 + x6.y * w1 + x6.z * w2 + x6.w * w3;
      acc5 += x7.x * w0 + x7.y * w1 + x7.z * w2 + x7.w * w3;
      acc6 += x8.x * w0 + x8.y * w1 + x8.z * w2 + x8.w * w3; }
  }
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
