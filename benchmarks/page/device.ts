/** A WebGL2 context of the benchmark's own, with just enough around it to time raw draws. */

/** Float textures drawn to together. */
export interface Target {
  readonly framebuffer: WebGLFramebuffer;
  readonly texture: WebGLTexture;
  readonly width: number;
  readonly height: number;
}

export interface Device {
  readonly program: (fragment: string) => WebGLProgram;
  readonly target: (width: number, height: number, attachments: number) => Target;
  readonly draw: (program: WebGLProgram, target: Target, uniforms: { readonly steps?: number }) => void;
  /** Waits until everything drawn before is done. */
  readonly finish: (target: Target) => void;
  readonly upload: (target: Target, values: Float32Array) => void;
  readonly read: (target: Target, values: Float32Array) => void;
  readonly remove: (program: WebGLProgram) => void;
  readonly end: () => void;
}

/** One triangle that covers everything. */
const VERTEX = `#version 300 es
void main() {
  gl_Position = vec4(vec2(gl_VertexID == 1 ? 3 : -1, gl_VertexID == 2 ? 3 : -1), 0, 1);
}`;

function openContext(): WebGL2RenderingContext {
  const options = { alpha: false, antialias: false, depth: false, powerPreference: 'high-performance' } as const;
  const gl = document.createElement('canvas').getContext('webgl2', options) as WebGL2RenderingContext | null;
  if (!gl) throw new Error('The ceilings need WebGL2, which this browser does not offer.');
  if (!gl.getExtension('EXT_color_buffer_float')) {
    throw new Error('The ceilings need float render targets (EXT_color_buffer_float), which this device lacks.');
  }
  return gl;
}

/** The renderer's own name, where the browser tells it. */
export function rendererName(): { renderer: string; vendor: string } {
  const gl = openContext();
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const names = {
    renderer: String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER)),
    vendor: String(gl.getParameter(info ? info.UNMASKED_VENDOR_WEBGL : gl.VENDOR)),
  };
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return names;
}

function link(gl: WebGL2RenderingContext, fragment: string): WebGLProgram {
  const program = gl.createProgram();
  for (const [type, text] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(type);
    if (!shader) throw new Error('The context was lost while a ceiling was measured.');
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
    throw new Error(`A ceiling's shader does not link: ${gl.getProgramInfoLog(program)}\n${fragment}`);
  }
  return program;
}

function makeTexture(gl: WebGL2RenderingContext, width: number, height: number): WebGLTexture {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA32F, width, height);
  for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
    gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
  }
  for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) {
    gl.texParameteri(gl.TEXTURE_2D, name, gl.CLAMP_TO_EDGE);
  }
  return texture;
}

function makeTarget(gl: WebGL2RenderingContext, width: number, height: number, attachments: number): Target {
  const framebuffer = gl.createFramebuffer();
  gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
  const textures = Array.from({ length: attachments }, (_, i) => {
    const texture = makeTexture(gl, width, height);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0 + i, gl.TEXTURE_2D, texture, 0);
    return texture;
  });
  gl.drawBuffers(textures.map((_, i) => gl.COLOR_ATTACHMENT0 + i));
  if (gl.checkFramebufferStatus(gl.FRAMEBUFFER) !== gl.FRAMEBUFFER_COMPLETE) {
    throw new Error(`This device cannot draw to ${attachments} float targets of ${width}x${height}.`);
  }
  return { framebuffer, texture: textures[0]!, width, height };
}

/** Opens a context. */
export function createDevice(): Device {
  const gl = openContext();
  const source = makeTexture(gl, 1024, 1024);
  gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, 1024, 1024, gl.RGBA, gl.FLOAT, new Float32Array(4 << 20).fill(1e-3));
  const pixel = new Float32Array(4);
  const locations = new Map<WebGLProgram, WebGLUniformLocation | null>();
  return {
    program: (fragment) => {
      const program = link(gl, fragment);
      locations.set(program, gl.getUniformLocation(program, 'steps'));
      return program;
    },
    target: (width, height, attachments) => makeTarget(gl, width, height, attachments),
    draw: (program, { framebuffer, width, height }, { steps = 0 }) => {
      gl.useProgram(program);
      gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
      gl.viewport(0, 0, width, height);
      gl.bindTexture(gl.TEXTURE_2D, source);
      gl.uniform1i(locations.get(program) ?? null, steps);
      gl.drawArrays(gl.TRIANGLES, 0, 3);
    },
    finish: ({ framebuffer }) => {
      gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
      gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.FLOAT, pixel);
    },
    upload: ({ texture, width, height }, values) => {
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, gl.RGBA, gl.FLOAT, values);
    },
    read: ({ framebuffer, width, height }, values) => {
      gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
      gl.readPixels(0, 0, width, height, gl.RGBA, gl.FLOAT, values);
    },
    remove: (program) => {
      locations.delete(program);
      gl.deleteProgram(program);
    },
    end: () => gl.getExtension('WEBGL_lose_context')?.loseContext(),
  };
}
