#version 300 es
// map {"operands":[{"name":"a","dtype":"int32","access":"same"},{"name":"b","dtype":"int32","access":"same"}],"expression":"floorDivInt(a, b)","helpers":"","attributes":[],"integers":[],"floats":false,"dtype":"int32","rank":0}
precision highp float;
precision highp int;
uniform highp isampler2D a;
uniform highp isampler2D b;
uniform int outWidth;
layout(location = 0) out ivec4 out0;
int outTexel() { return int(gl_FragCoord.y) * outWidth + int(gl_FragCoord.x); }
int divInt(int a, int b) { return b == 0 ? 0 : b == -1 ? -a : a / b; }
int floorDivInt(int a, int b) {
  int q = divInt(a, b);
  int r = a - q * b;
  return b != 0 && r != 0 && (r < 0) != (b < 0) ? q - 1 : q;
}
int op(int a, int b) { return floorDivInt(a, b); }
void main() {
ivec4 a_v = texelFetch(a, ivec2(gl_FragCoord.xy), 0);
ivec4 b_v = texelFetch(b, ivec2(gl_FragCoord.xy), 0);
out0 = ivec4(op(int(a_v.x), int(b_v.x)), op(int(a_v.y), int(b_v.y)), op(int(a_v.z), int(b_v.z)), op(int(a_v.w), int(b_v.w)));
}
