/** A renderer that draws with raw WebGL2 and, as engines do, sets its state once and takes it for granted ever after. */

/** The size of its pictures, in pixels. */
const SIDE = 8;

/**
 * All state that getParameter tells, texture units and indexed bindings aside; and the stencil's references, of which Firefox
 * tells as many bits as the framebuffer has that it drew into last: the picture shows those.
 */
const PARAMETERS = [
  ...[
    'ACTIVE_TEXTURE',
    'ARRAY_BUFFER_BINDING',
    'BLEND_COLOR',
    'BLEND_DST_ALPHA',
    'BLEND_DST_RGB',
    'BLEND_EQUATION_ALPHA',
  ],
  ...[
    'BLEND_EQUATION_RGB',
    'BLEND_SRC_ALPHA',
    'BLEND_SRC_RGB',
    'COLOR_CLEAR_VALUE',
    'COLOR_WRITEMASK',
    'CULL_FACE_MODE',
  ],
  ...['COPY_READ_BUFFER_BINDING', 'COPY_WRITE_BUFFER_BINDING', 'CURRENT_PROGRAM', 'DEPTH_CLEAR_VALUE', 'DEPTH_FUNC'],
  ...['DEPTH_RANGE', 'DEPTH_WRITEMASK', 'DRAW_BUFFER0', 'DRAW_BUFFER1', 'DRAW_FRAMEBUFFER_BINDING', 'FRONT_FACE'],
  ...['ELEMENT_ARRAY_BUFFER_BINDING', 'FRAGMENT_SHADER_DERIVATIVE_HINT', 'GENERATE_MIPMAP_HINT', 'LINE_WIDTH'],
  ...['PACK_ALIGNMENT', 'PACK_ROW_LENGTH', 'PACK_SKIP_PIXELS', 'PACK_SKIP_ROWS', 'PIXEL_PACK_BUFFER_BINDING'],
  ...['PIXEL_UNPACK_BUFFER_BINDING', 'POLYGON_OFFSET_FACTOR', 'POLYGON_OFFSET_UNITS', 'READ_BUFFER'],
  ...['READ_FRAMEBUFFER_BINDING', 'RENDERBUFFER_BINDING', 'SAMPLE_COVERAGE_INVERT', 'SAMPLE_COVERAGE_VALUE'],
  ...['SCISSOR_BOX', 'STENCIL_BACK_FAIL', 'STENCIL_BACK_FUNC', 'STENCIL_BACK_PASS_DEPTH_FAIL'],
  ...['STENCIL_BACK_PASS_DEPTH_PASS', 'STENCIL_BACK_VALUE_MASK', 'STENCIL_BACK_WRITEMASK', 'STENCIL_CLEAR_VALUE'],
  ...['STENCIL_FAIL', 'STENCIL_FUNC', 'STENCIL_PASS_DEPTH_FAIL', 'STENCIL_PASS_DEPTH_PASS'],
  ...['STENCIL_VALUE_MASK', 'STENCIL_WRITEMASK', 'TRANSFORM_FEEDBACK_ACTIVE', 'TRANSFORM_FEEDBACK_BINDING'],
  ...['TRANSFORM_FEEDBACK_BUFFER_BINDING', 'TRANSFORM_FEEDBACK_PAUSED', 'UNIFORM_BUFFER_BINDING', 'UNPACK_ALIGNMENT'],
  ...['UNPACK_COLORSPACE_CONVERSION_WEBGL', 'UNPACK_FLIP_Y_WEBGL', 'UNPACK_IMAGE_HEIGHT', 'UNPACK_ROW_LENGTH'],
  ...['UNPACK_PREMULTIPLY_ALPHA_WEBGL', 'UNPACK_SKIP_IMAGES', 'UNPACK_SKIP_PIXELS', 'UNPACK_SKIP_ROWS'],
  ...['VERTEX_ARRAY_BINDING', 'VIEWPORT'],
];

const CAPABILITIES = [
  ...['BLEND', 'CULL_FACE', 'DEPTH_TEST', 'DITHER', 'POLYGON_OFFSET_FILL', 'RASTERIZER_DISCARD', 'SCISSOR_TEST'],
  ...['SAMPLE_ALPHA_TO_COVERAGE', 'SAMPLE_COVERAGE', 'STENCIL_TEST'],
];

const BOUND_TO_UNITS = [
  ...['TEXTURE_BINDING_2D', 'TEXTURE_BINDING_3D', 'TEXTURE_BINDING_CUBE_MAP', 'TEXTURE_BINDING_2D_ARRAY'],
  'SAMPLER_BINDING',
];

/** The value of one of WebGL's constants. */
function constant(gl: WebGL2RenderingContext, name: string): number {
  return Reflect.get(gl, name) as number;
}

