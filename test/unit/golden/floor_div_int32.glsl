#version 300 es
// map {"operands":[{"name":"x0","dtype":"int32","access":"same"},{"name":"x1","dtype":"int32","access":"same"}],"statements":"int t0 = floorDivInt(x0, x1);","results":["t0"],"dtypes":["int32"],"helpers":"","attributes":[],"integers":[],"rank":0}
precision highp float;
precision highp int;
uniform highp isampler2D x0;
uniform highp isampler2D x1;
uniform int outWidth;
uniform vec2 outScale;
layout(location = 0) out ivec4 out0;
int outTexel() { return int(gl_FragCoord.y) * outWidth + int(gl_FragCoord.x); }
int divInt(int a, int b) { return b == 0 ? 0 : b == -1 ? -a : a / b; }
int floorDivInt(int a, int b) {
  int q = divInt(a, b);
  int r = a - q * b;
  return b != 0 && r != 0 && (r < 0) != (b < 0) ? q - 1 : q;
}
int op(int x0, int x1) {
  int t0 = floorDivInt(x0, x1);
  return t0;
}
void main() {
ivec4 x0_v = texture(x0, gl_FragCoord.xy * outScale);
ivec4 x1_v = texture(x1, gl_FragCoord.xy * outScale);
out0 = ivec4(op(x0_v.x, x1_v.x), op(x0_v.y, x1_v.y), op(x0_v.z, x1_v.z), op(x0_v.w, x1_v.w));
}
