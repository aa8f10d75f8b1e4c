/** Joins pending expressions into the statements of one shader, with the tensors they read. */
import type { Entry } from '../entry';
import { gpuDType } from '../entry';
import { scalarType } from '../glsl/shader';
import type { DType } from '../plan';
import { broadcastStrides, reshapeStrides, sizeOf, type Shape } from '../shape';
import { usesIndex, type Operand, type PendingMap } from './expression';

/** A tensor that a pass reads, by the strides that it has along the dimensions of the pass. */
export interface Leaf {
  readonly name: string;
  readonly entry: Entry;
  readonly dtype: DType;
  readonly strides: readonly number[];
}

/** GLSL that computes elements. */
export interface Statements {
  /** Declares one constant after another, in the names of leaves and uniforms. */
  readonly statements: string;
  /** Names of the results in them. */
  readonly results: readonly string[];
  readonly helpers: string;
  readonly attributes: Readonly<Record<string, number>>;
  readonly integers: Readonly<Record<string, number>>;
}

/** The elements of a pass, and what they are computed from. */
export interface Flat extends Statements {
  /** Named x0, x1 and so on. */
  readonly leaves: readonly Leaf[];
  /** What is computed on the way. */
  readonly inlined: readonly PendingMap[];
}

/** What a pass may take in. */
export interface FlattenOptions {
  /** Whether the statements may name `index`, the flat index of the element. */
  readonly indexed: boolean;
  /** Whether a pending value is to be read, not taken in. */
  readonly apart: (entry: Entry) => boolean;
}

/**
 * The statements that compute `roots`, whose sizes are all that of `shape`. Pending operands of that size are taken in;
 * those that are smaller, or lie across the dimensions of `shape`, become leaves.
 */
export function flatten(roots: readonly PendingMap[], shape: Shape, options: FlattenOptions): Flat {
  const flattener = new Flattener(shape, options);
  const results = roots.map((root) => flattener.add(root));
  return flattener.finish(results);
}

class Flattener {
  readonly #shape: Shape;
  readonly #size: number;
  readonly #options: FlattenOptions;
  readonly #leaves: Leaf[] = [];
  readonly #names = new Map<PendingMap, string>();
  readonly #statements = new Map<string, string>();
  readonly #helpers = new Set<string>();
  readonly #attributes: Record<string, number> = {};
  readonly #integers: Record<string, number> = {};
  #uniforms = 0;

  constructor(shape: Shape, options: FlattenOptions) {
    this.#shape = shape;
    this.#size = sizeOf(shape);
    this.#options = options;
  }

  /** The name of the constant that holds the result. */
  add(pending: PendingMap): string {
    let name = this.#names.get(pending);
    if (name === undefined) {
      name = this.#constant(pending);
      this.#names.set(pending, name);
    }
    return name;
  }

  finish(results: readonly string[]): Flat {
    return {
      leaves: this.#leaves,
      statements: [...this.#statements].map(([text, name]) => text.replace('=', `${name} =`)).join('\n  '),
      results,
      helpers: [...this.#helpers].join('\n'),
      attributes: this.#attributes,
      integers: this.#integers,
      inlined: [...this.#names.keys()],
    };
  }

  #constant({ op, operands, layout }: PendingMap): string {
    const values: Record<string, string> = {};
    for (const operand of operands) values[operand.name] = this.#operand(operand, layout.shape, op.floats === true);
    for (const [name, value] of Object.entries(op.attributes ?? {})) values[name] = this.#uniform(value, 'float32');
    for (const [name, value] of Object.entries(op.integers ?? {})) values[name] = this.#uniform(value, 'int32');
    if (op.helpers) this.#helpers.add(op.helpers);
    const text = `${scalarType(op.dtype)} = ${substitute(op.expression, values)};`;
    let name = this.#statements.get(text);
    if (name === undefined) {
      name = `t${this.#statements.size}`;
      this.#statements.set(text, name);
    }
    return name;
  }

  #operand(operand: Operand, shape: Shape, floats: boolean): string {
    if (!('entry' in operand)) {
      const dtype = floats ? 'float32' : operand.dtype;
      return this.#uniform(operand.value, dtype);
    }
    const { entry } = operand;
    const inner = this.#takenIn(entry);
    const name = inner ? this.add(inner) : this.#leaf(entry, operand.shape, shape);
    return floats && entry.dtype !== 'float32' ? `float(${name})` : name;
  }

  /** The expression of a value that is computed here. */
  #takenIn(entry: Entry): PendingMap | undefined {
    const { pending } = entry;
    if (pending?.kind !== 'map' || sizeOf(entry.shape) !== this.#size || this.#options.apart(entry)) return undefined;
    if (!this.#options.indexed && usesIndex(pending.op)) return undefined;
    const { shape } = pending.layout;
    const inReach = pending.operands.every((o) => !('entry' in o) || this.#lift(o.shape, shape) !== undefined);
    return inReach ? pending : undefined;
  }

  /** Strides, along the dimensions of the pass, of a tensor that broadcasts to `shape`. */
  #lift(own: Shape, shape: Shape): readonly number[] | undefined {
    return reshapeStrides(shape, broadcastStrides(own, shape), this.#shape);
  }

  #leaf(entry: Entry, own: Shape, shape: Shape): string {
    const strides = this.#lift(own, shape)!;
    const known = this.#leaves.find((l) => l.entry === entry && l.strides.every((s, d) => s === strides[d]));
    if (known) return known.name;
    const name = `x${this.#leaves.length}`;
    this.#leaves.push({ name, entry, dtype: gpuDType(entry.dtype), strides });
    return name;
  }

  /** A uniform of its own for each value, so that no text depends on which of them are equal. */
  #uniform(value: number, dtype: DType): string {
    const [kind, values] = dtype === 'float32' ? ['f', this.#attributes] : ['i', this.#integers];
    const name = `${kind}${this.#uniforms++}`;
    values[name] = value;
    return name;
  }
}

const pieces = new Map<string, readonly string[]>();

/** The expression with other names for those that it has for its operands and uniforms. */
export function substitute(expression: string, values: Readonly<Record<string, string>>): string {
  let words = pieces.get(expression);
  if (!words) {
    // Names at odd places; a component such as `.x` is none.
    words = expression.split(/((?<![.\w])[A-Za-z_]\w*)/);
    pieces.set(expression, words);
  }
  let text = '';
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    text += i % 2 === 1 ? (values[word] ?? word) : word;
  }
  return text;
}

/** Elements that are those of textures x0, x1 and so on, as they are. */
export function plainStatements(count: number, dtype: DType): Statements {
  const places = Array.from({ length: count }, (_, i) => i);
  return {
    statements: places.map((i) => `${scalarType(dtype)} t${i} = x${i};`).join('\n  '),
    results: places.map((i) => `t${i}`),
    helpers: '',
    attributes: {},
    integers: {},
  };
}
