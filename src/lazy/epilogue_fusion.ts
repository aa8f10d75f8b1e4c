/** Decides which elementwise ops a convolution or matrix product applies as its epilogue. */
import type { PendingMap, PendingPass, TensorData } from './tensor_data';
import { mentions, type Constant, type Epilogue, type EpilogueOperand, type EpilogueParams } from '../glsl/epilogue';
import { memoize } from '../plan/plan';
import { sizeOf, type Shape } from '../plan/shape';
import type { TraceReason } from '../plan/trace';
import { isTooLongToCopy } from './cost';
import type { Code } from './code';
import { inlineExpressions, type Inlined, type Leaf } from './inlining';
import { ownedBy, someDependency, wasUsed } from './dependencies';

/** Passes read up to three tensors of their own, and every device binds sixteen textures. */
const MOST_OPERANDS = 12;

/** An elementwise value as the epilogue of the pass (the producer) whose result it reads. */
export interface Fusion {
  readonly producer: TensorData;
  readonly pending: PendingPass;
  /** Its inputs may be pending. */
  readonly epilogue: Epilogue<TensorData>;
  /** The ops of the epilogue, each after those that read it. */
  readonly inlined: readonly PendingMap[];
}

/** How to compute an elementwise value as the epilogue of one of its dependencies, if possible. */
export function fusionOf(root: TensorData): Fusion | undefined {
  const { pending } = root;
  if (pending?.kind !== 'map' || pending.layout.dtype !== 'float32') return undefined;
  if (isTooLongToCopy(pending) || pending.traits.usesIndex) return undefined;
  const { shape } = pending.layout;
  const size = sizeOf(shape);
  const fits = (e: TensorData): boolean => e.pending?.kind === 'pass' && e.pending.fuses && sizeOf(e.shape) === size;
  const producers = ownedBy(root).filter(fits);
  if (producers.length === 0) return undefined;
  const flat = inlineExpressions([pending], shape, { indexed: false, apart: wasUsed });
  for (const producer of producers) {
    const epilogue = epilogueOf(flat, shape, producer);
    if (epilogue) return { producer, pending: producer.pending as PendingPass, epilogue, inlined: flat.inlined };
  }
  return undefined;
}

/** The value to compute in place of `producer`: the last dependency of `roots` that can be its epilogue, else itself. */
export function consumerOf(producer: TensorData, roots: readonly TensorData[]): TensorData {
  let consumer = producer;
  const consumes = (entry: TensorData): boolean => {
    if (fusionOf(entry)?.producer !== producer) return false;
    consumer = entry;
    return true;
  };
  const seen = new Set<TensorData>();
  roots.some((root) => someDependency(root, consumes, seen));
  return consumer;
}

/** Why no reader of a pass is its epilogue, although the pass is computed. */
export function whyNotFused({ refCount, readers }: TensorData): TraceReason {
  if (refCount > 0) return 'held';
  return readers > 1 ? 'several' : 'unfit';
}

function epilogueOf(
  { code, leaves, values }: Inlined,
  shape: Shape,
  producer: TensorData,
): Epilogue<TensorData> | undefined {
  const own = leaves.filter(({ entry }) => entry === producer);
  if (own.length !== 1 || leaves.length > MOST_OPERANDS) return undefined;
  const channels = producer.shape.at(-1);
  const others = leaves.filter((leaf) => leaf !== own[0]);
  const accesses = others.map((leaf) => (shape.at(-1) === channels ? accessOf(leaf, shape) : undefined));
  if (accesses.includes(undefined) || accesses.filter((access) => access === 'whole').length > 1) return undefined;
  const { name } = own[0]!;
  const operands = others.map((leaf, i) => ({ name: leaf.name, dtype: leaf.dtype, access: accesses[i]! }));
  const params = paramsOf({ code, own: name, operands });
  return { params, inputs: others.map(({ entry }) => entry), uniforms: values };
}

/** How the epilogue reads a leaf, if it can. */
function accessOf({ strides, entry }: Leaf, shape: Shape): EpilogueOperand['access'] | undefined {
  const last = strides.length - 1;
  const size = sizeOf(entry.shape);
  if (size === 1) return 'scalar';
  if (size === shape[last] && strides[last] === 1) return 'channel';
  // The texels of the whole are those of the channels at all places.
  return size === sizeOf(shape) && shape[last]! % 4 === 0 ? 'whole' : undefined;
}

interface EpilogueParts {
  readonly code: Code;
  /** The name of the producer's result in it. */
  readonly own: string;
  readonly operands: readonly EpilogueOperand[];
}

/** The statements of `code`, split into those that depend on the channel alone and the rest. */
const paramsOf = memoize(({ code, own, operands }: EpilogueParts): EpilogueParams => {
  const names = [own, ...operands.filter(({ access }) => access === 'whole').map(({ name }) => name)];
  const fixed: Constant[] = [];
  const varying: Constant[] = [];
  for (const constant of code.statements) {
    const varies = names.some((name) => mentions([constant], name));
    (varies ? varying : fixed).push(constant);
    if (varies) names.push(constant.name);
  }
  const { helpers, attributes, integers } = code;
  return { operands, fixed, varying, own, result: code.results[0]!, helpers, attributes, integers };
});
