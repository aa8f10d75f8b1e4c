/** Learning rates that change with the number of updates, as `keras.optimizers.schedules` defines them. */
import { KerasError } from '../errors';

/** A learning rate for each number of updates done so far. */
export abstract class LearningRateSchedule {
  abstract readonly className: string;

  /** The rate of the update after `iteration` others. */
  abstract at(iteration: number): number;

  /** What `deserializeSchedule` makes the schedule of again. */
  getConfig(): Record<string, unknown> {
    const { className: _, ...config } = this as unknown as Record<string, unknown>;
    return config;
  }
}

/** Options of `ExponentialDecay` and `InverseTimeDecay`. */
export interface ExponentialDecayOptions {
  /** The rate of the first update. */
  readonly initialLearningRate: number;
  /** Updates in which the rate decays by `decayRate`. More than 0. */
  readonly decaySteps: number;
  /** The factor, or for `InverseTimeDecay` the summand of the divisor. */
  readonly decayRate: number;
  /** Whether the rate falls once in `decaySteps` and not with every step. */
  readonly staircase?: boolean;
}

/** `initialLearningRate * decayRate ** (step / decaySteps)`. */
export class ExponentialDecay extends LearningRateSchedule {
  readonly className = 'ExponentialDecay';
  readonly initialLearningRate: number;
  readonly decaySteps: number;
  readonly decayRate: number;
  readonly staircase: boolean;

  constructor({ initialLearningRate, decaySteps, decayRate, staircase = false }: ExponentialDecayOptions) {
    super();
    this.initialLearningRate = initialLearningRate;
    this.decaySteps = positive('decaySteps', decaySteps);
    this.decayRate = decayRate;
    this.staircase = staircase;
  }

  at(iteration: number): number {
    const p = iteration / this.decaySteps;
    return this.initialLearningRate * this.decayRate ** (this.staircase ? Math.floor(p) : p);
  }
}

/** `initialLearningRate / (1 + decayRate * step / decaySteps)`. */
export class InverseTimeDecay extends LearningRateSchedule {
  readonly className = 'InverseTimeDecay';
  readonly initialLearningRate: number;
  readonly decaySteps: number;
  readonly decayRate: number;
  readonly staircase: boolean;

  constructor({ initialLearningRate, decaySteps, decayRate, staircase = false }: ExponentialDecayOptions) {
    super();
    this.initialLearningRate = initialLearningRate;
    this.decaySteps = positive('decaySteps', decaySteps);
    this.decayRate = decayRate;
    this.staircase = staircase;
  }

  at(iteration: number): number {
    const p = iteration / this.decaySteps;
    return this.initialLearningRate / (1 + this.decayRate * (this.staircase ? Math.floor(p) : p));
  }
}

/** Options of `PiecewiseConstantDecay`. */
export interface PiecewiseConstantDecayOptions {
  /** The last steps of all pieces but the last, in rising order. */
  readonly boundaries: readonly number[];
  /** One more than there are boundaries. */
  readonly values: readonly number[];
}

/** `values[i]` up to and including step `boundaries[i]`. */
export class PiecewiseConstantDecay extends LearningRateSchedule {
  readonly className = 'PiecewiseConstantDecay';
  readonly boundaries: readonly number[];
  readonly values: readonly number[];

  constructor({ boundaries, values }: PiecewiseConstantDecayOptions) {
    super();
    if (values.length !== boundaries.length + 1)
      throw new KerasError(
        `PiecewiseConstantDecay: found ${boundaries.length} boundaries and ${values.length} values, expected one value more than boundaries.`,
      );
    this.boundaries = boundaries;
    this.values = values;
  }

  at(iteration: number): number {
    const piece = this.boundaries.findIndex((boundary) => iteration <= boundary);
    return this.values.at(piece)!; // -1, none: the last
  }
}

/** Options of `PolynomialDecay`. */
export interface PolynomialDecayOptions {
  /** The rate of the first update. */
  readonly initialLearningRate: number;
  /** Updates until the rate is `endLearningRate`. More than 0. */
  readonly decaySteps: number;
  /** Default: 0.0001. */
  readonly endLearningRate?: number;
  /** The degree of the polynomial. Default: 1, a straight line. */
  readonly power?: number;
  /** Whether the decay starts again, over a longer time, once it is done. */
  readonly cycle?: boolean;
}

