#version 300 es
// singleChannelGradient {"along":{"size":6,"stride":2},"left":2,"guarded":[[0,0],[0,2],[0,3],[1,0],[1,2],[1,3],[2,2],[2,3],[3,2],[3,3],[4,1],[4,2],[4,3],[5,1],[5,2],[5,3]],"whole":true,"ragged":2}
precision highp float;
precision highp int;
uniform highp sampler2D x;
uniform highp sampler2D dy;
uniform int outWidth;
uniform int inRows, inColumns, inTexels, outRows, outColumns, outTexels, filterRows, top, stride, quads;
uniform int perSlice, batch, xRuns, dyRuns;
uniform vec2 xScale, dyScale;
layout(location = 0) out vec4 out0;
layout(location = 1) out vec4 out1;
layout(location = 2) out vec4 out2;
layout(location = 3) out vec4 out3;
layout(location = 4) out vec4 out4;
layout(location = 5) out vec4 out5;
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
int kh = t; t = divIndex(t, filterRows); kh -= t * filterRows;
vec4 acc0 = vec4(0.0); vec4 acc1 = vec4(0.0); vec4 acc2 = vec4(0.0); vec4 acc3 = vec4(0.0); vec4 acc4 = vec4(0.0); vec4 acc5 = vec4(0.0);
// The rows of dy that see one inside of the image.
int first = kh - top, begin = rowOf(max(stride - 1 - first, 0), stride);
int end = min(outRows, rowOf(max(inRows - 1 - first, -stride) + stride, stride)), seen = max(end - begin, 0);
int last = min(batch * seen, (t + 1) * perSlice);
float dStep = float(outTexels) * dyScale.x;
for (int position = t * perSlice; position < last; position++) {
  int n = rowOf(position, seen), oh = position - n * seen + begin;
  int xRow = n * inRows + oh * stride + first, dRow = n * outRows + oh;
  int xLine = rowOf(xRow, xRuns), dLine = rowOf(dRow, dyRuns);
  float xv = (float(xLine) + 0.5) * xScale.y, dv = (float(dLine) + 0.5) * dyScale.y;
  float xStart = (float((xRow - xLine * xRuns) * inTexels) + 0.5) * xScale.x;
  float dStart = (float((dRow - dLine * dyRuns) * outColumns * outTexels + o4) + 0.5) * dyScale.x;
  int quad = 0;
  do {
    float xu = xStart + float(quad * 2) * xScale.x, du = dStart + float(quad * 4) * dStep;
    vec4 x_m1 = texture(x, vec2(xu + -1.0 * xScale.x, xv));
    vec4 x_0 = texture(x, vec2(xu + 0.0 * xScale.x, xv));
    vec4 x_1 = texture(x, vec2(xu + 1.0 * xScale.x, xv));
    vec4 x_2 = texture(x, vec2(xu + 2.0 * xScale.x, xv));
    vec4 d0 = texture(dy, vec2(du + 0.0 * dStep, dv));
    vec4 d1 = texture(dy, vec2(du + 1.0 * dStep, dv));
    vec4 d2 = texture(dy, vec2(du + 2.0 * dStep, dv));
    vec4 d3 = texture(dy, vec2(du + 3.0 * dStep, dv));
    int own = quad * 2;
    bvec4 has0 = bvec4(uint(own + -1) < uint(inTexels));
    bvec4 has1 = bvec4(uint(own + 0) < uint(inTexels) && quad * 4 + 2 < outColumns);
    bvec4 has2 = bvec4(uint(own + 1) < uint(inTexels) && quad * 4 + 3 < outColumns);
    bvec4 has3 = bvec4(uint(own + 1) < uint(inTexels) && quad * 4 + 2 < outColumns);
    bvec4 has4 = bvec4(uint(own + 1) < uint(inTexels));
    bvec4 has5 = bvec4(uint(own + 2) < uint(inTexels) && quad * 4 + 3 < outColumns);
    acc0 += mix(vec4(0.0), x_m1.z * d0, has0) + x_0.x * d1 + mix(vec4(0.0), x_0.z * d2, has1) + mix(vec4(0.0), x_1.x * d3, has2);
    acc1 += mix(vec4(0.0), x_m1.w * d0, has0) + x_0.y * d1 + mix(vec4(0.0), x_0.w * d2, has1) + mix(vec4(0.0), x_1.y * d3, has2);
    acc2 += x_0.x * d0 + x_0.z * d1 + mix(vec4(0.0), x_1.x * d2, has3) + mix(vec4(0.0), x_1.z * d3, has2);
    acc3 += x_0.y * d0 + x_0.w * d1 + mix(vec4(0.0), x_1.y * d2, has3) + mix(vec4(0.0), x_1.w * d3, has2);
    acc4 += x_0.z * d0 + mix(vec4(0.0), x_1.x * d1, has4) + mix(vec4(0.0), x_1.z * d2, has3) + mix(vec4(0.0), x_2.x * d3, has5);
    acc5 += x_0.w * d0 + mix(vec4(0.0), x_1.y * d1, has4) + mix(vec4(0.0), x_1.w * d2, has3) + mix(vec4(0.0), x_2.y * d3, has5);
  } while (++quad < quads);
}
out0 = acc0;
out1 = acc1;
out2 = acc2;
out3 = acc3;
out4 = acc4;
out5 = acc5;
}
