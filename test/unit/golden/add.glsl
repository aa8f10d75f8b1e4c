#version 300 es
// map {"operands":[{"name":"a","dtype":"float32","access":"same"},{"name":"b","dtype":"float32","access":"same"}],"expression":"a + b","helpers":"","attributes":[],"integers":[],"floats":false,"dtype":"float32","rank":0}
precision highp float;
precision highp int;
uniform highp sampler2D a;
uniform highp sampler2D b;
uniform int outWidth;
layout(location = 0) out vec4 out0;
int outTexel() { return int(gl_FragCoord.y) * outWidth + int(gl_FragCoord.x); }
float op(float a, float b) { return a + b; }
void main() {
vec4 a_v = texelFetch(a, ivec2(gl_FragCoord.xy), 0);
vec4 b_v = texelFetch(b, ivec2(gl_FragCoord.xy), 0);
out0 = vec4(op(float(a_v.x), float(b_v.x)), op(float(a_v.y), float(b_v.y)), op(float(a_v.z), float(b_v.z)), op(float(a_v.w), float(b_v.w)));
}
