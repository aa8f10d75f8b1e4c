/** A GPU pass as data: what a kernel decides about a draw, with a cache key that cannot be wrong. */
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

/**
 * Makes a factory of plans that share one loop nest. `source` sees the parameters and nothing else, and the key is the
 * name with the parameters' JSON, so whatever can change the text is in the key.
 *
 * @param name unique among templates
 * @param samplers names of the samplers for the given parameters
 * @param source the fragment shader for the given parameters
 */
export function template<P extends object>(
  name: string,
  samplers: (params: P) => readonly string[],
  source: (params: P) => string,
): (params: P, binding: Binding) => Plan {
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

/** Passes that repeat are found by a short text, and so are not made, nor their keys written, again. */
const REMEMBERED = 4096;

const memories: Map<string, unknown>[] = [];

/**
 * A memory of pure results.
 *
 * @returns what `make` gave for an equal key, or gives now; a key must hold all that the result depends on
 */
export function memory<T>(): (key: string, make: () => T) => T {
  const known = new Map<string, T>();
  memories.push(known);
  return (key, make) => {
    let result = known.get(key);
    if (result === undefined) {
      // Shapes that never come back would pile up.
      if (known.size === REMEMBERED) known.clear();
      result = make();
      known.set(key, result);
    }
    return result;
  };
}

/** Empties all memories: what they keep depends on more than its keys say when a choice changes. */
export function forgetAll(): void {
  for (const known of memories) known.clear();
}
