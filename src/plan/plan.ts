/** Plans (GPU passes as data), the templates that make them with collision-free cache keys, and memos. */
import type { Shape } from './shape';

/** How a tensor's elements are stored on the GPU; complex64 is two float32 tensors and strings stay on the host. */
export type DType = 'float32' | 'int32' | 'bool';

/** A tensor as plans see it: its logical shape and where its texels lie. `width` and `height` count texels of four elements. */
export interface Layout {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly width: number;
  readonly height: number;
}

/** The value of a uniform, which nobody changes once a plan has it; its GLSL type is read from the linked program. */
export type Uniform = number | readonly number[];

/** What the device can do, probed once; plans choose tiles and layouts from it. */
export interface Limits {
  /** Longest side of a texture, in texels. */
  readonly maxTextureSize: number;
  /** RGBA32F targets that one draw can write, proven by a draw. */
  readonly maxTargets: number;
}

/** A rectangle of texels to copy, and where it goes. */
export interface Copy {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly toX: number;
  readonly toY: number;
}

/** One GPU pass. */
export interface Plan {
  /** Template name and JSON of its parameters: equal keys mean equal source text. */
  readonly key: string;
  /** The fragment shader; called on a cache miss only. */
  readonly source: () => string;
  /** Names of the samplers, in the order of the inputs. */
  readonly samplers: readonly string[];
  /** What varies without changing the text. */
  readonly uniforms: Readonly<Record<string, Uniform>>;
  /** One render target each. */
  readonly outputs: readonly Layout[];
  /** Texels that one fragment reads, about, where they may be so many that one draw of all fragments takes too long. */
  readonly fetches?: number | undefined;
}

/** The part of a plan that does not depend on its template's parameters. */
export interface Binding {
  readonly uniforms?: Readonly<Record<string, Uniform>>;
  readonly outputs: readonly Layout[];
  readonly fetches?: number;
}

/** The names of all templates. */
const templates = new Set<string>();

/**
 * Makes a factory of plans that share one loop nest. `source` sees the parameters and nothing else, and the key is the
 * name with the parameters' JSON, so whatever can change the text is in the key.
 *
 * @param name unique among templates
 * @param samplers names of the samplers for the given parameters
 * @param source the fragment shader for the given parameters
 * @throws Error where there is another template of that name
 */
export function template<P extends object>(
  name: string,
  samplers: (params: P) => readonly string[],
  source: (params: P) => string,
): (params: P, binding: Binding) => Plan {
  if (templates.has(name)) throw new Error(`template: there are two of the name '${name}'.`);
  templates.add(name);
  return (params, { uniforms = {}, outputs, fetches }) => ({
    key: `${name} ${JSON.stringify(params)}`,
    source: () => source(params),
    samplers: samplers(params),
    uniforms,
    outputs,
    fetches,
  });
}

/** The plan with other values for some of its uniforms, or with more of them. */
export function withUniforms(plan: Plan, values: Readonly<Record<string, Uniform>>): Plan {
  if (Object.keys(values).length === 0) return plan;
  return { ...plan, uniforms: { ...plan.uniforms, ...values } };
}

/** What a memoized function may depend on: plain values, and interned objects. */
export type Parts =
  number | string | boolean | undefined | Interned | readonly Parts[] | { readonly [name: string]: Parts };

let interned = 0;

/** An object of which there is one for each content, so that its number stands for it in keys. */
export abstract class Interned {
  /** The n-th that was made. */
  readonly id = interned++;
}

/**
 * Results that are kept, for one function. A shape that never comes back would stay for good, so a full memo is emptied.
 */
const MEMO_SIZE = 4096;

const memos: Map<string, unknown>[] = [];

/** Called in tests with every result that a memo returns. */
let onHit: ((kept: unknown, again: () => unknown) => void) | undefined;

/**
 * Keeps the results of a pure function. The key is written from all that `make` receives, so it cannot leave anything out;
 * `make` must not read anything else that varies, but the tuning parameters, whose change empties all memos.
 */
export function memoize<P extends object, T>(make: (parts: P) => T): (parts: P) => T {
  const known = new Map<string, T>();
  memos.push(known);
  return (parts) => {
    const key = keyOf(parts);
    const kept = known.get(key);
    if (kept !== undefined) {
      onHit?.(kept, () => make(parts));
      return kept;
    }
    if (known.size === MEMO_SIZE) known.clear();
    const result = make(parts);
    known.set(key, result);
    return result;
  };
}

/** Empties all memos. */
export function clearMemos(): void {
  for (const known of memos) known.clear();
}

/** Calls `check` with every result that a memo gives, and what makes it anew; for tests. */
export function checkMemos(check: (kept: unknown, again: () => unknown) => void): void {
  onHit = check;
}

/**
 * A text that is equal for equal parts only.
 *
 * @throws Error for what has no text, such as a function
 */
export function keyOf(parts: unknown): string {
  if (typeof parts === 'number') return Object.is(parts, -0) ? '-0' : `${parts}`;
  if (typeof parts === 'string') return JSON.stringify(parts);
  if (typeof parts === 'boolean' || parts === undefined) return `${parts}`;
  if (parts instanceof Interned) return `#${parts.id}`;
  if (Array.isArray(parts)) return listKey(parts);
  if (typeof parts === 'object' && parts !== null && Object.getPrototypeOf(parts) === Object.prototype)
    return recordKey(parts);
  throw new Error(`keyOf: a ${typeof parts} cannot be part of a key.`);
}

function listKey(list: readonly unknown[]): string {
  let key = '[';
  for (const item of list) key += `${keyOf(item)},`;
  return `${key}]`;
}

function recordKey(record: object): string {
  let key = '{';
  for (const name in record) key += `${name}:${keyOf(record[name as keyof object])},`;
  return `${key}}`;
}
