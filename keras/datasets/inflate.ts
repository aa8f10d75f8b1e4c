/** Inflates gzip files of which only so much is read as their own header says. */
import { DataFileError } from '../errors';

const GZIP_MAGIC = 0x1f8b;
/** A header of any file of a data set is no longer. */
const HEAD = 16;

/** Whether bytes begin as gzip does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && ((bytes[0]! << 8) | bytes[1]!) === GZIP_MAGIC;
}

/**
 * The contents of a gzip file.
 *
 * @param limit how many bytes there may be, from the first of them
 * @throws {DataFileError} where the stream is damaged, or longer than that
 */
export async function inflate(
  file: string,
  compressed: Uint8Array,
  limit: (head: Uint8Array) => number,
): Promise<Uint8Array> {
  const stream = new Blob([compressed as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream('gzip'));
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let [length, most] = [0, Infinity];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      length += value.length;
      if (most === Infinity && length >= HEAD) most = limit(concatenated(chunks, length));
      if (length > most)
        throw new DataFileError(file, `more than the ${most} bytes that it claims`, 'an honest header');
    }
  } catch (error) {
    if (error instanceof DataFileError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataFileError(file, `a damaged gzip stream of ${compressed.length} bytes (${reason})`, 'a complete one');
  } finally {
    // The rest of what is too long is never inflated.
    await reader.cancel().catch(() => undefined);
  }
  return concatenated(chunks, length);
}

export function concatenated(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
