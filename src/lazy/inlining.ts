/** Inlines pending expressions into the statements of one shader, and lists the tensors (leaves) that it reads. */
import {
  gpuDType,
  type ElementOp,
  type Pending,
  type PendingMap,
  type TensorData,
  type TensorOperand,
} from './tensor_data';
import type { Constant } from '../glsl/epilogue';
import { scalarType } from '../glsl/shader';
import { substitute } from '../glsl/words';
import type { DType } from '../plan/plan';
import { broadcastStrides, extendStrides, reshapeStrides, sameShape, sizeOf, type Shape } from '../plan/shape';
import { codeOf, type Code } from './code';
import type { TraceReason } from '../plan/trace';
import { isCheap } from './cost';
import { opaqueTerms, type OpaqueTerm } from './opaque';

/** A tensor that a pass reads, with its strides along the dimensions of the pass. */
export interface Leaf {
  readonly name: string;
  readonly entry: TensorData;
  readonly dtype: DType;
  readonly strides: readonly number[];
  /** If it is pending: why it is not inlined. */
  readonly why: TraceReason | undefined;
}

/** Code of a pass, its leaves, and the pending values that it inlines. */
export interface Inlined {
  readonly code: Code;
  /** Of the uniforms in the code. */
  readonly values: Readonly<Record<string, number>>;
  /** Named x0, x1 and so on. */
  readonly leaves: readonly Leaf[];
  /** The pending expressions that it computes. */
  readonly inlined: readonly PendingMap[];
}

/** What may be inlined into a pass. */
export interface InliningOptions {
  /** Whether the statements may name `index`, the flat index of the element. */
  readonly indexed: boolean;
  /** Whether a pending value must be a leaf. */
  readonly apart: (entry: TensorData) => boolean;
}

/**
 * The statements that compute `roots`, all of the size of `shape`. Pending operands are inlined, those that broadcast only if they are
 * cheap. What has no strides along the dimensions of `shape` becomes a leaf.
 */
export function inlineExpressions(roots: readonly PendingMap[], shape: Shape, options: InliningOptions): Inlined {
  const flattener = new Flattener(shape, options);
  const results = roots.map((root) => flattener.add(root));
  return flattener.finish(results);
}

/** Whether all operands of an expression have strides along `shape`, another shape of the same size. */
export function isInReach(pending: PendingMap, shape: Shape): boolean {
  return reaches(pending, liftBetween(pending.layout.shape, shape));
}

/** Converts strides along some dimensions to strides along others, if possible; undefined where the dimensions are the same. */
type Lift = ((strides: readonly number[]) => readonly number[] | undefined) | undefined;

/** From the dimensions of one shape to those of another of the same size. */
function liftBetween(from: Shape, to: Shape): Lift {
  return sameShape(from, to) ? undefined : (strides) => reshapeStrides(from, strides, to);
}

/** Whether the strides of every operand can be lifted. */
function reaches({ operands, layout: { shape } }: PendingMap, lift: Lift): boolean {
  return !lift || operands.every((o) => !('entry' in o) || lift(broadcastStrides(o.shape, shape)) !== undefined);
}

/** The position at which an expression is inlined. */
interface Place {
  /** Equal for equal positions of one expression. */
  readonly key: string;
  /** Whether each element of the pass reads its own element, without a broadcast. */
  readonly whole: boolean;
  /** From its own dimensions to those of the pass. */
  readonly lift: Lift;
}

class Flattener {
  readonly #shape: Shape;
  readonly #options: InliningOptions;
  readonly #leaves: Leaf[] = [];
  /** The constants that hold expressions, by their positions. */
  readonly #names = new Map<PendingMap, Map<string, string>>();
  /** The constants by the calls that compute them. */
  readonly #calls = new Map<string, string>();
  readonly #statements: Statement[] = [];
  readonly #values: Record<string, number> = {};
  #uniforms = 0;

  constructor(shape: Shape, options: InliningOptions) {
    this.#shape = shape;
    this.#options = options;
  }

  /** The name of the constant that holds the result. */
  add(root: PendingMap): string {
    return this.#constant(root, { key: '', whole: true, lift: liftBetween(root.layout.shape, this.#shape) });
  }

