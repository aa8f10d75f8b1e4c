/** Counts what every WebGL2 context of the page does, whoever owns it, so that all backends are measured alike. */

/** What one backend's contexts have done since they were created; bytes are those alive now and at most. */
export interface GpuCounts {
  draws: number;
  programsLinked: number;
  textureBytes: number;
  peakTextureBytes: number;
  /** Textures, framebuffers and buffers that are alive. */
  textures: number;
  framebuffers: number;
  buffers: number;
  texturesCreated: number;
  uploads: number;
  readbacks: number;
}

const noCounts = (): GpuCounts => ({
  draws: 0,
  programsLinked: 0,
  textureBytes: 0,
  peakTextureBytes: 0,
  textures: 0,
  framebuffers: 0,
  buffers: 0,
  texturesCreated: 0,
  uploads: 0,
  readbacks: 0,
});

/** The backend to which a context seen for the first time is attributed. */
let owner = 'none';
const ownerOf = new Map<WebGL2RenderingContext, string>();
const countsOf = new Map<string, GpuCounts>();
const textsOf = new Map<string, Set<string>>();
const bytesOf = new WeakMap<WebGLTexture, { counts: GpuCounts; bytes: number }>();

const CHANNELS = { R: 1, RG: 2, RGB: 3, RGBA: 4 } as const;
const CHANNEL_BYTES: Readonly<Record<string, number>> = {
  '8': 1,
  '8I': 1,
  '8UI': 1,
  '16F': 2,
  '16I': 2,
  '16UI': 2,
  '32F': 4,
  '32I': 4,
  '32UI': 4,
};

/** Bytes of a texel by internal format; the constants are named by channels and type, as RGBA32F is. */
const texelBytesOf = new Map<number, number>(
  Object.entries(CHANNELS).flatMap(([channels, count]) =>
    Object.entries(CHANNEL_BYTES).map(([type, bytes]): [number, number] => {
      const constants = WebGL2RenderingContext as unknown as Readonly<Record<string, number>>;
      return [constants[channels + type] ?? NaN, count * bytes];
    }),
  ),
);

function texelBytes(gl: WebGL2RenderingContext, format: number): number {
  if (format === gl.RGBA) return 4;
  const bytes = texelBytesOf.get(format);
  if (bytes === undefined) throw new Error(`The counters do not know the texture format 0x${format.toString(16)}.`);
  return bytes;
}

function nameOf(gl: WebGL2RenderingContext): string {
  const known = ownerOf.get(gl);
  if (known === undefined) ownerOf.set(gl, owner);
  return known ?? owner;
}

function countsFor(gl: WebGL2RenderingContext): GpuCounts {
  const name = nameOf(gl);
  let counts = countsOf.get(name);
  if (!counts) countsOf.set(name, (counts = noCounts()));
  return counts;
}

function addTexture(gl: WebGL2RenderingContext, target: number, bytes: number): void {
  const binding = target === gl.TEXTURE_2D_ARRAY ? gl.TEXTURE_BINDING_2D_ARRAY : gl.TEXTURE_BINDING_2D;
  const texture = gl.getParameter(binding) as WebGLTexture | null;
  if (!texture) return;
  const counts = countsFor(gl);
  removeTexture(texture);
  bytesOf.set(texture, { counts, bytes });
  counts.texturesCreated++;
  counts.textures++;
  counts.textureBytes += bytes;
  counts.peakTextureBytes = Math.max(counts.peakTextureBytes, counts.textureBytes);
}

function removeTexture(texture: WebGLTexture | null): void {
  const entry = texture ? bytesOf.get(texture) : undefined;
  if (!texture || !entry) return;
  entry.counts.textureBytes -= entry.bytes;
  entry.counts.textures--;
  bytesOf.delete(texture);
}

type Method = (this: WebGL2RenderingContext, ...args: never[]) => unknown;

/** Puts `before` in front of a method of every WebGL2 context. */
function observe(name: string, before: (gl: WebGL2RenderingContext, args: readonly unknown[]) => void): void {
  const prototype = WebGL2RenderingContext.prototype as unknown as Record<string, Method>;
  const original = prototype[name];
  if (!original) throw new Error(`WebGL2RenderingContext has no method ${name}.`);
  prototype[name] = function (this: WebGL2RenderingContext, ...args: never[]) {
    before(this, args);
    return original.apply(this, args);
  };
}

