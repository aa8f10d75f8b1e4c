/** Reads the textures of an application's own GL code. */
import { made } from './context';
import type { Runner } from './run';
import type { Texture } from './textures';
import type { TextureUnits } from './texture_units';
import type { Verifier } from './verifier';

/** A texture of the application's. */
export interface ForeignTexture {
  readonly handle: WebGLTexture;
  readonly width: number;
  readonly height: number;
}

interface ForeignRooms {
  readonly gl: WebGL2RenderingContext;
  readonly units: TextureUnits;
  readonly verifier: Verifier;
  readonly runner: Runner;
}

/**
 * Calls `draw`, which reads the texture from unit 0, where it may be set up for filtering that it is not fit for.
 *
 * @throws Error where it is none of this context, or holds what no shader of convgl's can read
 */
export function runOnForeign<T>(rooms: ForeignRooms, foreign: ForeignTexture, draw: (input: Texture) => T): T {
  const { gl, units } = rooms;
  if (!gl.isTexture(foreign.handle))
    throw new Error('Expected a texture of the context that convgl runs on, found another object or a deleted one.');
  const dtype = dtypeOf(rooms, foreign.handle);
  const shape = [foreign.height, foreign.width, 4];
  const input: Texture = { ...foreign, id: -1, layers: 1, dtype, shape, bytes: 0, framebuffers: new Map() };
  units.bind(0, input);
  const nearest = made<WebGLSampler>(gl.createSampler(), 'Reading a texture');
  gl.samplerParameteri(nearest, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.samplerParameteri(nearest, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  gl.bindSampler(0, nearest);
  try {
    return draw(input);
  } finally {
    gl.deleteSampler(nearest);
  }
}

/** The dtype that shaders read a texture as. @throws Error where no shader of convgl's can read it */
function dtypeOf({ gl, verifier, runner }: ForeignRooms, texture: WebGLTexture): 'float32' | 'int32' {
  const framebuffer = gl.createFramebuffer();
  const at = [gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0] as const;
  gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
  runner.invalidate();
  verifier.clear();
  gl.framebufferTexture2D(...at, gl.TEXTURE_2D, texture, 0);
  const refused = gl.getError() !== gl.NO_ERROR;
  const kind: unknown = gl.getFramebufferAttachmentParameter(...at, gl.FRAMEBUFFER_ATTACHMENT_COMPONENT_TYPE);
  gl.deleteFramebuffer(framebuffer);
  if (refused) throw new Error('Expected a two-dimensional texture, found one of another kind.');
  if (kind === gl.UNSIGNED_INT)
    throw new Error('Expected a texture of floats or signed integers, found unsigned ones.');
  return kind === gl.INT ? 'int32' : 'float32';
}