  finish(results: readonly string[]): Inlined {
    const dtypes = this.#leaves.map(({ dtype }) => dtype).join();
    const code = codeOf(`${[...this.#calls.keys()].join(';')} ${results.join()} ${dtypes}`, () => ({
      statements: this.#constants(),
      results,
      helpers: [...new Set(this.#statements.flatMap(({ op }) => op.helpers ?? []))].join('\n'),
      attributes: Object.keys(this.#values).filter((name) => name.startsWith('f')),
      integers: Object.keys(this.#values).filter((name) => name.startsWith('i')),
    }));
    return { code, values: this.#values, leaves: this.#leaves, inlined: [...this.#names.keys()] };
  }

  /** The statements as text. */
  #constants(): Constant[] {
    const floats = new Set(
      [...this.#leaves, ...this.#statements.map(({ name, op: { dtype } }) => ({ name, dtype }))]
        .filter(({ dtype }) => dtype === 'float32')
        .map(({ name }) => name),
    );
    const terms = opaqueTerms(this.#statements, (value) => floats.has(value));
    return this.#statements.map(({ name, op }, i) => ({
      name,
      type: scalarType(op.dtype),
      value: substitute(op.expression, Object.fromEntries(terms[i]!)),
    }));
  }

  #constant(pending: PendingMap, place: Place): string {
    let places = this.#names.get(pending);
    if (!places) this.#names.set(pending, (places = new Map<string, string>()));
    let name = places.get(place.key);
    if (name === undefined) {
      name = this.#declare(pending, place);
      places.set(place.key, name);
    }
    return name;
  }

  /** The name of the constant that holds the value of an expression at a place; one for all equal calls. */
  #declare(pending: PendingMap, place: Place): string {
    const { op, traits } = pending;
    const terms = this.#terms(pending, place);
    let call = `${traits.number} ${op.dtype} ${op.helpers ? numberOf(op.helpers) : ''}`;
    for (const [name, value] of terms) call += ' ' + name + '=' + value;
    let name = this.#calls.get(call);
    if (name === undefined) {
      name = nameOf('t', this.#calls.size);
      this.#calls.set(call, name);
      this.#statements.push({ name, op, terms });
    }
    return name;
  }

  /** What stands for the operands, attributes and integers of an expression. */
  #terms({ op, operands, layout }: PendingMap, place: Place): OpaqueTerm[] {
    const terms: OpaqueTerm[] = [];
    for (const operand of operands) {
      if (!('entry' in operand)) {
        terms.push([operand.name, this.#uniform(operand.value, op.floats ? 'float32' : operand.dtype)]);
        continue;
      }
      const value = this.#tensor(operand, layout.shape, place);
      terms.push([operand.name, op.floats && operand.entry.dtype !== 'float32' ? `float(${value})` : value]);
    }
    for (const name in op.attributes) terms.push([name, this.#uniform(op.attributes[name]!, 'float32')]);
    for (const name in op.integers) terms.push([name, this.#uniform(op.integers[name]!, 'int32')]);
    return terms;
  }

  #tensor({ entry, shape: own, persistent }: TensorOperand, shape: Shape, place: Place): string {
    const { pending } = entry;
    let why = pending && this.#leafReason(entry, pending, persistent);
    if (pending?.kind === 'map' && !why) {
      const inner = this.#placeOf(entry.shape, own, shape, place);
      why = this.#obstacle(pending, inner);
      if (!why) return this.#constant(pending, inner);
    }
    const strides = broadcastStrides(own, shape);
    return this.#leaf(entry, place.lift ? place.lift(strides)! : strides, why);
  }

  /** Why a pending value is a leaf at every place, if so. */
  #leafReason(entry: TensorData, pending: Pending, persistent: boolean): TraceReason | undefined {
    if (pending.kind === 'reduce') return 'reduction';
    if (pending.kind === 'pass') return 'unfit';
    // What has no operands never grows.
    if (persistent && pending.operands.length > 0) return 'variable';
    return this.#options.apart(entry) ? 'repeated' : undefined;
  }

  /** The position of an operand with dimensions `inner`, viewed as `own` and broadcast to `shape`, in an expression at `place`. */
  #placeOf(inner: Shape, own: Shape, shape: Shape, place: Place): Place {
    if (sameShape(own, shape) && sameShape(inner, own)) return place;
    const same = sizeOf(own) === sizeOf(shape);
    return {
      key: same ? place.key : `${place.key} ${own.join()}>${shape.join()}`,
      whole: place.whole && same,
      lift: (strides) => {
        const seen = reshapeStrides(inner, strides, own);
        const extended = seen && extendStrides(seen, own, shape);
        return extended && place.lift ? place.lift(extended) : extended;
      },
    };
  }

  /** Why an expression cannot be inlined at a place, if so. */
  #obstacle(pending: PendingMap, place: Place): TraceReason | undefined {
    if (!place.whole && !isCheap(pending)) return 'broadcast';
    if (pending.traits.usesIndex && !(this.#options.indexed && place.whole)) return 'index';
    return reaches(pending, place.lift) ? undefined : 'shape';
  }

  #leaf(entry: TensorData, strides: readonly number[], why: TraceReason | undefined): string {
    for (const leaf of this.#leaves) if (leaf.entry === entry && sameShape(leaf.strides, strides)) return leaf.name;
    const name = nameOf('x', this.#leaves.length);
    this.#leaves.push({ name, entry, dtype: gpuDType(entry.dtype), strides, why });
    return name;
  }

  /** A uniform of its own for each value, so that no text depends on which of them are equal. */
  #uniform(value: number, dtype: DType): string {
    const name = nameOf(dtype === 'float32' ? 'f' : 'i', this.#uniforms++);
    this.#values[name] = value;
    return name;
  }
}

/** A constant, and the op that computes it. */
interface Statement {
  readonly name: string;
  readonly op: ElementOp;
  readonly terms: readonly OpaqueTerm[];
}

const names = { t: [], x: [], f: [], i: [] } as Readonly<Record<'t' | 'x' | 'f' | 'i', string[]>>;

/** The n-th name with a letter; always the same string object, whose hash the engine caches. */
function nameOf(letter: keyof typeof names, n: number): string {
  return (names[letter][n] ??= `${letter}${n}`);
}

const numbers = new Map<string, number>();

/** A number that identifies a text. */
function numberOf(text: string): number {
  let number = numbers.get(text);
  if (number === undefined) numbers.set(text, (number = numbers.size));
  return number;
}