/** Everything that the context remembers between two calls; objects as themselves. */
export function stateOf(gl: WebGL2RenderingContext): Readonly<Record<string, unknown>> {
  const state: Record<string, unknown> = {};
  for (const name of PARAMETERS) state[name] = gl.getParameter(constant(gl, name));
  for (const name of CAPABILITIES) state[name] = gl.isEnabled(constant(gl, name));
  for (const i of [0, 1, 2]) state[`uniform buffer ${i}`] = gl.getIndexedParameter(gl.UNIFORM_BUFFER_BINDING, i);
  for (let unit = 0; unit < 32; unit++) {
    gl.activeTexture(gl.TEXTURE0 + unit);
    for (const name of BOUND_TO_UNITS) state[`${name} ${unit}`] = gl.getParameter(constant(gl, name));
  }
  gl.activeTexture(state['ACTIVE_TEXTURE'] as number);
  return state;
}

const VERTEX = `#version 300 es
layout(location = 0) in vec2 corner;
uniform Placement { vec4 offset; };
out float feedback;
void main() { feedback = corner.x; gl_Position = vec4(corner * 0.8 + offset.xy, 0.2, 1.0); }
`;

const FRAGMENT = `#version 300 es
precision highp float;
uniform sampler2D first;
uniform sampler2D second;
uniform sampler2D last;
layout(location = 0) out vec4 nothing;
layout(location = 1) out vec4 color;
void main() {
  nothing = vec4(1.0);
  color = texture(first, gl_FragCoord.xy / ${SIDE}.0) * 0.5 + texture(second, vec2(0.4)) * 0.3 + texture(last, vec2(0.5)) * 0.2;
}
`;

/** What the tests use of the renderer. */
export interface Renderer {
  readonly gl: WebGL2RenderingContext;
  /** Draws once more over what is there, and gives all pixels. */
  draw(): Uint8Array;
  /** Starts to record the corners that it would draw with. */
  beginFeedback(): void;
  /** Draws while recording, and gives the x of each recorded corner. */
  endFeedback(): Float32Array;
}

/** A program of the renderer's, linked and not yet current. */
export function programOf(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [type, text] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(type)!;
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.transformFeedbackVaryings(program, ['feedback'], gl.SEPARATE_ATTRIBS);
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) ?? '');
  return program;
}

function bufferOf(gl: WebGL2RenderingContext, target: number, data: AllowSharedBufferSource): WebGLBuffer {
  const buffer = gl.createBuffer();
  gl.bindBuffer(target, buffer);
  // No READ usage: Chrome maps such buffers at a fence, and gives the context up where it cannot, as with bound feedback.
  gl.bufferData(target, data, gl.DYNAMIC_COPY);
  return buffer;
}

/** A texture of different pixels on a unit; without mipmaps, it needs a sampler or a filter that does not want them. */
function textureOn(gl: WebGL2RenderingContext, unit: number, side: number): WebGLTexture {
  const texture = gl.createTexture();
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D, texture);
  const pixels = Uint8Array.from({ length: side * side * 4 }, (_, i) => (i * 73 + unit * 31) % 256);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, side, side, 0, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
  return texture;
}

/** Two framebuffers over the same pictures: one to draw into the second of them, one to read that. */
function bindFramebuffers(gl: WebGL2RenderingContext): void {
  const pictures = [8, 9].map((unit) => textureOn(gl, unit, SIDE));
  const depth = gl.createRenderbuffer();
  gl.bindRenderbuffer(gl.RENDERBUFFER, depth);
  gl.renderbufferStorage(gl.RENDERBUFFER, gl.DEPTH24_STENCIL8, SIDE, SIDE);
  gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, gl.createFramebuffer());
  pictures.forEach((picture, i) =>
    gl.framebufferTexture2D(gl.DRAW_FRAMEBUFFER, gl.COLOR_ATTACHMENT0 + i, gl.TEXTURE_2D, picture, 0),
  );
  gl.framebufferRenderbuffer(gl.DRAW_FRAMEBUFFER, gl.DEPTH_STENCIL_ATTACHMENT, gl.RENDERBUFFER, depth);
  gl.drawBuffers([gl.NONE, gl.COLOR_ATTACHMENT1]);
  gl.bindFramebuffer(gl.READ_FRAMEBUFFER, gl.createFramebuffer());
  gl.framebufferTexture2D(gl.READ_FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, pictures[1]!, 0);
}

function bindVertices(gl: WebGL2RenderingContext): void {
  gl.bindVertexArray(gl.createVertexArray());
  bufferOf(gl, gl.ARRAY_BUFFER, new Float32Array([-1, -1, 1, -1, 1, 1, -1, 1]));
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
  bufferOf(gl, gl.ELEMENT_ARRAY_BUFFER, new Uint16Array([0, 1, 2, 0, 2, 3]));
}

