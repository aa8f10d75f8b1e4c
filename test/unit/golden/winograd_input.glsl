#version 300 es
// winogradInput {"access":"wide"}
precision highp float;
precision highp int;
uniform highp sampler2D x;
uniform int outWidth;
uniform int first, inRows, inColumns, top, left, step, tileRows, tileColumns, tiles, inTexels;
uniform float xPerRow, xRunScale;
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
#define x_Row vec2
#define x_Column float
x_Row x_row(int g) { float y = floor((float(g) + 0.5) * xRunScale);
return vec2((float(g) - y * xPerRow) * xRunScale, (y + 0.5) * xScale.y); }
x_Column x_column(int i) { return (float(i) + 0.5) * xScale.x; }
x_Column x_step(int i) { return float(i) * xScale.x; }
vec4 x_at(x_Row row, x_Column column) { return texture(x, vec2(row.x + column, row.y)); }
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
x_Column column = x_column(x0 * inTexels + c4), next = x_step(step * inTexels);
bool has_a = uint(ya) < uint(inRows);
x_Row a = x_row(image * inRows + ya);
bool has_b = uint(yb) < uint(inRows);
x_Row b = x_row(image * inRows + yb);
bool has0 = uint(x0 + 0 * step) < uint(inColumns);
vec4 d0 = mix(vec4(0.0), x_at(a, column + x_Column(0) * next), bvec4(has0 && has_a)) + sign * mix(vec4(0.0), x_at(b, column + x_Column(0) * next), bvec4(has0 && has_b));
bool has1 = uint(x0 + 1 * step) < uint(inColumns);
vec4 d1 = mix(vec4(0.0), x_at(a, column + x_Column(1) * next), bvec4(has1 && has_a)) + sign * mix(vec4(0.0), x_at(b, column + x_Column(1) * next), bvec4(has1 && has_b));
bool has2 = uint(x0 + 2 * step) < uint(inColumns);
vec4 d2 = mix(vec4(0.0), x_at(a, column + x_Column(2) * next), bvec4(has2 && has_a)) + sign * mix(vec4(0.0), x_at(b, column + x_Column(2) * next), bvec4(has2 && has_b));
bool has3 = uint(x0 + 3 * step) < uint(inColumns);
vec4 d3 = mix(vec4(0.0), x_at(a, column + x_Column(3) * next), bvec4(has3 && has_a)) + sign * mix(vec4(0.0), x_at(b, column + x_Column(3) * next), bvec4(has3 && has_b));
out0 = d0 - d2;
out1 = d1 + d2;
out2 = d2 - d1;
out3 = d1 - d3;
}
