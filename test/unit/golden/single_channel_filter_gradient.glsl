#version 300 es
// singleChannelGradient {"along":{"size":6,"stride":2},"left":2,"x":"wide","dy":"wide","guarded":[[0,0],[0,2],[0,3],[1,0],[1,2],[1,3],[2,2],[2,3],[3,2],[3,3],[4,1],[4,2],[4,3],[5,1],[5,2],[5,3]],"whole":true,"ragged":2}
precision highp float;
precision highp int;
uniform highp sampler2D x;
uniform highp sampler2D dy;
uniform int outWidth;
uniform int inRows, inColumns, inTexels, outRows, outColumns, outTexels, filterRows, top, stride, quads;
uniform int perSlice, batch;
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
int kh = t; t = divIndex(t, filterRows); kh -= t * filterRows;
vec4 acc0 = vec4(0.0); vec4 acc1 = vec4(0.0); vec4 acc2 = vec4(0.0); vec4 acc3 = vec4(0.0); vec4 acc4 = vec4(0.0); vec4 acc5 = vec4(0.0);
// The rows of dy that see one inside of the image.
int first = kh - top, begin = rowOf(max(stride - 1 - first, 0), stride);
int end = min(outRows, rowOf(max(inRows - 1 - first, -stride) + stride, stride)), seen = max(end - begin, 0);
int last = min(batch * seen, (t + 1) * perSlice);
x_Column xNext = x_step(1);
dy_Column dStep = dy_step(outTexels);
for (int position = t * perSlice; position < last; position++) {
  int n = rowOf(position, seen), oh = position - n * seen + begin;
  int xRow = n * inRows + oh * stride + first, dRow = n * outRows + oh;
  x_Row xFrom = x_row(xRow); dy_Row dFrom = dy_row(dRow);
  int quad = 0;
  do {
    x_Column xAt = x_column(quad * 2); dy_Column dAt = dy_column(o4 + quad * 4 * outTexels);
    vec4 x_m1 = x_at(xFrom, xAt + x_Column(-1) * xNext);
    vec4 x_0 = x_at(xFrom, xAt + x_Column(0) * xNext);
    vec4 x_1 = x_at(xFrom, xAt + x_Column(1) * xNext);
    vec4 x_2 = x_at(xFrom, xAt + x_Column(2) * xNext);
    vec4 d0 = dy_at(dFrom, dAt + dy_Column(0) * dStep);
    vec4 d1 = dy_at(dFrom, dAt + dy_Column(1) * dStep);
    vec4 d2 = dy_at(dFrom, dAt + dy_Column(2) * dStep);
    vec4 d3 = dy_at(dFrom, dAt + dy_Column(3) * dStep);
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
