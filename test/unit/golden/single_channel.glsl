#version 300 es
// singleChannel {"rows":2,"down":{"size":5,"stride":1},"along":{"size":5,"stride":1},"left":2,"guardsRows":true,"guarded":[-1,1],"access":"wide","filterRuns":8}
precision highp float;
precision highp int;
uniform highp sampler2D x;
uniform highp sampler2D weights;
uniform int outWidth;
uniform int inRows, inTexels, top, tiles, quads, outTexels;
uniform float xPerRow, xRunScale;
uniform vec2 xScale;
uniform vec2 filterScale;
layout(location = 0) out vec4 out0;
layout(location = 1) out vec4 out1;
layout(location = 2) out vec4 out2;
layout(location = 3) out vec4 out3;
layout(location = 4) out vec4 out4;
layout(location = 5) out vec4 out5;
layout(location = 6) out vec4 out6;
layout(location = 7) out vec4 out7;
int outTexel() { return int(gl_FragCoord.y) * outWidth + int(gl_FragCoord.x); }
int divIndex(int a, int b) {
  int q = int(float(a) / float(b));
  q += int(floor(float(a - q * b) / float(b)));
  int r = a - q * b;
  return q - int(r < 0) + int(r >= b);
}
#define x_Row vec2
#define x_Column float
x_Row x_row(int g) { float y = floor((float(g) + 0.5) * xRunScale);
return vec2((float(g) - y * xPerRow) * xRunScale, (y + 0.5) * xScale.y); }
x_Column x_column(int i) { return (float(i) + 0.5) * xScale.x; }
x_Column x_step(int i) { return float(i) * xScale.x; }
vec4 x_at(x_Row row, x_Column column) { return texture(x, vec2(row.x + column, row.y)); }
void main() {

int t = outTexel();
int o4 = t; t = divIndex(t, outTexels); o4 -= t * outTexels;
int quad = t; t = divIndex(t, quads); quad -= t * quads;
int tile = t; t = divIndex(t, tiles); tile -= t * tiles;
int first = tile * 2 - top, own = quad * 1;
bool x0_m1_in = uint(own + -1) < uint(inTexels);
bool x0_1_in = uint(own + 1) < uint(inTexels);
x_Column column_m1 = x_column(own + -1); x_Column column_0 = x_column(own + 0); x_Column column_1 = x_column(own + 1);

bool row0_in = uint(first + 0) < uint(inRows);
x_Row from0 = x_row(t * inRows + first + 0);
vec4 x0_m1 = mix(vec4(0.0), x_at(from0, column_m1), bvec4(row0_in && x0_m1_in));
vec4 x0_0 = mix(vec4(0.0), x_at(from0, column_0), bvec4(row0_in));
vec4 x0_1 = mix(vec4(0.0), x_at(from0, column_1), bvec4(row0_in && x0_1_in));

bool row1_in = uint(first + 1) < uint(inRows);
x_Row from1 = x_row(t * inRows + first + 1);
vec4 x1_m1 = mix(vec4(0.0), x_at(from1, column_m1), bvec4(row1_in && x0_m1_in));
vec4 x1_0 = mix(vec4(0.0), x_at(from1, column_0), bvec4(row1_in));
vec4 x1_1 = mix(vec4(0.0), x_at(from1, column_1), bvec4(row1_in && x0_1_in));

bool row2_in = uint(first + 2) < uint(inRows);
x_Row from2 = x_row(t * inRows + first + 2);
vec4 x2_m1 = mix(vec4(0.0), x_at(from2, column_m1), bvec4(row2_in && x0_m1_in));
vec4 x2_0 = mix(vec4(0.0), x_at(from2, column_0), bvec4(row2_in));
vec4 x2_1 = mix(vec4(0.0), x_at(from2, column_1), bvec4(row2_in && x0_1_in));

bool row3_in = uint(first + 3) < uint(inRows);
x_Row from3 = x_row(t * inRows + first + 3);
vec4 x3_m1 = mix(vec4(0.0), x_at(from3, column_m1), bvec4(row3_in && x0_m1_in));
vec4 x3_0 = mix(vec4(0.0), x_at(from3, column_0), bvec4(row3_in));
vec4 x3_1 = mix(vec4(0.0), x_at(from3, column_1), bvec4(row3_in && x0_1_in));

bool row4_in = uint(first + 4) < uint(inRows);
x_Row from4 = x_row(t * inRows + first + 4);
vec4 x4_m1 = mix(vec4(0.0), x_at(from4, column_m1), bvec4(row4_in && x0_m1_in));
vec4 x4_0 = mix(vec4(0.0), x_at(from4, column_0), bvec4(row4_in));
vec4 x4_1 = mix(vec4(0.0), x_at(from4, column_1), bvec4(row4_in && x0_1_in));

bool row5_in = uint(first + 5) < uint(inRows);
x_Row from5 = x_row(t * inRows + first + 5);
vec4 x5_m1 = mix(vec4(0.0), x_at(from5, column_m1), bvec4(row5_in && x0_m1_in));
vec4 x5_0 = mix(vec4(0.0), x_at(from5, column_0), bvec4(row5_in));
vec4 x5_1 = mix(vec4(0.0), x_at(from5, column_1), bvec4(row5_in && x0_1_in));
float wu = (float(o4) + 0.5) * filterScale.x, wStep = float(outTexels) * filterScale.x;
vec4 acc0_0 = vec4(0.0); vec4 acc0_1 = vec4(0.0); vec4 acc0_2 = vec4(0.0); vec4 acc0_3 = vec4(0.0); vec4 acc1_0 = vec4(0.0); vec4 acc1_1 = vec4(0.0); vec4 acc1_2 = vec4(0.0); vec4 acc1_3 = vec4(0.0);
{ vec4 w = texture(weights, vec2(wu + 0.0 * wStep, 0.5 * filterScale.y));
{ vec4 v = vec4(x0_m1.z, x0_m1.w, x0_0.x, x0_0.y); acc0_0 += w.x * v; acc0_1 += w.y * v; acc0_2 += w.z * v; acc0_3 += w.w * v; } { vec4 v = vec4(x1_m1.z, x1_m1.w, x1_0.x, x1_0.y); acc1_0 += w.x * v; acc1_1 += w.y * v; acc1_2 += w.z * v; acc1_3 += w.w * v; } }
{ vec4 w = texture(weights, vec2(wu + 1.0 * wStep, 0.5 * filterScale.y));
{ vec4 v = vec4(x0_m1.w, x0_0.x, x0_0.y, x0_0.z); acc0_0 += w.x * v; acc0_1 += w.y * v; acc0_2 += w.z * v; acc0_3 += w.w * v; } { vec4 v = vec4(x1_m1.w, x1_0.x, x1_0.y, x1_0.z); acc1_0 += w.x * v; acc1_1 += w.y * v; acc1_2 += w.z * v; acc1_3 += w.w * v; } }
{ vec4 w = texture(weights, vec2(wu + 2.0 * wStep, 0.5 * filterScale.y));
{ vec4 v = vec4(x0_0.x, x0_0.y, x0_0.z, x0_0.w); acc0_0 += w.x * v; acc0_1 += w.y * v; acc0_2 += w.z * v; acc0_3 += w.w * v; } { vec4 v = vec4(x1_0.x, x1_0.y, x1_0.z, x1_0.w); acc1_0 += w.x * v; acc1_1 += w.y * v; acc1_2 += w.z * v; acc1_3 += w.w * v; } }
{ vec4 w = texture(weights, vec2(wu + 3.0 * wStep, 0.5 * filterScale.y));
{ vec4 v = vec4(x0_0.y, x0_0.z, x0_0.w, x0_1.x); acc0_0 += w.x * v; acc0_1 += w.y * v; acc0_2 += w.z * v; acc0_3 += w.w * v; } { vec4 v = vec4(x1_0.y, x1_0.z, x1_0.w, x1_1.x); acc1_0 += w.x * v; acc1_1 += w.y * v; acc1_2 += w.z * v; acc1_3 += w.w * v; } }
{ vec4 w = texture(weights, vec2(wu + 4.0 * wStep, 0.5 * filterScale.y));
{ vec4 v = vec4(x0_0.z, x0_0.w, x0_1.x, x0_1.y); acc0_0 += w.x * v; acc0_1 += w.y * v; acc0_2 += w.z * v; acc0_3 += w.w * v; } { vec4 v = vec4(x1_0.z, x1_0.w, x1_1.x, x1_1.y); acc1_0 += w.x * v; acc1_1 += w.y * v; acc1_2 += w.z * v; acc1_3 += w.w * v; } }
{ vec4 w = texture(weights, vec2(wu + 5.0 * wStep, 0.5 * filterScale.y));
{ vec4 v = vec4(x1_m1.z, x1_m1.w, x1_0.x, x1_0.y); acc0_0 += w.x * v; acc0_1 += w.y * v; acc0_2 += w.z * v; acc0_3 += w.w * v; } { vec4 v = vec4(x2_m1.z, x2_m1.w, x2_0.x, x2_0.y); acc1_0 += w.x * v; acc1_1 += w.y * v; acc1_2 += w.z * v; acc1_3 += w.w * v; } }
{ vec4 w = texture(weights, vec2(wu + 6.0 * wStep, 0.5 * filterScale.y));
{ vec4 v = vec4(x1_m1.w, x1_0.x, x1_0.y, x1_0.z); acc0_0 += w.x * v; acc0_1 += w.y * v; acc0_2 += w.z * v; acc0_3 += w.w * v; } { vec4 v = vec4(x2_m1.w, x2_0.x, x2_0.y, x2_0.z); acc1_0 += w.x * v; acc1_1 += w.y * v; acc1_2 += w.z * v; acc1_3 += w.w * v; } }
{ vec4 w = texture(weights, vec2(wu + 7.0 * wStep, 0.5 * filterScale.y));
{ vec4 v = vec4(x1_0.x, x1_0.y, x1_0.z, x1_0.w); acc0_0 += w.x * v; acc0_1 += w.y * v; acc0_2 += w.z * v; acc0_3 += w.w * v; } { vec4 v = vec4(x2_0.x, x2_0.y, x2_0.z, x2_0.w); acc1_0 += w.x * v; acc1_1 += w.y * v; acc1_2 += w.z * v; acc1_3 += w.w * v; } }
{ vec4 w = texture(weights, vec2(wu + 0.0 * wStep, 1.5 * filterScale.y));
{ vec4 v = vec4(x1_0.y, x1_0.z, x1_0.w, x1_1.x); acc0_0 += w.x * v; acc0_1 += w.y * v; acc0_2 += w.z * v; acc0_3 += w.w * v; } { vec4 v = vec4(x2_0.y, x2_0.z, x2_0.w, x2_1.x); acc1_0 += w.x * v; acc1_1 += w.y * v; acc1_2 += w.z * v; acc1_3 += w.w * v; } }
{ vec4 w = texture(weights, vec2(wu + 1.0 * wStep, 1.5 * filterScale.y));
{ vec4 v = vec4(x1_0.z, x1_0.w, x1_1.x, x1_1.y); acc0_0 += w.x * v; acc0_1 += w.y * v; acc0_2 += w.z * v; acc0_3 += w.w * v; } { vec4 v = vec4(x2_0.z, x2_0.w, x2_1.x, x2_1.y); acc1_0 += w.x * v; acc1_1 += w.y * v; acc1_2 += w.z * v; acc1_3 += w.w * v; } }
{ vec4 w = texture(weights, vec2(wu + 2.0 * wStep, 1.5 * filterScale.y));
{ vec4 v = vec4(x2_m1.z, x2_m1.w, x2_0.x, x2_0.y); acc0_0 += w.x * v; acc0_1 += w.y * v; acc0_2 += w.z * v; acc0_3 += w.w * v; } { vec4 v = vec4(x3_m1.z, x3_m1.w, x3_0.x, x3_0.y); acc1_0 += w.x * v; acc1_1 += w.y * v; acc1_2 += w.z * v; acc1_3 += w.w * v; } }
{ vec4 w = texture(weights, vec2(wu + 3.0 * wStep, 1.5 * filterScale.y));
{ vec4 v = vec4(x2_m1.w, x2_0.x, x2_0.y, x2_0.z); acc0_0 += w.x * v; acc0_1 += w.y * v; acc0_2 += w.z * v; acc0_3 += w.w * v; } { vec4 v = vec4(x3_m1.w, x3_0.x, x3_0.y, x3_0.z); acc1_0 += w.x * v; acc1_1 += w.y * v; acc1_2 += w.z * v; acc1_3 += w.w * v; } }
{ vec4 w = texture(weights, vec2(wu + 4.0 * wStep, 1.5 * filterScale.y));
{ vec4 v = vec4(x2_0.x, x2_0.y, x2_0.z, x2_0.w); acc0_0 += w.x * v; acc0_1 += w.y * v; acc0_2 += w.z * v; acc0_3 += w.w * v; } { vec4 v = vec4(x3_0.x, x3_0.y, x3_0.z, x3_0.w); acc1_0 += w.x * v; acc1_1 += w.y * v; acc1_2 += w.z * v; acc1_3 += w.w * v; } }
{ vec4 w = texture(weights, vec2(wu + 5.0 * wStep, 1.5 * filterScale.y));
{ vec4 v = vec4(x2_0.y, x2_0.z, x2_0.w, x2_1.x); acc0_0 += w.x * v; acc0_1 += w.y * v; acc0_2 += w.z * v; acc0_3 += w.w * v; } { vec4 v = vec4(x3_0.y, x3_0.z, x3_0.w, x3_1.x); acc1_0 += w.x * v; acc1_1 += w.y * v; acc1_2 += w.z * v; acc1_3 += w.w * v; } }
{ vec4 w = texture(weights, vec2(wu + 6.0 * wStep, 1.5 * filterScale.y));
{ vec4 v = vec4(x2_0.z, x2_0.w, x2_1.x, x2_1.y); acc0_0 += w.x * v; acc0_1 += w.y * v; acc0_2 += w.z * v; acc0_3 += w.w * v; } { vec4 v = vec4(x3_0.z, x3_0.w, x3_1.x, x3_1.y); acc1_0 += w.x * v; acc1_1 += w.y * v; acc1_2 += w.z * v; acc1_3 += w.w * v; } }
{ vec4 w = texture(weights, vec2(wu + 7.0 * wStep, 1.5 * filterScale.y));
{ vec4 v = vec4(x3_m1.z, x3_m1.w, x3_0.x, x3_0.y); acc0_0 += w.x * v; acc0_1 += w.y * v; acc0_2 += w.z * v; acc0_3 += w.w * v; } { vec4 v = vec4(x4_m1.z, x4_m1.w, x4_0.x, x4_0.y); acc1_0 += w.x * v; acc1_1 += w.y * v; acc1_2 += w.z * v; acc1_3 += w.w * v; } }
{ vec4 w = texture(weights, vec2(wu + 0.0 * wStep, 2.5 * filterScale.y));
{ vec4 v = vec4(x3_m1.w, x3_0.x, x3_0.y, x3_0.z); acc0_0 += w.x * v; acc0_1 += w.y * v; acc0_2 += w.z * v; acc0_3 += w.w * v; } { vec4 v = vec4(x4_m1.w, x4_0.x, x4_0.y, x4_0.z); acc1_0 += w.x * v; acc1_1 += w.y * v; acc1_2 += w.z * v; acc1_3 += w.w * v; } }
{ vec4 w = texture(weights, vec2(wu + 1.0 * wStep, 2.5 * filterScale.y));
{ vec4 v = vec4(x3_0.x, x3_0.y, x3_0.z, x3_0.w); acc0_0 += w.x * v; acc0_1 += w.y * v; acc0_2 += w.z * v; acc0_3 += w.w * v; } { vec4 v = vec4(x4_0.x, x4_0.y, x4_0.z, x4_0.w); acc1_0 += w.x * v; acc1_1 += w.y * v; acc1_2 += w.z * v; acc1_3 += w.w * v; } }
{ vec4 w = texture(weights, vec2(wu + 2.0 * wStep, 2.5 * filterScale.y));
{ vec4 v = vec4(x3_0.y, x3_0.z, x3_0.w, x3_1.x); acc0_0 += w.x * v; acc0_1 += w.y * v; acc0_2 += w.z * v; acc0_3 += w.w * v; } { vec4 v = vec4(x4_0.y, x4_0.z, x4_0.w, x4_1.x); acc1_0 += w.x * v; acc1_1 += w.y * v; acc1_2 += w.z * v; acc1_3 += w.w * v; } }
{ vec4 w = texture(weights, vec2(wu + 3.0 * wStep, 2.5 * filterScale.y));
{ vec4 v = vec4(x3_0.z, x3_0.w, x3_1.x, x3_1.y); acc0_0 += w.x * v; acc0_1 += w.y * v; acc0_2 += w.z * v; acc0_3 += w.w * v; } { vec4 v = vec4(x4_0.z, x4_0.w, x4_1.x, x4_1.y); acc1_0 += w.x * v; acc1_1 += w.y * v; acc1_2 += w.z * v; acc1_3 += w.w * v; } }
{ vec4 w = texture(weights, vec2(wu + 4.0 * wStep, 2.5 * filterScale.y));
{ vec4 v = vec4(x4_m1.z, x4_m1.w, x4_0.x, x4_0.y); acc0_0 += w.x * v; acc0_1 += w.y * v; acc0_2 += w.z * v; acc0_3 += w.w * v; } { vec4 v = vec4(x5_m1.z, x5_m1.w, x5_0.x, x5_0.y); acc1_0 += w.x * v; acc1_1 += w.y * v; acc1_2 += w.z * v; acc1_3 += w.w * v; } }
{ vec4 w = texture(weights, vec2(wu + 5.0 * wStep, 2.5 * filterScale.y));
{ vec4 v = vec4(x4_m1.w, x4_0.x, x4_0.y, x4_0.z); acc0_0 += w.x * v; acc0_1 += w.y * v; acc0_2 += w.z * v; acc0_3 += w.w * v; } { vec4 v = vec4(x5_m1.w, x5_0.x, x5_0.y, x5_0.z); acc1_0 += w.x * v; acc1_1 += w.y * v; acc1_2 += w.z * v; acc1_3 += w.w * v; } }
{ vec4 w = texture(weights, vec2(wu + 6.0 * wStep, 2.5 * filterScale.y));
{ vec4 v = vec4(x4_0.x, x4_0.y, x4_0.z, x4_0.w); acc0_0 += w.x * v; acc0_1 += w.y * v; acc0_2 += w.z * v; acc0_3 += w.w * v; } { vec4 v = vec4(x5_0.x, x5_0.y, x5_0.z, x5_0.w); acc1_0 += w.x * v; acc1_1 += w.y * v; acc1_2 += w.z * v; acc1_3 += w.w * v; } }
{ vec4 w = texture(weights, vec2(wu + 7.0 * wStep, 2.5 * filterScale.y));
{ vec4 v = vec4(x4_0.y, x4_0.z, x4_0.w, x4_1.x); acc0_0 += w.x * v; acc0_1 += w.y * v; acc0_2 += w.z * v; acc0_3 += w.w * v; } { vec4 v = vec4(x5_0.y, x5_0.z, x5_0.w, x5_1.x); acc1_0 += w.x * v; acc1_1 += w.y * v; acc1_2 += w.z * v; acc1_3 += w.w * v; } }
{ vec4 w = texture(weights, vec2(wu + 0.0 * wStep, 3.5 * filterScale.y));
{ vec4 v = vec4(x4_0.z, x4_0.w, x4_1.x, x4_1.y); acc0_0 += w.x * v; acc0_1 += w.y * v; acc0_2 += w.z * v; acc0_3 += w.w * v; } { vec4 v = vec4(x5_0.z, x5_0.w, x5_1.x, x5_1.y); acc1_0 += w.x * v; acc1_1 += w.y * v; acc1_2 += w.z * v; acc1_3 += w.w * v; } }
out0 = vec4(acc0_0.x, acc0_1.x, acc0_2.x, acc0_3.x);
out1 = vec4(acc0_0.y, acc0_1.y, acc0_2.y, acc0_3.y);
out2 = vec4(acc0_0.z, acc0_1.z, acc0_2.z, acc0_3.z);
out3 = vec4(acc0_0.w, acc0_1.w, acc0_2.w, acc0_3.w);
out4 = vec4(acc1_0.x, acc1_1.x, acc1_2.x, acc1_3.x);
out5 = vec4(acc1_0.y, acc1_1.y, acc1_2.y, acc1_3.y);
out6 = vec4(acc1_0.z, acc1_1.z, acc1_2.z, acc1_3.z);
out7 = vec4(acc1_0.w, acc1_1.w, acc1_2.w, acc1_3.w);
}
