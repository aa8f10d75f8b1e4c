/** Decides when pending values are computed. */
import type { Device, Texture } from '../gl/device';
import { layoutOf } from '../plan/layout';
import type { Layout } from '../plan/plan';
import type { Shape } from '../plan/shape';
import type { TraceReason } from '../plan/trace';
import { isTooLong, isTooLongToCopy, pendingMap, pendingReduction } from './cost';
import { eachDependency, heaviestOf, holdsAlone, someDependency } from './dependencies';
import { Evaluator } from './evaluator';
import { entriesOf, FACTORED, productOf, type ProductTerm, type Term } from './factor_out';
import { isConstantMap } from './pass_sharing';
import { PASS, PendingSet } from './pending_set';
import {
  gpuDType,
  type ElementOp,
  type Extent,
  type Operand,
  type Pending,
  type PendingMap,
  type PendingPass,
  type PendingReduction,
  type Reduction,
  type TensorData,
  type TensorOperand,
} from './tensor_data';

/** Pending expressions are computed once they alone keep more bytes of textures alive. */
const HELD_BYTES = 64 * 2 ** 20;
/** They may keep this share of all bytes in use, so that steps of larger batches need no more passes. */
const HELD_SHARE = 1 / 3;

export class Scheduler {
  readonly #device: Device;
  readonly #deferring: boolean;
  readonly #pendingSet: PendingSet;
  readonly #evaluator: Evaluator;

  constructor(device: Device, deferring: boolean) {
    this.#device = device;
    this.#deferring = deferring;
    this.#pendingSet = new PendingSet(device);
    this.#evaluator = new Evaluator(device, this.#pendingSet);
    device.onLost = () => this.#pendingSet.lose();
  }

