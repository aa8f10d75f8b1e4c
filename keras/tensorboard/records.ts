/** TFRecord files: each record with its length and masked checksums of both. */
import { crc32c } from './checksum';

/** Checksums of data that holds checksums itself would be weak, so that they are rotated and a constant is added. */
const masked = (bytes: Uint8Array): number => {
  const sum = crc32c(bytes);
  return (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
};

/** uint64 length, uint32 checksum of the length, the data, uint32 checksum of the data. */
export function recordOf(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(8 + 4 + data.length + 4);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, masked(data), true);
  return record;
}
