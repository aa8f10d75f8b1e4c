/** Loads the packages that only some functions need; a bundle without those functions has nothing of them. */
import type * as fflate from 'fflate';
import type { h5wasm } from 'h5wasm';
import { MissingPackageError } from '../errors';

type H5 = typeof h5wasm;

/** HDF5, compiled to WebAssembly, with the files of its own memory. */
export interface HDF5 {
  readonly h5: H5;
  readonly files: {
    writeFile(name: string, bytes: Uint8Array): void;
    readFile(name: string): Uint8Array;
    unlink(name: string): void;
  };
  /** What the library does with an error, for all of its users. */
  readonly errors: { thrown(): void; printed(): void };
}

export async function loadHDF5(): Promise<HDF5> {
  let h5: H5;
  try {
    h5 = (await import('h5wasm')).default;
  } catch (cause) {
    throw new MissingPackageError('h5wasm', 'Reading and writing HDF5', cause);
  }
  const library = (await h5.ready) as unknown as {
    FS: HDF5['files'];
    activate_throwing_error_handler(): void;
    deactivate_throwing_error_handler(): void;
  };
  const errors = {
    thrown: () => library.activate_throwing_error_handler(),
    printed: () => library.deactivate_throwing_error_handler(),
  };
  return { h5, files: library.FS, errors };
}

export async function loadZip(purpose: string): Promise<typeof fflate> {
  try {
    return await import('fflate');
  } catch (cause) {
    throw new MissingPackageError('fflate', purpose, cause);
  }
}