function bindInputs(gl: WebGL2RenderingContext): void {
  const program = programOf(gl);
  gl.useProgram(program);
  (
    [
      ['first', 0],
      ['second', 1],
      ['last', 31],
    ] as const
  ).forEach(([name, unit]) => {
    textureOn(gl, unit, 4);
    gl.uniform1i(gl.getUniformLocation(program, name), unit);
  });
  // Without it, the second texture would be sampled smoothly.
  const sampler = gl.createSampler();
  gl.samplerParameteri(sampler, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.samplerParameteri(sampler, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  for (const unit of [0, 1, 5]) gl.bindSampler(unit, sampler);
  gl.bindTexture(gl.TEXTURE_3D, gl.createTexture());
  gl.uniformBlockBinding(program, gl.getUniformBlockIndex(program, 'Placement'), 2);
  gl.bindBufferBase(gl.UNIFORM_BUFFER, 2, bufferOf(gl, gl.UNIFORM_BUFFER, new Float32Array([0.1, 0.2, 0, 0])));
}

function setDrawingState(gl: WebGL2RenderingContext): void {
  for (const name of CAPABILITIES) if (name !== 'RASTERIZER_DISCARD') gl.enable(constant(gl, name));
  gl.blendFuncSeparate(gl.ONE, gl.ONE_MINUS_SRC_ALPHA, gl.ONE, gl.ZERO);
  gl.blendEquation(gl.FUNC_SUBTRACT);
  gl.depthFunc(gl.ALWAYS);
  gl.stencilFunc(gl.GEQUAL, 200, 0xff);
  gl.stencilOp(gl.KEEP, gl.KEEP, gl.INCR);
  gl.cullFace(gl.FRONT);
  gl.frontFace(gl.CW);
  gl.polygonOffset(2, 3);
  gl.sampleCoverage(0.5, true);
  gl.viewport(1, 0, SIDE, SIDE - 1);
  gl.scissor(0, 1, SIDE - 2, SIDE);
  gl.colorMask(true, false, true, true);
  gl.clearColor(0.1, 0.2, 0.3, 0.4);
}

/** Last, since it changes what uploads mean. */
function setPixelState(gl: WebGL2RenderingContext): void {
  for (const name of [gl.UNPACK_ROW_LENGTH, gl.UNPACK_SKIP_ROWS, gl.UNPACK_SKIP_PIXELS, gl.UNPACK_SKIP_IMAGES]) {
    gl.pixelStorei(name, 3);
  }
  for (const name of [gl.PACK_SKIP_ROWS, gl.PACK_SKIP_PIXELS, gl.UNPACK_ALIGNMENT]) gl.pixelStorei(name, 2);
  gl.pixelStorei(gl.PACK_ROW_LENGTH, SIDE + 3);
  gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, true);
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
  gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
  bufferOf(gl, gl.PIXEL_UNPACK_BUFFER, new Uint8Array(64));
  bufferOf(gl, gl.COPY_READ_BUFFER, new Uint8Array(64));
  gl.activeTexture(gl.TEXTURE5);
}

/** The renderer, on a context of its own. */
export function rendererOf(): Renderer {
  const gl = document.createElement('canvas').getContext('webgl2')!;
  bindFramebuffers(gl);
  bindVertices(gl);
  bindInputs(gl);
  const pixels = new Uint8Array((SIDE + 3) * (SIDE + 3) * 4);
  bufferOf(gl, gl.PIXEL_PACK_BUFFER, pixels);
  const recorded = new Float32Array(6);
  gl.bindTransformFeedback(gl.TRANSFORM_FEEDBACK, gl.createTransformFeedback());
  gl.bindBufferBase(gl.TRANSFORM_FEEDBACK_BUFFER, 0, bufferOf(gl, gl.TRANSFORM_FEEDBACK_BUFFER, recorded));
  setDrawingState(gl);
  setPixelState(gl);
  return {
    gl,
    draw: () => {
      gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT | gl.STENCIL_BUFFER_BIT);
      gl.drawElements(gl.TRIANGLES, 6, gl.UNSIGNED_SHORT, 0);
      gl.readPixels(0, 0, SIDE, SIDE, gl.RGBA, gl.UNSIGNED_BYTE, 0);
      gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, pixels);
      return pixels.slice();
    },
    beginFeedback: () => {
      gl.enable(gl.RASTERIZER_DISCARD);
      gl.beginTransformFeedback(gl.TRIANGLES);
    },
    endFeedback: () => {
      gl.drawArrays(gl.TRIANGLES, 0, 3);
      gl.endTransformFeedback();
      gl.disable(gl.RASTERIZER_DISCARD);
      gl.getBufferSubData(gl.TRANSFORM_FEEDBACK_BUFFER, 0, recorded);
      return recorded.slice(0, 3);
    },
  };
}
