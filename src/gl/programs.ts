/** Shader cache: compiles and links programs, by plan.key, and shows errors in the numbered source. */
import type { Plan, Uniform } from '../plan/plan';
import { ContextLostError, made, VERTEX_SHADER } from './context';
import type { ContextLife } from './context_life';

/** Thrown if the driver rejects a shader. The message has the kernel, the numbered source, and the driver's log under each line. */
export class ShaderError extends Error {
  /** @internal */
  constructor(key: string, source: string, log: string) {
    // What it said first: listings of shaders are long, and are cut where they are shown.
    super(`The driver refused the shader of plan ${key}:\n${log.trim()}\n${annotate(source, log)}`);
    this.name = 'ShaderError';
  }
}

/** A linked program with a setter, which skips unchanged values, for each of its uniforms. */
export interface Program {
  readonly handle: WebGLProgram;
  readonly uniforms: ReadonlyMap<string, (value: Uniform) => void>;
  /** What the last plan has set. */
  last: Plan['uniforms'] | undefined;
}

const COMPILING = 'Compiling a shader';

/** How often the driver is asked whether it is done. */
const POLL_MS = 5;

export class Programs {
  readonly #gl: WebGL2RenderingContext;
  readonly #life: ContextLife;
  readonly #byKey = new Map<string, Program>();
  #vertexShader: WebGLShader | undefined;

  constructor(gl: WebGL2RenderingContext, life: ContextLife) {
    this.#gl = gl;
    this.#life = life;
  }

  /** Programs compiled so far. */
  get count(): number {
    return this.#byKey.size;
  }

  /** The program of a plan, compiled on first use and left current if it was. @throws ShaderError, ContextLostError */
  get(plan: Plan): Program {
    return this.#byKey.get(plan.key) ?? this.#end(this.#begin(plan));
  }

  /** Whether the program of a plan is compiled. */
  has({ key }: Plan): boolean {
    return this.#byKey.has(key);
  }

