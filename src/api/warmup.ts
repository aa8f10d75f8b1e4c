/** Compiles the programs that a model or other work needs before its first step, without blocking the page. */
import {
  dispose,
  engine,
  keep,
  Tensor,
  tidy,
  zeros,
  type DataType,
  type Optimizer,
  type Variable,
} from '@tensorflow/tfjs-core';
import { Backend } from '../tensors/backend';
import type { Rehearsed } from '../gl/device';

/** The progress of `warmup`. */
export interface WarmupProgress {
  /** Programs compiled so far. */
  readonly done: number;
  /** Programs to compile in all. */
  readonly total: number;
}

/** Options of `warmup` for a model. */
export interface WarmupOptions {
  /** The batch sizes that will be used. Few programs depend on them. Default: `[32]`. */
  readonly batchSizes?: readonly number[];
  /** Whether to compile for training and evaluation too; `model.compile` must have been called. Default: false, only for `predict`. */
  readonly training?: boolean;
  /** Called after each program. Default: nothing. */
  readonly onProgress?: (progress: WarmupProgress) => void;
}

/** A dimension of a model's input; null, or less than 0, where it is left open. */
type Dimension = number | null;

/** The part of a model that `warmup` uses. Models of tfjs-layers and of tfjs-converter have it. */
export interface WarmupModel {
  /** The inputs. Only the first dimension of a shape, the batch, may be open (null or -1). */
  readonly inputs: readonly {
    readonly name: string;
    readonly shape?: readonly (number | null)[];
    readonly dtype?: DataType;
  }[];
  /** Computes the outputs for a batch. */
  predict(x: Tensor | Tensor[], options: object): unknown;
}

/** What a compiled model of tfjs-layers has beside that and does not show in its types. */
interface Trainer {
  optimizer_: Optimizer & { readonly constructor: OptimizerClass };
  readonly feedOutputShapes: readonly (readonly Dimension[])[];
  makeTrainFunction(): (data: Tensor[]) => Tensor[];
  evaluate(x: Tensor[], y: Tensor[], options: object): Tensor | Tensor[];
}

/** A class of optimizers, as tfjs-core makes one from its configuration. */
interface OptimizerClass {
  fromConfig(cls: OptimizerClass, config: object): Trainer['optimizer_'];
}

/** Steps until no new program appears: the first makes the optimizer's variables, later ones compute what earlier ones deferred. */
const STEPS = 3;

/**
 * Compiles all programs that a model, or any synchronous work with tensors, needs, without blocking the page. Weights and the
 * optimizer's state stay as they are.
 *
 * @param subject a model of tfjs-layers or tfjs-converter, or a function. The function runs several times, nothing is drawn,
 *   and what it reads is undefined. It must not make variables; a new optimizer's first step would
 * @param options for a model; a function needs only `onProgress`
 * @throws Error if convgl is not the current backend, if a dimension of an input other than the batch is open, if a model to
 *   be trained is not compiled, or if the function has made variables
 * @throws {@link ShaderError} if the driver rejects a program
 * @throws {@link ContextLostError}
 */
export async function warmup(subject: WarmupModel | (() => unknown), options: WarmupOptions = {}): Promise<void> {
  const { backend } = engine();
  if (!(backend instanceof Backend))
    throw new Error(`warmup: found the backend ${engine().backendName}, expected convgl; call tf.setBackend before.`);
  const passes = new Map<string, Rehearsed>();
  for (const work of typeof subject === 'function' ? [repeated(subject)] : worksOf(subject, options)) {
    for (const pass of backend.rehearse(() => unchanged(work))) passes.set(pass.plan.key, pass);
    await new Promise((resolve) => setTimeout(resolve));
  }
  const total = passes.size;
  let done = 0;
  await backend.device.prepare([...passes.values()], () => options.onProgress?.({ done: ++done, total }));
}

/** Runs work and throws away all that it gives or changes. */
function unchanged(work: () => void): void {
  const variables = (): Variable[] => Object.values(engine().state.registeredVariables);
  const before = variables();
  const values = before.map((variable) => keep(variable.clone()));
  let made: Variable[];
  try {
    work();
  } finally {
    before.forEach((variable, i) => {
      variable.assign(values[i]!);
      values[i]!.dispose();
    });
    made = variables().filter((variable) => !before.includes(variable));
    made.forEach((variable) => variable.dispose());
  }
  if (made.length > 0)
    throw new Error(
      `warmup: found ${made.length} new variables (${made[0]!.name}, ...), expected work that makes none.`,
    );
}

function repeated(step: () => unknown): () => void {
  return () => {
    for (let i = 0; i < STEPS; i++) tidy(() => read(step()));
  };
}

/** Computes deferred results by reading them. */
function read(results: unknown): void {
  for (const result of [results].flat()) if (result instanceof Tensor) result.dataSync();
}

/** Predictions, and steps of training and of validation, for every batch size. */
function worksOf(model: WarmupModel, { batchSizes = [32], training = false }: WarmupOptions): (() => void)[] {
  return batchSizes.flatMap((batch) => {
    const inputs = (): Tensor[] =>
      model.inputs.map(({ name, shape = [], dtype }) => zeros(sized(name, shape, batch), dtype));
    const predict = repeated(() => model.predict(inputs(), { batchSize: batch }));
    if (!training) return [predict];
    const trainer = trainerOf(model);
    const targets = (): Tensor[] => trainer.feedOutputShapes.map((shape) => zeros(sized('a target', shape, batch)));
    return [() => tidy(() => train(trainer, batch, inputs, targets)), predict];
  });
}

/**
 * Trains with an optimizer like the model's own, and evaluates as `fit` does for its validation. Most callers read each step's loss; `fit`
 * does not by itself, so that deferred values of one step are inlined into the next.
 */
function train(trainer: Trainer, batch: number, inputs: () => Tensor[], targets: () => Tensor[]): void {
  const own = trainer.optimizer_;
  const optimizer = own.constructor.fromConfig(own.constructor, own.getConfig());
  trainer.optimizer_ = optimizer;
  try {
    const step = trainer.makeTrainFunction();
    const steps = (after: (losses: Tensor[]) => void): void => {
      for (let i = 0; i < STEPS; i++) {
        tidy(() => {
          const losses = step([...inputs(), ...targets()]);
          after(losses);
          dispose(losses); // Metrics are kept out of the scope.
        });
      }
    };
    const evaluate = (): void => tidy(() => read(trainer.evaluate(inputs(), targets(), { batchSize: batch })));
    steps(read);
    evaluate();
    steps(() => undefined);
    evaluate();
  } finally {
    trainer.optimizer_ = own;
    optimizer.dispose();
  }
}

/** A sequential model leaves the work to one inside it. */
function trainerOf(model: WarmupModel): Trainer {
  const { model: inner = model } = model as { readonly model?: object };
  const trainer = inner as Partial<Trainer>;
  if (trainer.makeTrainFunction && trainer.optimizer_ && trainer.feedOutputShapes) return trainer as Trainer;
  throw new Error('warmup: found a model that is not compiled, expected one to train; call model.compile before.');
}

function sized(name: string, [, ...rest]: readonly Dimension[], batch: number): number[] {
  const known = rest.filter((d): d is number => d !== null && d >= 0);
  if (known.length === rest.length) return [batch, ...known];
  throw new Error(
    `warmup: found the shape [${rest.join(', ')}] of ${name} open, expected sizes; pass a function that calls the model.`,
  );
}
