/** Saves and restores the state of a context that others draw with too. */

/** State that must be off for draws. Depth, stencil and dither need not be, because the targets of passes have none of them. */
const SWITCHED_OFF = ['SCISSOR_TEST', 'BLEND', 'CULL_FACE', 'RASTERIZER_DISCARD'] as const;

/** How uploads and reads lay pixels out in memory. */
const UNPACK = {
  UNPACK_ALIGNMENT: 4,
  UNPACK_ROW_LENGTH: 0,
  UNPACK_SKIP_ROWS: 0,
  UNPACK_SKIP_PIXELS: 0,
  UNPACK_FLIP_Y_WEBGL: false,
  UNPACK_PREMULTIPLY_ALPHA_WEBGL: false,
  UNPACK_COLORSPACE_CONVERSION_WEBGL: 0x9244, // BROWSER_DEFAULT_WEBGL
} as const;
const PACK = { PACK_ALIGNMENT: 4, PACK_ROW_LENGTH: 0, PACK_SKIP_ROWS: 0, PACK_SKIP_PIXELS: 0 } as const;

const PIXEL_BUFFERS = ['PIXEL_PACK_BUFFER', 'PIXEL_UNPACK_BUFFER'] as const;

/** Restores one part of the state. */
type Undo = () => void;

/** Saves a part of the state, and changes it. */
type Change = (gl: WebGL2RenderingContext) => readonly Undo[];

/**
 * Between `begin` and `end`, the context has the state that passes need; afterwards it is as before, texture units aside. State that the
 * browser caches is saved at once; the rest only where it is changed, because asking the GPU process takes as long as a draw.
 */
export class StateGuard {
  readonly #gl: WebGL2RenderingContext;
  /** Restores everything; undefined outside of `begin` and `end`. */
  #undo: Undo[] | undefined;
  readonly #made = new Set<Change>();

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
  }

  begin(): void {
    const gl = this.#gl;
    this.#undo = [pauseFeedback(gl), ...switchOff(gl), ...unbindPixelBuffers(gl), ...bindings(gl)];
  }

  end(): void {
    const undo = this.#undo ?? [];
    this.#undo = undefined;
    this.#made.clear();
    // Backwards: a transform feedback resumes last, with its program current.
    if (!this.#gl.isContextLost()) undo.reverse().forEach((put) => put());
  }

  /** To be called before a draw. */
  draws(): void {
    this.#make(writeAllColors);
  }

  /** To be called before the scissor box is changed. */
  cuts(): void {
    this.#make(keepScissor);
  }

  /** To be called before pixels are uploaded. */
  uploads(): void {
    this.#make(unpackPlainly);
  }

  /** To be called before pixels are read. */
  reads(): void {
    this.#make(packPlainly);
  }

  #make(change: Change): void {
    if (!this.#undo || this.#made.has(change)) return;
    this.#made.add(change);
    this.#undo.push(...change(this.#gl));
  }
}

/** While it is active and not paused, no other program may be made current. */
function pauseFeedback(gl: WebGL2RenderingContext): Undo {
  // None can be active without a buffer to write to, which the browser knows.
  const written: unknown = gl.getIndexedParameter(gl.TRANSFORM_FEEDBACK_BUFFER_BINDING, 0);
  if (!written || !gl.getParameter(gl.TRANSFORM_FEEDBACK_ACTIVE) || gl.getParameter(gl.TRANSFORM_FEEDBACK_PAUSED))
    return () => undefined;
  const feedback = gl.getParameter(gl.TRANSFORM_FEEDBACK_BINDING) as WebGLTransformFeedback | null;
  gl.pauseTransformFeedback();
  // WebKit draws on with the feedback's program while a paused one is bound.
  gl.bindTransformFeedback(gl.TRANSFORM_FEEDBACK, null);
  return () => {
    gl.bindTransformFeedback(gl.TRANSFORM_FEEDBACK, feedback);
    gl.resumeTransformFeedback();
  };
}

function switchOff(gl: WebGL2RenderingContext): Undo[] {
  const on = SWITCHED_OFF.filter((name) => gl.isEnabled(gl[name]));
  on.forEach((name) => gl.disable(gl[name]));
  return on.map((name) => () => gl.enable(gl[name]));
}

function writeAllColors(gl: WebGL2RenderingContext): Undo[] {
  const mask = gl.getParameter(gl.COLOR_WRITEMASK) as [boolean, boolean, boolean, boolean] | null; // None once it is lost.
  if (!mask || mask.every((written) => written)) return [];
  gl.colorMask(true, true, true, true);
  return [() => gl.colorMask(...mask)];
}

function keepScissor(gl: WebGL2RenderingContext): Undo[] {
  const scissor = gl.getParameter(gl.SCISSOR_BOX) as [number, number, number, number];
  return [() => gl.scissor(...scissor)];
}

const unpackPlainly: Change = (gl) => layOutPixels(gl, UNPACK);
const packPlainly: Change = (gl) => layOutPixels(gl, PACK);

function layOutPixels(gl: WebGL2RenderingContext, wanted: Readonly<Record<string, number | boolean>>): Undo[] {
  return Object.entries(wanted).flatMap(([key, value]): Undo[] => {
    const name = gl[key as keyof typeof UNPACK | keyof typeof PACK];
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
  return [
    () => putProgram(gl, program),
    () => gl.bindVertexArray(vertexArray),
    () => gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, draws),
    () => gl.bindFramebuffer(gl.READ_FRAMEBUFFER, reads),
    () => gl.activeTexture(unit),
    () => gl.viewport(...viewport),
  ];
}

/** A program that was deleted while it was current is gone as soon as it is not. */
function putProgram(gl: WebGL2RenderingContext, program: WebGLProgram | null): void {
  gl.useProgram(program);
  if (gl.getParameter(gl.CURRENT_PROGRAM) === program) return;
  gl.getError(); // Asking whether it is deleted would wait for the GPU process, at every visit.
  gl.useProgram(null);
}
