#version 300 es
// interleave {"tiles":7,"phases":1,"direct":true}
precision highp float;
precision highp int;
uniform highp sampler2D t0;
uniform highp sampler2D t1;
uniform highp sampler2D t2;
uniform highp sampler2D t3;
uniform highp sampler2D t4;
uniform highp sampler2D t5;
uniform highp sampler2D t6;
uniform int outWidth;
uniform int rows, run, tilesPerPhase;
layout(location = 0) out vec4 out0;
int outTexel() { return int(gl_FragCoord.y) * outWidth + int(gl_FragCoord.x); }
void main() {

int row = int(gl_FragCoord.y); int x = int(gl_FragCoord.x);
int image = row / rows; int o = row - image * rows;
int j = o / 1;
int tile = j / 7;
int from = (image * 1 + o - j * 1) * tilesPerPhase + tile;
int r = j - tile * 7;
for (bool here = r == 0; here; here = false) { out0 = texelFetch(t0, ivec2(x, from), 0); }
for (bool here = r == 1; here; here = false) { out0 = texelFetch(t1, ivec2(x, from), 0); }
for (bool here = r == 2; here; here = false) { out0 = texelFetch(t2, ivec2(x, from), 0); }
for (bool here = r == 3; here; here = false) { out0 = texelFetch(t3, ivec2(x, from), 0); }
for (bool here = r == 4; here; here = false) { out0 = texelFetch(t4, ivec2(x, from), 0); }
for (bool here = r == 5; here; here = false) { out0 = texelFetch(t5, ivec2(x, from), 0); }
for (bool here = r == 6; here; here = false) { out0 = texelFetch(t6, ivec2(x, from), 0); }

}
