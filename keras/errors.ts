/** The errors that this entry throws on purpose; each says what was found and what was expected. */

/** The common class of all of them. */
export class KerasError extends Error {
  override readonly name: string = 'KerasError';
}

/** A data file that is not what it should be. */
export class DataFileError extends KerasError {
  override readonly name = 'DataFileError';

  constructor(
    readonly file: string,
    readonly found: string,
    readonly expected: string,
  ) {
    super(`${file}: found ${found}, expected ${expected}.`);
  }
}

/** A package that only some functions need, and that is not installed. */
export class MissingPackageError extends KerasError {
  override readonly name = 'MissingPackageError';

  constructor(
    readonly packageName: string,
    purpose: string,
    cause: unknown,
  ) {
    super(`${purpose} needs the package ${packageName}: npm install ${packageName}.`, { cause });
  }
}

/** A file of weights or a model that is not what it should be. */
export class ModelFileError extends KerasError {
  override readonly name = 'ModelFileError';

  constructor(
    readonly file: string,
    readonly found: string,
    readonly expected: string,
  ) {
    super(`${file}: found ${found}, expected ${expected}.`);
  }
}

/** Weights of a file that do not fit the model; none of them was set. */
export class WeightsMismatchError extends KerasError {
  override readonly name = 'WeightsMismatchError';

  constructor(
    readonly file: string,
    /** Each says which weight or layer, what the file has, and what the model expects. */
    readonly mismatches: readonly string[],
  ) {
    super(`${file} does not fit the model:\n  ${mismatches.join('\n  ')}`);
  }
}

/** A model that needs what tfjs-layers does not have, or has what Keras does not. */
export class UnsupportedModelError extends KerasError {
  override readonly name = 'UnsupportedModelError';

  constructor(
    /** All of it, each with the layer that needs it. */
    readonly missing: readonly string[],
    problem = 'tfjs-layers lacks what the model needs',
  ) {
    super(`${problem}:\n  ${missing.join('\n  ')}`);
  }
}
