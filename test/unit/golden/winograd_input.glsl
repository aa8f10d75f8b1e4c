#version 300 es
// winogradInput {}
precision highp float;
precision highp int;
uniform highp sampler2D x;
uniform int outWidth;
uniform int first, inRows, inColumns, top, left, step, tileRows, tileColumns, tiles, inTexels, xRuns;
uniform vec2 xScale;
layout(location = 0) out vec4 out0;
layout(location = 1) out vec4 out1;
layout(location = 2) out vec4 out2;
layout(location = 3) out vec4 out3;
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
int c4 = t; t = divIndex(t, inTexels); c4 -= t * inTexels;
int tile = t; t = divIndex(t, tiles); tile -= t * tiles;
int tx = tile; tile = divIndex(tile, tileColumns); tx -= tile * tileColumns;
int ty = tile; tile = divIndex(tile, tileRows); ty -= tile * tileRows;
int image = first + tile, y0 = ty * 2 + top, x0 = tx * 2 + left;
// The rows of points are those of the tile numbered 0 - 2, 1 - 3, 1 + 2, 2 - 1.
int ya = y0 + (t == 3 ? 2 : min(t, 1)) * step, yb = y0 + (t == 1 ? 3 : t == 3 ? 1 : 2) * step;
float sign = t == 2 ? 1.0 : -1.0;
float along = float(x0 * inTexels + c4) + 0.5, run = float(inColumns * inTexels), next = float(step * inTexels) * xScale.x;
bool has_a = uint(ya) < uint(inRows);
int row_a = image * inRows + ya, line_a = rowOf(row_a, xRuns);
vec2 a = vec2(float(row_a - line_a * xRuns) * run + along, float(line_a) + 0.5) * xScale;
bool has_b = uint(yb) < uint(inRows);
int row_b = image * inRows + yb, line_b = rowOf(row_b, xRuns);
vec2 b = vec2(float(row_b - line_b * xRuns) * run + along, float(line_b) + 0.5) * xScale;
bool has0 = uint(x0 + 0 * step) < uint(inColumns);
vec4 d0 = mix(vec4(0.0), texture(x, vec2(a.x + 0.0 * next, a.y)), bvec4(has0 && has_a)) + sign * mix(vec4(0.0), texture(x, vec2(b.x + 0.0 * next, b.y)), bvec4(has0 && has_b));
bool has1 = uint(x0 + 1 * step) < uint(inColumns);
vec4 d1 = mix(vec4(0.0), texture(x, vec2(a.x + 1.0 * next, a.y)), bvec4(has1 && has_a)) + sign * mix(vec4(0.0), texture(x, vec2(b.x + 1.0 * next, b.y)), bvec4(has1 && has_b));
bool has2 = uint(x0 + 2 * step) < uint(inColumns);
vec4 d2 = mix(vec4(0.0), texture(x, vec2(a.x + 2.0 * next, a.y)), bvec4(has2 && has_a)) + sign * mix(vec4(0.0), texture(x, vec2(b.x + 2.0 * next, b.y)), bvec4(has2 && has_b));
bool has3 = uint(x0 + 3 * step) < uint(inColumns);
vec4 d3 = mix(vec4(0.0), texture(x, vec2(a.x + 3.0 * next, a.y)), bvec4(has3 && has_a)) + sign * mix(vec4(0.0), texture(x, vec2(b.x + 3.0 * next, b.y)), bvec4(has3 && has_b));
out0 = d0 - d2;
out1 = d1 + d2;
out2 = d2 - d1;
out3 = d1 - d3;
}
