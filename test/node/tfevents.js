/** Reads TensorBoard's event files by the published formats alone: TFRecord, the protocol buffers' wire format, PNG. */
import { inflateSync } from 'node:zlib';

/** @typedef {{ field: number, value: Buffer | bigint | number }} Field */

/** @param {Buffer} bytes the remainder of the Castagnoli polynomial, bit by bit */
function crc32c(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

/** @param {Buffer} bytes */
const masked = (bytes) => {
  const crc = BigInt(crc32c(bytes));
  return Number((((crc >> 15n) | (crc << 17n)) + 0xa282ead8n) & 0xffffffffn);
};

/** @param {Buffer} file */
export function recordsOf(file) {
  const records = [];
  for (let at = 0; at < file.length;) {
    const length = Number(file.readBigUInt64LE(at));
    const data = file.subarray(at + 12, at + 12 + length);
    if (file.readUInt32LE(at + 8) !== masked(file.subarray(at, at + 8))) throw new Error('The checksum of a length.');
    if (file.readUInt32LE(at + 12 + length) !== masked(data)) throw new Error('The checksum of data.');
    records.push(data);
    at += 16 + length;
  }
  return records;
}

/**
 * @param {Buffer} bytes
 * @returns {Field[]}
 */
export function fieldsOf(bytes) {
  const fields = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = /** @type {number} */ (bytes[at++]);
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const field = tag >> 3;
    switch (tag & 7) {
      case 0:
        fields.push({ field, value: varint() });
        break;
      case 1:
        fields.push({ field, value: bytes.readDoubleLE(at) });
        at += 8;
        break;
      case 2: {
        const length = Number(varint());
        fields.push({ field, value: bytes.subarray(at, at + length) });
        at += length;
        break;
      }
      default:
        throw new Error(`No such kind of field: ${tag & 7}.`);
    }
  }
  return fields;
}

/**
 * The values of a field of a message.
 *
 * @param {Buffer} bytes
 * @param {number} number
 * @returns {any[]}
 */
export const all = (bytes, number) =>
  fieldsOf(bytes)
    .filter(({ field }) => field === number)
    .map(({ value }) => value);

/**
 * What an event file holds, by tag.
 *
 * @param {Buffer} file
 */
export function eventsOf(file) {
  const events = recordsOf(file).map((record) => ({
    step: Number(all(record, 2)[0] ?? 0n),
    version: all(record, 3)[0]?.toString(),
    graph: all(record, 4)[0],
    summaries: all(record, 5).flatMap((summary) => all(summary, 1)),
  }));
  const values = events.flatMap(({ step, summaries }) => summaries.map((value) => ({ step, ...summaryOf(value) })));
  return {
    version: events[0]?.version,
    graph: events.find(({ graph }) => graph)?.graph,
    tags: [...new Set(values.map(({ tag }) => tag))],
    of: (/** @type {string} */ tag) => values.filter((value) => value.tag === tag),
  };
}

/** @param {Buffer} bytes */
function summaryOf(bytes) {
  const [tensor] = all(bytes, 8);
  const [plugin] = all(all(bytes, 9)[0], 1);
  const shape = all(all(tensor, 2)[0] ?? Buffer.alloc(0), 2).map((dimension) => Number(all(dimension, 1)[0] ?? 0n));
  const [floats] = all(tensor, 5);
  const [doubles] = all(tensor, 6);
  return {
    tag: all(bytes, 1)[0].toString(),
    plugin: all(plugin, 1)[0].toString(),
    shape,
    scalar: floats?.readFloatLE(0),
    doubles: doubles && Array.from({ length: doubles.length / 8 }, (_, i) => doubles.readDoubleLE(8 * i)),
    strings: all(tensor, 8),
  };
}

/** @param {Buffer} png rows of unfiltered bytes, as the kind says that stands before each row */
export function pixelsOf(png) {
  const [width, height, colourType] = [png.readUInt32BE(16), png.readUInt32BE(20), /** @type {number} */ (png[25])];
  const channels = { 0: 1, 2: 3, 6: 4 }[/** @type {0 | 2 | 6} */ (colourType)];
  const data = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at))
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      data.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  const rows = inflateSync(Buffer.concat(data));
  const stride = width * channels + 1;
  const levels = Array.from({ length: height }, (_, y) => [...rows.subarray(y * stride + 1, (y + 1) * stride)]).flat();
  return { width, height, channels, levels };
}
