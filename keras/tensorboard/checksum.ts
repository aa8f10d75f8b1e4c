/** Cyclic redundancy checks of 32 bits, of the reflected kind. */

function tableOf(polynomial: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ polynomial : remainder >>> 1;
    return remainder;
  });
}

function checksumBy(table: Uint32Array): (bytes: Uint8Array) => number {
  return (bytes) => {
    let remainder = 0xffffffff;
    for (const byte of bytes) remainder = (remainder >>> 8) ^ table[(remainder ^ byte) & 0xff]!;
    return ~remainder >>> 0;
  };
}

/** What PNG files are checked by. */
export const crc32 = checksumBy(tableOf(0xedb88320));
/** What TFRecord files are checked by: Castagnoli's polynomial. */
export const crc32c = checksumBy(tableOf(0x82f63b78));
