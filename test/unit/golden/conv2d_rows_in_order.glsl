#version 300 es
// interleave {"layered":true,"phases":1,"direct":true}
precision highp float;
precision highp int;
uniform highp sampler2DArray tiles;
uniform int outWidth;
uniform int rows, run, tileRows, tilesPerPhase;
layout(location = 0) out vec4 out0;
int outTexel() { return int(gl_FragCoord.y) * outWidth + int(gl_FragCoord.x); }
void main() {

int row = int(gl_FragCoord.y); int x = int(gl_FragCoord.x);
int image = row / rows; int o = row - image * rows;
int j = o / 1;
int tile = j / tileRows;
int from = (image * 1 + o - j * 1) * tilesPerPhase + tile;
int r = j - tile * tileRows;
out0 = texelFetch(tiles, ivec3(x, from, r), 0);
}
