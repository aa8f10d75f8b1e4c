#version 300 es
// outer {"texels":2,"depthwise":false,"access":"rows"}
precision highp float;
precision highp int;
uniform highp sampler2D x;
uniform highp sampler2D dy;
uniform int outWidth;
uniform int inRows, inColumns, inTexels, outRows, outColumns, outTexels, filterRows, filterColumns;
uniform ivec2 stride, dilation, pad;
uniform int groups, perSlice, positions, xRuns, dyRuns;
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
void main() {

int t = outTexel();
int o4 = t % outTexels; t /= outTexels;
int c = (t % groups) * 2; t /= groups;
int kw = t % filterColumns; t /= filterColumns;
int kh = t % filterRows;
int slice = t / filterRows;
vec4 acc0 = vec4(0.0);
vec4 acc1 = vec4(0.0);
vec4 acc2 = vec4(0.0);
vec4 acc3 = vec4(0.0);
vec4 acc4 = vec4(0.0);
vec4 acc5 = vec4(0.0);
vec4 acc6 = vec4(0.0);
vec4 acc7 = vec4(0.0);

int first = kw * dilation.x - pad.x;
int begin = first < 0 ? (stride.x - 1 - first) / stride.x : 0;
int end = min(outColumns, inColumns > first ? (inColumns - 1 - first) / stride.x + 1 : 0);
int last = min(positions, (slice + 1) * perSlice);
for (int position = slice * perSlice; position < last; position++) {
  
  int n = position / outRows; int oh = position - n * outRows;
  int ih = oh * stride.y + kh * dilation.y - pad.y;
  if (ih < 0 || ih >= inRows) continue;
  int xRow = n * inRows + ih;
  float xv = (float(xRow / xRuns) + 0.5) * xScale.y;
  float dv = (float(position / dyRuns) + 0.5) * dyScale.y;
  int xBase = (xRow % xRuns) * inColumns * inTexels + c;
  int dBase = (position % dyRuns) * outColumns * outTexels + o4;
  for (int ow = begin; ow < end; ow++) {
    float xu = (float(xBase + (first + ow * stride.x) * inTexels) + 0.5) * xScale.x;
    float du = (float(dBase + ow * outTexels) + 0.5) * dyScale.x;
    vec4 x0 = texture(x, vec2(xu + 0.0, xv));
    vec4 x1 = texture(x, vec2(xu + float(1) * xScale.x, xv));
    vec4 d = texture(dy, vec2(du, dv));
    acc0 += x0.x * d;
    acc1 += x0.y * d;
    acc2 += x0.z * d;
    acc3 += x0.w * d;
    acc4 += x1.x * d;
    acc5 += x1.y * d;
    acc6 += x1.z * d;
    acc7 += x1.w * d;
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
