/** A WebGL2 context without a GPU: it keeps no pixels, records every call, and answers as a healthy driver does. */

/** One call of a method of the context. */
export interface Call {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** A uniform as GLSL declares it. */
export interface Declaration {
  readonly type: string;
  readonly name: string;
  /** Elements of an array; 1 where it is none. */
  readonly length: number;
}

/** What a fake context pretends about itself. */
export interface FakeLimits {
  readonly maxTextureSize?: number;
  readonly maxTargets?: number;
}

/** What a fake context shows to a test, beside the context. */
export interface FakeGl {
  readonly gl: WebGL2RenderingContext;
  readonly calls: Call[];
  /** Errors that getError reports, first in first out. */
  readonly errors: number[];
  lost: boolean;
  /** Answers in place of the usual ones, by method. */
  readonly answers: Record<string, (...args: readonly unknown[]) => unknown>;
  /** Names of the calls since the last `take`. */
  take(): string[];
  /** How often a method was called. */
  count(name: string): number;
}

/** The uniforms that a shader declares, samplers included. */
export function declarations(source: string): Declaration[] {
  const statements = [...source.matchAll(/^uniform (?:(?:highp|mediump|lowp) )?(\w+) ([^;]+);/gm)];
  return statements.flatMap(([, type = '', names = '']) =>
    names.split(',').map((text) => {
      const [, name = '', length = '1'] = /^\s*(\w+)(?:\[(\d+)\])?\s*$/.exec(text) ?? [];
      return { type, name, length: Number(length) };
    }),
  );
}

const TYPES: Readonly<Record<string, number>> = {
  int: WebGL2RenderingContext.INT,
  ivec2: WebGL2RenderingContext.INT_VEC2,
  ivec3: WebGL2RenderingContext.INT_VEC3,
  ivec4: WebGL2RenderingContext.INT_VEC4,
  float: WebGL2RenderingContext.FLOAT,
  vec2: WebGL2RenderingContext.FLOAT_VEC2,
  vec3: WebGL2RenderingContext.FLOAT_VEC3,
  vec4: WebGL2RenderingContext.FLOAT_VEC4,
  sampler2D: WebGL2RenderingContext.SAMPLER_2D,
  isampler2D: WebGL2RenderingContext.INT_SAMPLER_2D,
  sampler2DArray: WebGL2RenderingContext.SAMPLER_2D_ARRAY,
  isampler2DArray: WebGL2RenderingContext.INT_SAMPLER_2D_ARRAY,
};

/** An object of the driver's. */
interface Handle {
  source?: string;
  uniforms?: Declaration[];
}

/** The state that the answers depend on. */
interface State {
  readBuffer: number;
  probe: readonly number[];
}

type Answers = FakeGl['answers'];

function usualAnswers(limits: FakeLimits, state: State): Answers {
  const GL = WebGL2RenderingContext;
  const parameters: Readonly<Record<number, unknown>> = {
    [GL.MAX_TEXTURE_SIZE]: limits.maxTextureSize ?? 4096,
    [GL.MAX_DRAW_BUFFERS]: limits.maxTargets ?? 8,
    [GL.MAX_COLOR_ATTACHMENTS]: limits.maxTargets ?? 8,
    [GL.RENDERER]: 'a fake',
    [GL.COLOR_WRITEMASK]: [true, true, true, true],
    [GL.VIEWPORT]: [0, 0, 1, 1],
    [GL.SCISSOR_BOX]: [0, 0, 1, 1],
  };
  return {
    getParameter: (name) => parameters[name as number] ?? 0,
    getExtension: (name) => (name === 'EXT_color_buffer_float' ? {} : null),
    getShaderInfoLog: () => '',
    getProgramInfoLog: () => '',
    checkFramebufferStatus: () => GL.FRAMEBUFFER_COMPLETE,
    clientWaitSync: () => GL.ALREADY_SIGNALED,
    shaderSource: (shader, text) => ((shader as Handle).source = text as string),
    attachShader: (program, shader) => {
      const found = declarations((shader as Handle).source ?? '');
      (program as Handle).uniforms = [...((program as Handle).uniforms ?? []), ...found];
    },
    getProgramParameter: (program, name) =>
      name === GL.ACTIVE_UNIFORMS ? ((program as Handle).uniforms ?? []).length : true,
    getActiveUniform: (program, index) => {
      const { type, name, length } = (program as Handle).uniforms![index as number]!;
      return { name: length > 1 ? `${name}[0]` : name, size: length, type: TYPES[type] };
    },
    getUniformLocation: (_program, name) => ({ name }),
    // The device proves its float targets with a draw: what it hands to the shader comes back.
    uniform3f: (_location, ...values) => (state.probe = values as number[]),
    readBuffer: (attachment) => (state.readBuffer = attachment as number),
    readPixels: (...args) => {
      const pixels = args[6];
      const target = state.readBuffer - GL.COLOR_ATTACHMENT0;
      if (pixels instanceof Float32Array && pixels.length === 4) pixels.set([target + 1, ...state.probe]);
    },
  };
}

/** A fresh fake context. */
export function fakeGl(limits: FakeLimits = {}): FakeGl {
  const calls: Call[] = [];
  const errors: number[] = [];
  const answers: Answers = {};
  const usual = usualAnswers(limits, { readBuffer: 0, probe: [] });
  let taken = 0;
  const fake: Omit<FakeGl, 'gl'> = {
    calls,
    errors,
    answers,
    lost: false,
    take: () => calls.slice(taken, (taken = calls.length)).map(({ name }) => name),
    count: (name) => calls.filter((call) => call.name === name).length,
  };
  const canvas = new EventTarget();
  const call = (name: string, args: readonly unknown[]): unknown => {
    if (name === 'isContextLost') return fake.lost;
    if (name === 'getError') return errors.shift() ?? WebGL2RenderingContext.NO_ERROR;
    calls.push({ name, args });
    const answer = answers[name] ?? usual[name];
    if (answer) return answer(...args);
    return /^create|^fenceSync$/.test(name) ? { kind: name } : undefined;
  };
  const gl = new Proxy({} as WebGL2RenderingContext, {
    get: (_target, name: string): unknown => {
      if (name === 'canvas') return canvas;
      const constant: unknown = Reflect.get(WebGL2RenderingContext, name);
      return typeof constant === 'number' ? constant : (...args: unknown[]) => call(name, args);
    },
  });
  return Object.assign(fake, { gl });
}
