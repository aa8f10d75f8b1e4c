/** The .keras archive: a zip of config.json, metadata.json and model.weights.h5. */
import { ModelFileError } from '../errors';
import { loadZip } from '../io/packages';
import type { NamedFile } from '../io/places';

export const CONFIG_ENTRY = 'config.json';
export const METADATA_ENTRY = 'metadata.json';
export const WEIGHTS_ENTRY = 'model.weights.h5';

const PURPOSE = 'Reading and writing .keras files';
const ENTRIES = [CONFIG_ENTRY, METADATA_ENTRY, WEIGHTS_ENTRY];
/** Deflate makes nothing 1000 times smaller but zeros; Keras does not compress at all. */
const MAX_EXPANSION = 1100;

/** The archive's entries. @throws {ModelFileError} where one is missing, damaged, or claims to be too large */
export async function readArchive(file: NamedFile): Promise<ReadonlyMap<string, Uint8Array>> {
  const { unzipSync } = await loadZip(PURPOSE);
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(file.bytes, {
      filter: ({ name, originalSize, size }) => {
        if (!ENTRIES.includes(name)) return false;
        if (size > file.bytes.length || originalSize > MAX_EXPANSION * Math.max(size, 1)) {
          throw new ModelFileError(file.name, `${name} of ${originalSize} bytes made of ${size}`, 'an honest size');
        }
        return true;
      },
    });
  } catch (error) {
    if (error instanceof ModelFileError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ModelFileError(
      file.name,
      `a damaged archive of ${file.bytes.length} bytes (${reason})`,
      'a .keras archive',
    );
  }
  for (const name of [CONFIG_ENTRY, WEIGHTS_ENTRY]) {
    if (!Object.hasOwn(entries, name)) throw new ModelFileError(file.name, `no ${name} in the archive`, 'one');
  }
  return new Map(Object.entries(entries));
}

/** The bytes of an archive, whose entries are stored as they are, as Keras does. */
export async function writeArchive(config: object, metadata: object, weights: Uint8Array): Promise<Uint8Array> {
  const { strToU8, zipSync } = await loadZip(PURPOSE);
  const entries = {
    [METADATA_ENTRY]: strToU8(JSON.stringify(metadata)),
    [CONFIG_ENTRY]: strToU8(JSON.stringify(config)),
    [WEIGHTS_ENTRY]: weights,
  };
  return zipSync(entries, { level: 0 });
}
