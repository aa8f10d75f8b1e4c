/** Creates the context, and probes its limits by drawing. */
import type { Limits } from '../plan/plan';
import type { ContextSource } from './options';
import { UPLOAD_UNIT, type TextureUnits } from './texture_units';

/** Thrown when the backend starts where there is no WebGL2. The message names the reason. */
export class NoWebGL2Error extends Error {
  /** @internal */
  constructor(found: string) {
    super(`convgl needs WebGL2, but ${found}.`);
    this.name = 'NoWebGL2Error';
  }
}

/** Thrown when the backend starts, or its context is restored, on a device that cannot render to 32-bit float textures. */
export class NoFloat32RenderingError extends Error {
  /** @internal */
  constructor(found: string) {
    super(`convgl needs to render to RGBA32F textures, but ${found}.`);
    this.name = 'NoFloat32RenderingError';
  }
}

/**
 * Thrown by ops while the context is lost, and by reads of tensors that were lost with it. Tensors whose values are on the host
 * survive; `convglBackend().contextRestored()` waits until ops work again.
 */
export class ContextLostError extends Error {
  /** @internal */
  constructor(what: string) {
    super(
      `${what}: the WebGL context was lost. Tensors that were only on the GPU are gone; new ones work once it is restored.`,
    );
    this.name = 'ContextLostError';
  }
}

/** An object of the context; a lost one may make none. @throws ContextLostError */
export function made<T>(object: T | null, what: string): T {
  if (object === null) throw new ContextLostError(what);
  return object;
}

const ATTRIBUTES: WebGLContextAttributes = {
  alpha: false,
  antialias: false,
  depth: false,
  stencil: false,
  premultipliedAlpha: false,
  preserveDrawingBuffer: false,
  powerPreference: 'high-performance',
};

/** Draws one triangle that covers the viewport; every pass uses it. */
export const VERTEX_SHADER = `#version 300 es
void main() { gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, 0.0, 1.0); }
`;

/**
 * The caller's context, or a new one on the caller's canvas, on a canvas of our own in a page, or on an OffscreenCanvas
 * in a worker.
 *
 * @throws NoWebGL2Error
 */
export function openContext(source: ContextSource): WebGL2RenderingContext {
  if (source.context) return source.context;
  const canvas = source.canvas ?? newCanvas();
  const gl = (canvas as HTMLCanvasElement).getContext('webgl2', ATTRIBUTES);
  if (!gl)
    throw new NoWebGL2Error(
      'getContext("webgl2") gave none: the browser, its GPU block list or the canvas (does it hold a context of another kind?) refuses',
    );
  return gl;
}

function newCanvas(): HTMLCanvasElement | OffscreenCanvas {
  if (typeof document !== 'undefined') return document.createElement('canvas');
  if (typeof OffscreenCanvas !== 'undefined') return new OffscreenCanvas(1, 1);
  throw new NoWebGL2Error('there is neither a document nor an OffscreenCanvas here (is this Node?)');
}

/**
 * What the device can do, where possible by doing it.
 *
 * @param maxTextureSize an upper bound to pretend, for tests
 * @throws NoFloat32RenderingError
 */
export function probeLimits(gl: WebGL2RenderingContext, units: TextureUnits, maxTextureSize = Infinity): Limits {
  if (!gl.getExtension('EXT_color_buffer_float'))
    throw new NoFloat32RenderingError('EXT_color_buffer_float is missing');
  const announced = Math.min(
    8,
    gl.getParameter(gl.MAX_DRAW_BUFFERS) as number,
    gl.getParameter(gl.MAX_COLOR_ATTACHMENTS) as number,
  );
  let maxTargets = announced;
  while (maxTargets > 0 && !drawsFloats(gl, units, maxTargets)) maxTargets--;
  if (maxTargets === 0) throw new NoFloat32RenderingError('a probing draw read back wrong values');
  return { maxTargets, maxTextureSize: Math.min(maxTextureSize, gl.getParameter(gl.MAX_TEXTURE_SIZE) as number) };
}

/** Whether a draw into `targets` RGBA32F textures at once gives the exact values, read back from each. */
function drawsFloats(gl: WebGL2RenderingContext, units: TextureUnits, targets: number): boolean {
  const indices = Array.from({ length: targets }, (_, i) => i);
  const program = linkProbe(gl, indices);
  const framebuffer = gl.createFramebuffer();
  gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
  const textures = indices.map((i) => {
    const texture = gl.createTexture();
    units.activate(UPLOAD_UNIT, { handle: texture, layers: 1 });
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA32F, 1, 1);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0 + i, gl.TEXTURE_2D, texture, 0);
    return texture;
  });
  gl.drawBuffers(indices.map((i) => gl.COLOR_ATTACHMENT0 + i));
  let exact = gl.checkFramebufferStatus(gl.FRAMEBUFFER) === gl.FRAMEBUFFER_COMPLETE;
  if (exact) {
    gl.useProgram(program);
    gl.viewport(0, 0, 1, 1);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    const pixel = new Float32Array(4);
    for (const i of indices) {
      gl.readBuffer(gl.COLOR_ATTACHMENT0 + i);
      gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.FLOAT, pixel);
      // 16777217/16777216 needs all 24 bits of a float's significand; 1e30 needs its exponent.
      exact &&=
        pixel[0] === i + 1 &&
        pixel[1] === Math.fround(1 / 3) &&
        pixel[2] === Math.fround(1e30) &&
        pixel[3] === -1.0000001192092896;
    }
  }
  gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  gl.deleteFramebuffer(framebuffer);
  textures.forEach((t) => gl.deleteTexture(t));
  gl.deleteProgram(program);
  return exact && gl.getError() === gl.NO_ERROR;
}

const PROBING = 'Finding out what the device can do';

function linkProbe(gl: WebGL2RenderingContext, indices: readonly number[]): WebGLProgram {
  const fragment = `#version 300 es
precision highp float;
uniform vec3 probe;
${indices.map((i) => `layout(location = ${i}) out vec4 out${i};`).join('\n')}
void main() { ${indices.map((i) => `out${i} = vec4(${i + 1}.0, probe);`).join(' ')} }
`;
  const program = made<WebGLProgram>(gl.createProgram(), PROBING);
  for (const [type, text] of [
    [gl.VERTEX_SHADER, VERTEX_SHADER],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = made(gl.createShader(type), PROBING);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    gl.deleteShader(shader);
  }
  gl.linkProgram(program);
  gl.useProgram(program);
  // As uniforms, so that no compiler folds the constants.
  gl.uniform3f(gl.getUniformLocation(program, 'probe'), 1 / 3, 1e30, -1.0000001192092896);
  return program;
}

/** The name of the device that computes, as far as the browser tells it. */
export function rendererName(gl: WebGL2RenderingContext): string {
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  return String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
}
