#version 300 es
// untileColumns {"rows":2,"access":"lines","together":2}
precision highp float;
precision highp int;
uniform highp sampler2DArray tiles;
uniform int outWidth;
uniform float outTexels;
uniform float channels;
uniform float tilesRun;
uniform float tilesWidth;
uniform vec2 tilesScale;
layout(location = 0) out vec4 out0;
int outTexel() { return int(gl_FragCoord.y) * outWidth + int(gl_FragCoord.x); }
float floatQuotient(float a, float b) { return floor((a + 0.5) / b); }
const float LANES = float(4), ROWS = float(2);
vec4 tiles_texel(float layer, float t) {
  float row = floatQuotient(t, tilesWidth);
  return texture(tiles, vec3(vec2(t - row * tilesWidth + 0.5, row + 0.5) * tilesScale, layer));
}
vec4 tiles_line(float layer, float line, float x) { return tiles_texel(layer, line * tilesRun + x); }
vec4 cell(float line, float column, float o4) {
  
  float tile = floor(line * 0.50), quad = floor(column * 0.25);
  float layer = (line - tile * ROWS) * LANES + column - quad * LANES;
  return tiles_line(layer, tile, quad * outTexels + o4);
}
vec2 part(vec4 v, int i) { return mix(v.xy, v.zw, bvec2((i & 2) != 0)); }
void main() {

float at = floor(gl_FragCoord.x) * LANES, line = floor(gl_FragCoord.y);
float column = floatQuotient(at, channels), k = at - column * channels;
out0.xy = part(cell(line, column, floor(k * 0.25)), int(k)); k += float(2); if (k == channels) { k = float(0); column++; }
out0.zw = part(cell(line, column, floor(k * 0.25)), int(k)); k += float(2); if (k == channels) { k = float(0); column++; }
}
