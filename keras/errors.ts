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
