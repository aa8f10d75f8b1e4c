#version 300 es
// untileColumns {"own":"tall","tiles":{"dtype":"float32","access":"wide","layered":true},"rows":2,"together":2}
precision highp float;
precision highp int;
uniform highp sampler2DArray tiles;
uniform int outWidth;
uniform float outTexels;
uniform float channels;
uniform float tilesPerRow, tilesRunScale;
uniform vec2 tilesScale;
layout(location = 0) out vec4 out0;
int outTexel() { return int(gl_FragCoord.y) * outWidth + int(gl_FragCoord.x); }
float floatQuotient(float a, float b) { return floor((a + 0.5) / b); }
const float LANES = float(4), ROWS = float(2);
#define tiles_Row vec2
#define tiles_Column float
tiles_Row tiles_row(float g) { float y = floor((float(g) + 0.5) * tilesRunScale);
return vec2((float(g) - y * tilesPerRow) * tilesRunScale, (y + 0.5) * tilesScale.y); }
tiles_Column tiles_column(float i) { return (float(i) + 0.5) * tilesScale.x; }
tiles_Column tiles_step(float i) { return float(i) * tilesScale.x; }
vec4 tiles_at(float layer, tiles_Row row, tiles_Column column) { return texture(tiles, vec3(vec2(row.x + column, row.y), layer)); }
vec4 tiles_line(float layer, float line, float x) {
  return tiles_at(layer, tiles_row(line), tiles_column(x));
}
vec4 cell(float row, float x, float o4) {
  
  float tile = floor(row * 0.50), quad = floor(x * 0.25);
  float layer = (row - tile * ROWS) * LANES + x - quad * LANES;
  return tiles_line(layer, tile, quad * outTexels + o4);
}
vec2 part(vec4 v, int i) { return mix(v.xy, v.zw, bvec2((i & 2) != 0)); }
void main() {

float column = floor(gl_FragCoord.x), row = floor(gl_FragCoord.y);
column *= 4.0;
float x = floatQuotient(column, channels), k = column - x * channels;
out0.xy = part(cell(row, x, floor(k * 0.25)), int(k)); k += float(2); if (k == channels) { k = float(0); x++; }
out0.zw = part(cell(row, x, floor(k * 0.25)), int(k)); k += float(2); if (k == channels) { k = float(0); x++; }
}