/** Puts `after` behind a method of every WebGL2 context: for calls that may fail, or that need the new state. */
function observeAfter(name: string, after: (gl: WebGL2RenderingContext, args: readonly unknown[]) => void): void {
  const prototype = WebGL2RenderingContext.prototype as unknown as Record<string, Method>;
  const original = prototype[name];
  if (!original) throw new Error(`WebGL2RenderingContext has no method ${name}.`);
  prototype[name] = function (this: WebGL2RenderingContext, ...args: never[]) {
    const result = original.apply(this, args);
    after(this, args);
    return result;
  };
}

/** Starts counting; to be called once, before any backend makes its context. */
export function installCounters(): void {
  for (const name of ['drawArrays', 'drawElements', 'drawArraysInstanced', 'drawElementsInstanced']) {
    observe(name, (gl) => countsFor(gl).draws++);
  }
  observe('linkProgram', (gl) => countsFor(gl).programsLinked++);
  observe('shaderSource', (gl, [, text]) => {
    const name = nameOf(gl);
    const texts = textsOf.get(name) ?? new Set<string>();
    textsOf.set(name, texts.add(text as string));
  });
  for (const [kind, count] of [
    ['Framebuffer', 'framebuffers'],
    ['Buffer', 'buffers'],
  ] as const) {
    observe(`create${kind}`, (gl) => countsFor(gl)[count]++);
    observe(`delete${kind}`, (gl, [handle]) => (countsFor(gl)[count] -= handle ? 1 : 0));
  }
  observe('texSubImage2D', (gl) => countsFor(gl).uploads++);
  observe('readPixels', (gl) => countsFor(gl).readbacks++);
  observe('deleteTexture', (_gl, [texture]) => removeTexture(texture as WebGLTexture | null));
  observeAfter('texStorage2D', (gl, args) => {
    const [target, levels, format, width, height] = args as number[] as [number, number, number, number, number];
    // A level of a mip pyramid is a quarter of the one before.
    const bytes = texelBytes(gl, format) * width * height * (levels > 1 ? 4 / 3 : 1);
    addTexture(gl, target, bytes);
  });
  observeAfter('texStorage3D', (gl, args) => {
    const [target, , format, width, height, depth] = args as [number, number, number, number, number, number];
    addTexture(gl, target, texelBytes(gl, format) * width * height * depth);
  });
  observeAfter('texImage2D', (gl, args) => {
    // The short form takes its size from an image or video; only the uploads of pictures use it.
    const [target, , format, width, height] = args as [number, number, number, number, number];
    if (args.length >= 9) addTexture(gl, target, texelBytes(gl, format) * width * height);
  });
}

/** Names the backend to which contexts made from now on belong. */
export function setOwner(name: string): void {
  owner = name;
}

/** A copy of a backend's counts. */
export function gpuCounts(name: string): GpuCounts {
  return { ...(countsOf.get(name) ?? noCounts()) };
}

/** The texts of all shaders that a backend's contexts were given. */
export function shaderTexts(name: string): ReadonlySet<string> {
  return textsOf.get(name) ?? new Set();
}

/** Starts a new peak at the bytes that are alive now. */
export function resetPeak(name: string): void {
  const counts = countsOf.get(name);
  if (counts) counts.peakTextureBytes = counts.textureBytes;
}

/** Gives up a backend's contexts, so that their memory returns and the browser's limit on contexts is not reached. */
export function loseContexts(name: string): void {
  for (const [gl, of] of ownerOf) {
    if (of !== name) continue;
    ownerOf.delete(gl);
    if (!gl.isContextLost()) gl.getExtension('WEBGL_lose_context')?.loseContext();
  }
  countsOf.delete(name);
  textsOf.delete(name);
}

/** What happened between two counts. */
export function countsBetween(before: GpuCounts, after: GpuCounts): GpuCounts {
  return {
    ...after,
    draws: after.draws - before.draws,
    programsLinked: after.programsLinked - before.programsLinked,
    texturesCreated: after.texturesCreated - before.texturesCreated,
    uploads: after.uploads - before.uploads,
    readbacks: after.readbacks - before.readbacks,
  };
}
