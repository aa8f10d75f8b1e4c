/** Visits to a context that somebody else draws with: its state is as passes need it while one lasts, and as it was after. */

/** What passes need switched off. Depth, stencil and dither need not be: the targets of passes have none of them. */
const SWITCHED_OFF = ['SCISSOR_TEST', 'BLEND', 'CULL_FACE', 'RASTERIZER_DISCARD'] as const;

/** How uploads and reads lay pixels out in memory. */
const PIXEL_STORE = {
  UNPACK_ALIGNMENT: 4,
  UNPACK_ROW_LENGTH: 0,
  UNPACK_SKIP_ROWS: 0,
  UNPACK_SKIP_PIXELS: 0,
  UNPACK_FLIP_Y_WEBGL: false,
  UNPACK_PREMULTIPLY_ALPHA_WEBGL: false,
  UNPACK_COLORSPACE_CONVERSION_WEBGL: 0x9244, // BROWSER_DEFAULT_WEBGL
  PACK_ALIGNMENT: 4,
  PACK_ROW_LENGTH: 0,
  PACK_SKIP_ROWS: 0,
  PACK_SKIP_PIXELS: 0,
} as const;

const PIXEL_BUFFERS = ['PIXEL_PACK_BUFFER', 'PIXEL_UNPACK_BUFFER'] as const;

/** Calls that put one thing back. */
type Undo = () => void;

/**
 * Notes what passes change of the context's state, texture units aside, and changes what would disturb them.
 *
 * @returns puts everything back
 */
export function enter(gl: WebGL2RenderingContext): Undo {
  const undo = [pauseFeedback(gl), ...switchOff(gl), ...layOutPixels(gl), ...unbindPixelBuffers(gl), ...bindings(gl)];
  return () => {
    // Backwards: a transform feedback resumes last, with its program current.
    if (!gl.isContextLost()) undo.reverse().forEach((put) => put());
  };
}

/** While it is active and not paused, no other program may be made current. */
function pauseFeedback(gl: WebGL2RenderingContext): Undo {
  const active = gl.getParameter(gl.TRANSFORM_FEEDBACK_ACTIVE) as boolean;
  if (!active || gl.getParameter(gl.TRANSFORM_FEEDBACK_PAUSED)) return () => undefined;
  gl.pauseTransformFeedback();
  return () => gl.resumeTransformFeedback();
}

function switchOff(gl: WebGL2RenderingContext): Undo[] {
  const on = SWITCHED_OFF.filter((name) => gl.isEnabled(gl[name]));
  on.forEach((name) => gl.disable(gl[name]));
  const mask = gl.getParameter(gl.COLOR_WRITEMASK) as boolean[];
  if (!mask.every((written) => written)) gl.colorMask(true, true, true, true);
  return [
    ...on.map((name) => () => gl.enable(gl[name])),
    () => gl.colorMask(...(mask as [boolean, boolean, boolean, boolean])),
  ];
}

function layOutPixels(gl: WebGL2RenderingContext): Undo[] {
  return Object.entries(PIXEL_STORE).flatMap(([key, value]): Undo[] => {
    const name = gl[key as keyof typeof PIXEL_STORE];
    const found = gl.getParameter(name) as number | boolean;
    if (found === value) return [];
    gl.pixelStorei(name, value);
    return [() => gl.pixelStorei(name, found)];
  });
}

function unbindPixelBuffers(gl: WebGL2RenderingContext): Undo[] {
  return PIXEL_BUFFERS.flatMap((name): Undo[] => {
    const found = gl.getParameter(gl[`${name}_BINDING`]) as WebGLBuffer | null;
    if (!found) return [];
    gl.bindBuffer(gl[name], null);
    return [() => gl.bindBuffer(gl[name], found)];
  });
}

/** What passes bind without asking what was there. */
function bindings(gl: WebGL2RenderingContext): Undo[] {
  const program = gl.getParameter(gl.CURRENT_PROGRAM) as WebGLProgram | null;
  const vertexArray = gl.getParameter(gl.VERTEX_ARRAY_BINDING) as WebGLVertexArrayObject | null;
  const draws = gl.getParameter(gl.DRAW_FRAMEBUFFER_BINDING) as WebGLFramebuffer | null;
  const reads = gl.getParameter(gl.READ_FRAMEBUFFER_BINDING) as WebGLFramebuffer | null;
  const unit = gl.getParameter(gl.ACTIVE_TEXTURE) as number;
  const viewport = gl.getParameter(gl.VIEWPORT) as [number, number, number, number];
  const scissor = gl.getParameter(gl.SCISSOR_BOX) as [number, number, number, number];
  return [
    () => putProgram(gl, program),
    () => gl.bindVertexArray(vertexArray),
    () => gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, draws),
    () => gl.bindFramebuffer(gl.READ_FRAMEBUFFER, reads),
    () => gl.activeTexture(unit),
    () => gl.viewport(...viewport),
    () => gl.scissor(...scissor),
  ];
}

/** A program that was deleted while it was current is gone as soon as it is not. */
function putProgram(gl: WebGL2RenderingContext, program: WebGLProgram | null): void {
  gl.useProgram(program);
  if (gl.getParameter(gl.CURRENT_PROGRAM) === program) return;
  gl.getError(); // Asking whether it is deleted would wait for the GPU process, at every visit.
  gl.useProgram(null);
}
