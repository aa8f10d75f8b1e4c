/** Tracks pending values, and the bytes that only pending expressions keep alive. */
import { newTensorData, type TensorData, type Operand, type Pending } from './tensor_data';
import type { Device, Texture } from '../gl/device';
import { sizeOf } from '../plan/shape';

/** The key of passes that are neither elementwise nor reductions, which share nothing. */
export const PASS = 'pass';

export class PendingSet {
  readonly #device: Device;
  /** Pending values by their key; those of one key may share a pass. */
  readonly #live = new Map<string, Set<TensorData>>();
  #heldBytes = 0;

  constructor(device: Device) {
    this.#device = device;
  }

  /** Bytes of textures that only pending expressions keep alive. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** All pending values. */
  all(): readonly TensorData[] {
    return [...this.#live.values()].flatMap((entries) => [...entries]);
  }

  /** The pending values of a key, which may share a pass. */
  alike(key: string): ReadonlySet<TensorData> {
    return this.#live.get(key) ?? NONE;
  }

  /** Whether any pending value is a pass, neither elementwise nor a reduction. */
  get hasPass(): boolean {
    return this.#live.has(PASS);
  }

  /** Adds a new pending value. */
  add(pending: Pending): TensorData {
    const { layout, operands, key } = pending;
    const entry = newTensorData(layout.shape, layout.dtype, { pending });
    for (const operand of operands) if ('entry' in operand) operand.entry.readers++;
    const alike = this.#live.get(key);
    if (alike) alike.add(entry);
    else this.#live.set(key, new Set([entry]));
    return entry;
  }

  /** Records the textures of values that were pending. */
  finish(roots: readonly TensorData[], targets: readonly Texture[]): void {
    const done = roots.map((entry) => entry.pending!);
    roots.forEach((entry, i) => {
      this.#forget(entry);
      entry.pending = undefined;
      entry.failed = false;
      this.place(entry, targets[i]!);
    });
    for (const { operands } of done) this.#unread(operands);
    if (roots.length > 1 && sizeOf(roots[0]!.shape) === 1) for (const entry of roots) entry.readTogether = roots;
  }

  /** Records the texture of a value. */
  place(entry: TensorData, texture: Texture): void {
    entry.texture = texture;
    entry.generation = this.#device.generation;
    if (entry.refCount <= 0) this.#heldBytes += texture.bytes;
  }

  /** Drops a value without references, as soon as no pending expression reads it. */
  release(entry: TensorData): void {
    if (entry.readers === 0) this.#drop(entry);
    else this.#heldBytes += entry.texture?.bytes ?? 0;
  }

  /** Drops all pending values that depend on textures of a lost context, and what only these keep alive. */
  lose(): void {
    const pending = this.all();
    for (const { operands } of pending.map((entry) => entry.pending!))
      for (const operand of operands) if ('entry' in operand) operand.entry.texture = undefined;
    this.#heldBytes = 0;
    const known = new Map<TensorData, boolean>();
    const isLost = (entry: TensorData): boolean => {
      let lost = known.get(entry);
      if (lost === undefined) {
        lost = entry.pending
          ? entry.pending.operands.some((operand) => 'entry' in operand && isLost(operand.entry))
          : entry.values === undefined;
        known.set(entry, lost);
      }
      return lost;
    };
    for (const entry of pending.filter(isLost)) {
      if (!entry.pending) continue; // Given up with the last that read it.
      const { operands } = entry.pending;
      this.#forget(entry);
      entry.pending = undefined;
      this.#unread(operands);
    }
  }

  /** Takes a temporary reference to a value, which may have none left. */
  lend(entry: TensorData): void {
    if (entry.refCount++ <= 0) this.#heldBytes -= entry.texture?.bytes ?? 0;
  }

  /** Drops a temporary reference. */
  giveBack(entry: TensorData): void {
    if (--entry.refCount <= 0) this.release(entry);
  }

  #unread(operands: readonly Operand[]): void {
    for (const operand of operands) {
      if (!('entry' in operand)) continue;
      const { entry } = operand;
      if (--entry.readers > 0 || entry.refCount > 0) continue;
      this.#heldBytes -= entry.texture?.bytes ?? 0;
      this.#drop(entry);
    }
  }

  #drop(entry: TensorData): void {
    const { texture, pending } = entry;
    this.#forget(entry);
    entry.texture = undefined;
    entry.pending = undefined;
    if (texture && entry.generation === this.#device.generation) this.#device.textures.release(texture);
    if (pending) this.#unread(pending.operands);
  }

  #forget(entry: TensorData): void {
    if (!entry.pending) return;
    const { key } = entry.pending;
    const alike = this.#live.get(key);
    alike?.delete(entry);
    if (alike?.size === 0) this.#live.delete(key);
  }
}

const NONE: ReadonlySet<TensorData> = new Set();