  /**
   * Compiles the programs of plans, and lets the page work meanwhile: all at a time where the driver can say when it is done,
   * else one after another.
   *
   * @param use brings the context into the state that programs are made in
   * @param onDone is called after each
   * @throws ShaderError, ContextLostError
   */
  async prepare(plans: readonly Plan[], use: (work: () => void) => void, onDone: (plan: Plan) => void): Promise<void> {
    const gl = this.#gl;
    const parallel = gl.getExtension('KHR_parallel_shader_compile');
    const ready = ({ handle }: Linking): boolean =>
      !parallel || this.#life.over || (gl.getProgramParameter(handle, parallel.COMPLETION_STATUS_KHR) as boolean);
    const waiting = [...plans];
    const begun = new Set<Linking>();
    try {
      while (waiting.length + begun.size > 0) {
        const next = waiting.shift();
        use(() => next && begun.add(this.#begin(next)));
        await new Promise((resolve) => setTimeout(resolve, next ? 0 : POLL_MS));
        for (const linking of [...begun].filter(ready)) {
          begun.delete(linking);
          // A draw may have needed it meanwhile.
          if (this.has(linking.plan)) gl.deleteProgram(linking.handle);
          else use(() => this.#end(linking));
          onDone(linking.plan);
        }
      }
    } finally {
      for (const { handle } of begun) gl.deleteProgram(handle);
    }
  }

  forget(): void {
    this.#byKey.clear();
    this.#vertexShader = undefined;
  }

  dispose(): void {
    for (const { handle } of this.#byKey.values()) this.#gl.deleteProgram(handle);
    this.#gl.deleteShader(this.#vertexShader ?? null);
    this.forget();
  }

  /** Hands the shaders to the driver, and asks nothing that would wait for it. */
  #begin(plan: Plan): Linking {
    const gl = this.#gl;
    if (this.#life.over) throw new ContextLostError(COMPILING);
    const source = plan.source();
    this.#vertexShader ??= compile(gl, gl.VERTEX_SHADER, VERTEX_SHADER);
    const fragment = compile(gl, gl.FRAGMENT_SHADER, source);
    const handle = made<WebGLProgram>(gl.createProgram(), COMPILING);
    gl.attachShader(handle, this.#vertexShader);
    gl.attachShader(handle, fragment);
    gl.linkProgram(handle);
    gl.deleteShader(fragment);
    return { plan, source, handle, fragment };
  }

  /** The linked program, left current; waits for the driver. @throws ShaderError, ContextLostError */
  #end({ plan, source, handle, fragment }: Linking): Program {
    const gl = this.#gl;
    if (!gl.getProgramParameter(handle, gl.LINK_STATUS)) {
      if (this.#life.over) throw new ContextLostError(COMPILING);
      const log = gl.getShaderInfoLog(fragment) || gl.getProgramInfoLog(handle) || 'no message';
      gl.deleteProgram(handle);
      // It may be what was refused, and would fail all programs to come.
      gl.deleteShader(this.#vertexShader ?? null);
      this.#vertexShader = undefined;
      throw new ShaderError(plan.key, source, log);
    }
    gl.useProgram(handle);
    plan.samplers.forEach((name, unit) => gl.uniform1i(gl.getUniformLocation(handle, name), unit));
    const program = { handle, uniforms: uniformSetters(gl, handle), last: undefined };
    if (this.#life.over) throw new ContextLostError(COMPILING);
    this.#byKey.set(plan.key, program);
    return program;
  }
}

/** A program that the driver is at work on. */
interface Linking {
  readonly plan: Plan;
  readonly source: string;
  readonly handle: WebGLProgram;
  readonly fragment: WebGLShader;
}

function compile(gl: WebGL2RenderingContext, type: number, source: string): WebGLShader {
  const shader = made(gl.createShader(type), COMPILING);
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  return shader;
}

function uniformSetters(gl: WebGL2RenderingContext, handle: WebGLProgram): Map<string, (value: Uniform) => void> {
  const setters = new Map<string, (value: Uniform) => void>();
  const count = gl.getProgramParameter(handle, gl.ACTIVE_UNIFORMS) as number;
  for (let i = 0; i < count; i++) {
    const info = gl.getActiveUniform(handle, i);
    if (!info) break; // The context is lost.
    const write = writerOf(gl, info.type, gl.getUniformLocation(handle, info.name)!);
    if (!write) continue; // A sampler: its unit was set for good when the program was linked.
    let last: Uniform | undefined;
    setters.set(info.name.replace(/\[0\]$/, ''), (value) => {
      if (last !== undefined && sameUniform(last, value)) return;
      write(value);
      last = value;
    });
  }
  return setters;
}

type Writer = (value: Uniform) => void;

function writerOf(gl: WebGL2RenderingContext, type: number, at: WebGLUniformLocation): Writer | undefined {
  const list = (v: Uniform): readonly number[] => (typeof v === 'number' ? [v] : v);
  switch (type) {
    case gl.INT:
      return (v) => (typeof v === 'number' ? gl.uniform1i(at, v) : gl.uniform1iv(at, v));
    case gl.FLOAT:
      return (v) => (typeof v === 'number' ? gl.uniform1f(at, v) : gl.uniform1fv(at, v));
    case gl.INT_VEC2:
      return (v) => gl.uniform2iv(at, list(v));
    case gl.INT_VEC3:
      return (v) => gl.uniform3iv(at, list(v));
    case gl.INT_VEC4:
      return (v) => gl.uniform4iv(at, list(v));
    case gl.FLOAT_VEC2:
      return (v) => gl.uniform2fv(at, list(v));
    case gl.FLOAT_VEC3:
      return (v) => gl.uniform3fv(at, list(v));
    case gl.FLOAT_VEC4:
      return (v) => gl.uniform4fv(at, list(v));
    default:
      return undefined;
  }
}

function sameUniform(a: Uniform, b: Uniform): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a === 'number' || typeof b === 'number' || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

/** Numbered source with the driver's message under the line it names. */
export function annotate(source: string, log: string): string {
  const messages = new Map<number, string[]>();
  const rest: string[] = [];
  const lines = source.split('\n');
  for (const line of log.split('\n').filter((l) => l.trim() !== '')) {
    const at = /^(?:ERROR|WARNING):\s*\d+:(\d+):/.exec(line)?.[1];
    if (at === undefined || Number(at) < 1 || Number(at) > lines.length) rest.push(line);
    else messages.set(Number(at), [...(messages.get(Number(at)) ?? []), line]);
  }
  const numbered = lines.flatMap((text, i) => [
    `${String(i + 1).padStart(4)}  ${text}`,
    ...(messages.get(i + 1) ?? []).map((m) => `    ^ ${m}`),
  ]);
  return [...rest, ...numbered].join('\n');
}