/** `(initialLearningRate - endLearningRate) * (1 - step / decaySteps) ** power + endLearningRate`. */
export class PolynomialDecay extends LearningRateSchedule {
  readonly className = 'PolynomialDecay';
  readonly initialLearningRate: number;
  readonly decaySteps: number;
  readonly endLearningRate: number;
  readonly power: number;
  readonly cycle: boolean;

  constructor(options: PolynomialDecayOptions) {
    super();
    this.initialLearningRate = options.initialLearningRate;
    this.decaySteps = positive('decaySteps', options.decaySteps);
    this.endLearningRate = options.endLearningRate ?? 0.0001;
    this.power = options.power ?? 1;
    this.cycle = options.cycle ?? false;
  }

  at(iteration: number): number {
    const steps = this.cycle ? this.decaySteps * Math.max(1, Math.ceil(iteration / this.decaySteps)) : this.decaySteps;
    const p = Math.min(iteration, steps) / steps;
    return (this.initialLearningRate - this.endLearningRate) * (1 - p) ** this.power + this.endLearningRate;
  }
}

/** Options of `CosineDecay`. */
export interface CosineDecayOptions {
  /** The rate of the first update. */
  readonly initialLearningRate: number;
  /** Updates of the decay, after those of the warm-up. More than 0. */
  readonly decaySteps: number;
  /** The last rate, as a part of the rate that the decay starts from. */
  readonly alpha?: number;
  /** The rate to rise to, linearly in `warmupSteps`, before the decay. */
  readonly warmupTarget?: number;
  /** Updates of the warm-up. Default: 0. */
  readonly warmupSteps?: number;
}

/** Half a cosine from the initial rate, or from the target of a linear warm-up, down to `alpha` of it. */
export class CosineDecay extends LearningRateSchedule {
  readonly className = 'CosineDecay';
  readonly initialLearningRate: number;
  readonly decaySteps: number;
  readonly alpha: number;
  readonly warmupTarget: number | undefined;
  readonly warmupSteps: number;

  constructor(options: CosineDecayOptions) {
    super();
    this.initialLearningRate = options.initialLearningRate;
    this.decaySteps = positive('decaySteps', options.decaySteps);
    this.alpha = options.alpha ?? 0;
    this.warmupTarget = options.warmupTarget ?? undefined; // null in a file
    this.warmupSteps = options.warmupSteps ?? 0;
  }

  at(iteration: number): number {
    if (this.warmupTarget === undefined) return this.#decayed(this.initialLearningRate, iteration);
    if (iteration >= this.warmupSteps) return this.#decayed(this.warmupTarget, iteration - this.warmupSteps);
    const rise = this.warmupTarget - this.initialLearningRate;
    return this.initialLearningRate + (rise * iteration) / this.warmupSteps;
  }

  #decayed(from: number, step: number): number {
    const p = Math.min(step / this.decaySteps, 1);
    return from * ((1 - this.alpha) * 0.5 * (1 + Math.cos(Math.PI * p)) + this.alpha);
  }
}

function positive(name: string, value: number): number {
  if (!(value > 0)) throw new KerasError(`Found ${name} ${value}, expected a number above 0.`);
  return value;
}

const SCHEDULES = { ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay, PolynomialDecay, CosineDecay };

/** A schedule from its class's name and what its `getConfig` gave. */
export function deserializeSchedule(className: string, config: Record<string, unknown>): LearningRateSchedule {
  const schedules: Record<string, (new (options: never) => LearningRateSchedule) | undefined> = SCHEDULES;
  const schedule = Object.hasOwn(SCHEDULES, className) ? schedules[className] : undefined;
  if (!schedule)
    throw new KerasError(
      `No learning rate schedule is named ${className}; there are ${Object.keys(SCHEDULES).join(', ')}.`,
    );
  return new schedule(config as never);
}
