#version 300 es
// untileRows {"layered":true,"access":"lines","phases":1,"even":true}
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
vec4 tiles_line(float layer, float line, float x) { return tiles_texel(layer, line * tilesRun + x); }
void main() {

float line = floor(gl_FragCoord.y), x = floor(gl_FragCoord.x);
float j = line, tile = floatQuotient(line, tileRows), from = tile;
out0 = tiles_line(j - tile * tileRows, from, x);
}