  /** The size of a value's texture, which it has or will have. @throws TextureSizeError */
  layout(entry: TensorData): Pick<Layout, 'width' | 'height'> {
    const { texture, pending, shape, dtype } = entry;
    // Only the pass itself knows, which may compute more than its own result.
    if (pending?.kind === 'pass' || this.#isWithPass(entry)) return this.texture(entry);
    return texture ?? pending?.layout ?? layoutOf(shape, gpuDType(dtype), this.#device.limits);
  }

  /**
   * A value that `op` computes when it is needed.
   *
   * @throws TextureSizeError where it would fit no texture
   */
  defer(op: ElementOp, operands: readonly Operand[], shape: Shape): TensorData {
    const layout = layoutOf(shape, op.dtype, this.#device.limits);
    const make = (): PendingMap => pendingMap(op, operands, layout);
    return this.#add(this.#shortened(operands, make, isTooLong));
  }

  /**
   * A value that a reduction of `inputs` computes when it is needed.
   *
   * @throws TextureSizeError where it would fit no texture
   */
  deferReduction(reduction: Reduction, operands: readonly Operand[], extent: Extent): TensorData {
    const product = productOf(reduction, operands, extent);
    if (product) return this.#deferProduct(product, reduction, extent);
    const layout = layoutOf(extent.out, reduction.load.dtype, this.#device.limits);
    const make = (): PendingReduction => pendingReduction(reduction, operands, extent, layout);
    return this.#add(this.#shortened(operands, make, ({ load }) => isTooLongToCopy(load)));
  }

  /** Defers the sum of a product as a product with a sum. */
  #deferProduct({ factor, summand }: ProductTerm, reduction: Reduction, extent: Extent): TensorData {
    const { out } = extent;
    const made: TensorData[] = [];
    const own = (name: string, entry: TensorData): Operand => {
      made.push(entry);
      return { name, entry, shape: out, persistent: false };
    };
    const computed = (term: Term): Operand =>
      'op' in term ? own(term.name, this.defer(term.op, term.terms.map(computed), out)) : term;
    // Each call may compute values, after which values that only those read are dropped.
    return this.lending([summand.entry, ...entriesOf(factor)], () => {
      try {
        const sum = own('sum', this.deferReduction(reduction, [summand], extent));
        return this.defer(FACTORED, [sum, computed(factor)], out);
      } finally {
        for (const entry of made) this.#pendingSet.giveBack(entry);
      }
    });
  }

  /** A value that a pass of another kind computes from other values when it is needed. @throws TextureSizeError */
  deferPass(operands: readonly TensorOperand[], shape: Shape, pass: Pick<PendingPass, 'run' | 'fuses'>): TensorData {
    const layout = layoutOf(shape, 'float32', this.#device.limits);
    return this.#add({ kind: 'pass', operands, layout, ...pass, key: PASS });
  }

  /** See Evaluator.texture. */
  texture(entry: TensorData, run?: number, why?: TraceReason): Texture {
    return this.#evaluator.texture(entry, run, why);
  }

  /** Computes a value ahead of its readers. A failure is reported to those. */
  #attempt(entry: TensorData, why: TraceReason): void {
    if (entry.failed || this.#device.lost) return;
    try {
      this.texture(entry, undefined, why);
    } catch {
      // Told to its readers.
    }
  }

  /** Drops a value without references, as soon as no pending expression reads it. */
  release(entry: TensorData): void {
    this.#pendingSet.release(entry);
  }

  /** Calls `work` while holding a reference to each value, which may have none left. */
  lending<T>(entries: readonly TensorData[], work: () => T): T {
    for (const entry of entries) this.#pendingSet.lend(entry);
    try {
      return work();
    } finally {
      for (const entry of entries) this.#pendingSet.giveBack(entry);
    }
  }

  /** Computes every referenced value that alone keeps textures alive. Ends a training step. */
  settle(why: TraceReason = 'step'): void {
    const held = this.#pendingSet.all().filter((entry) => entry.refCount > 0 && !entry.failed && holdsAlone(entry));
    this.#evaluator.settling = true;
    try {
      // Reductions first, so that all that is small can be computed together.
      for (const entry of held)
        eachDependency(entry, (within) => {
          if (within.pending?.kind === 'reduce') this.#attempt(within, why);
        });
      // The latest first: what others are computed from comes along with them.
      for (const entry of held.reverse()) this.#attempt(entry, why);
    } finally {
      this.#evaluator.settling = false;
    }
  }

  /** Computes a value without operands, such as an optimizer's zeros, so that a first step reads it from a texture as later steps do. */
  computeConstant(entry: TensorData): void {
    if (isConstantMap(entry)) this.#attempt(entry, 'constant');
  }

  /** Computes every pending value that can be computed. */
  computeAll(): void {
    for (const entry of this.#pendingSet.all()) if (entry.refCount > 0) this.#attempt(entry, 'end');
  }

  /** The result of `make`. While it is too long for one shader, computes its heaviest operand and makes it again. */
  #shortened<P extends Pending>(operands: readonly Operand[], make: () => P, tooLong: (pending: P) => boolean): P {
    let pending = make();
    for (let heaviest; tooLong(pending) && (heaviest = heaviestOf(operands));) {
      this.#attempt(heaviest, 'long');
      if (heaviest.pending) break; // It cannot be computed, nor can what is computed from it.
      pending = make();
    }
    return pending;
  }

  #add(pending: Pending): TensorData {
    this.#device.expectContext('Making a tensor');
    for (const operand of pending.operands) if ('entry' in operand) this.#evaluator.current(operand.entry);
    const entry = this.#pendingSet.add(pending);
    this.#device.tracer?.deferred(pending);
    if (!this.#deferring) this.#computeAtOnce(entry);
    else if (this.#pendingSet.heldBytes > Math.max(HELD_BYTES, HELD_SHARE * this.#device.textures.bytesInUse))
      this.settle('memory');
    return entry;
  }

  #computeAtOnce(entry: TensorData): void {
    try {
      this.texture(entry, undefined, 'eager');
    } catch (error) {
      this.#pendingSet.giveBack(entry);
      throw error;
    }
  }

  /** Whether such a pass is among the dependencies; it may compute this value as its epilogue. */
  #isWithPass(entry: TensorData): boolean {
    return this.#pendingSet.hasPass && someDependency(entry, ({ pending }) => pending?.kind === 'pass');
  }
}
