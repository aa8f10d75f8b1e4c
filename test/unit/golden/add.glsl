#version 300 es
// map {"operands":[{"name":"x0","dtype":"float32","access":"same"},{"name":"x1","dtype":"float32","access":"same"}],"statements":"float t0 = x0 + x1;","results":["t0"],"dtypes":["float32"],"helpers":"","attributes":[],"integers":[],"rank":0}
precision highp float;
precision highp int;
uniform highp sampler2D x0;
uniform highp sampler2D x1;
uniform int outWidth;
uniform vec2 outScale;
layout(location = 0) out vec4 out0;
int outTexel() { return int(gl_FragCoord.y) * outWidth + int(gl_FragCoord.x); }
float op(float x0, float x1) {
  float t0 = x0 + x1;
  return t0;
}
void main() {
vec4 x0_v = texture(x0, gl_FragCoord.xy * outScale);
vec4 x1_v = texture(x1, gl_FragCoord.xy * outScale);
out0 = vec4(op(x0_v.x, x1_v.x), op(x0_v.y, x1_v.y), op(x0_v.z, x1_v.z), op(x0_v.w, x1_v.w));
}
