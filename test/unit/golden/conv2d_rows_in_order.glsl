#version 300 es
// untileRows {"own":"tall","tiles":{"dtype":"float32","access":"counted","layered":true},"phases":1,"even":true}
precision highp float;
precision highp int;
uniform highp sampler2DArray tiles;
uniform int outWidth;
uniform float tileRows;
uniform float tilesRun;
uniform float tilesWidth;
uniform vec2 tilesScale;
layout(location = 0) out vec4 out0;
int outTexel() { return int(gl_FragCoord.y) * outWidth + int(gl_FragCoord.x); }
float floatQuotient(float a, float b) { return floor((a + 0.5) / b); }
vec4 tiles_texel(float layer, float t) {
  float row = floatQuotient(t, tilesWidth);
  return texture(tiles, vec3(vec2(t - row * tilesWidth + 0.5, row + 0.5) * tilesScale, layer));
}
#define tiles_Row float
#define tiles_Column float
tiles_Row tiles_row(float g) { return float(g) * tilesRun; }
tiles_Column tiles_column(float i) { return float(i); }
tiles_Column tiles_step(float i) { return float(i); }
vec4 tiles_at(float layer, tiles_Row row, tiles_Column column) { return tiles_texel(layer, row + column); }
vec4 tiles_line(float layer, float line, float x) {
  return tiles_at(layer, tiles_row(line), tiles_column(x));
}
void main() {

float column = floor(gl_FragCoord.x), row = floor(gl_FragCoord.y);
float j = row, tile = floatQuotient(row, tileRows), from = tile;
out0 = tiles_line(j - tile * tileRows, from, column);
}
