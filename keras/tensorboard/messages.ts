/** TensorBoard's messages as protocol buffers: events, summaries and tensors, by the numbers of their fields. */
import type * as wire from '@bufbuild/protobuf/wire';
import { MissingPackageError } from '../errors';

type Writer = wire.BinaryWriter;
/** Writes the fields of a message. */
export type Message = (writer: Writer) => void;

/** Loads the library that encodes; a bundle without TensorBoard has nothing of it. */
export async function loadEncoder(): Promise<(message: Message) => Uint8Array> {
  let library: typeof wire;
  try {
    library = await import('@bufbuild/protobuf/wire');
  } catch (cause) {
    throw new MissingPackageError('@bufbuild/protobuf', 'Writing event files for TensorBoard', cause);
  }
  const { BinaryWriter } = library;
  return (message) => {
    const writer = new BinaryWriter();
    message(writer);
    return writer.finish();
  };
}

/** The kinds of fields of the wire format. */
const [VARINT, FIXED64, BYTES] = [0, 1, 2] as const;

const double = (field: number, value: number) => (w: Writer) => w.tag(field, FIXED64).double(value);
const int64 = (field: number, value: number) => (w: Writer) => w.tag(field, VARINT).int64(value);
export const text = (field: number, value: string) => (w: Writer) => w.tag(field, BYTES).string(value);
const raw = (field: number, value: Uint8Array) => (w: Writer) => w.tag(field, BYTES).bytes(value);
export const all =
  (...fields: readonly ((writer: Writer) => unknown)[]): Message =>
  (writer) => {
    for (const field of fields) field(writer);
  };
export const nested =
  (field: number, ...fields: readonly ((writer: Writer) => unknown)[]) =>
  (w: Writer) => {
    w.tag(field, BYTES).fork();
    all(...fields)(w);
    w.join();
  };
export { int64, raw };

/** `Event`: what happened at a time, in seconds, and step. */
export const event = (seconds: number, step: number, what: Message): Message =>
  all(double(1, seconds), int64(2, step), what);

export const fileVersion: Message = all(text(3, 'brain.Event:2'));
export const graphDef = (bytes: Uint8Array): Message => all(raw(4, bytes));
export const summary = (values: readonly Message[]): Message =>
  all(nested(5, ...values.map((value) => nested(1, value))));

/** What a tensor's numbers or strings are, as `DataType` numbers it. */
const [FLOAT, DOUBLE, STRING] = [1, 2, 7] as const;

const tensor = (dtype: number, shape: readonly number[], ...values: readonly Message[]): Message =>
  all(nested(8, int64(1, dtype), nested(2, ...shape.map((size) => nested(2, int64(1, size)))), ...values));

/** `SummaryMetadata`: the plugin that shows the value; the class is 1 for scalars, 2 for tensors, 3 for blobs. */
const shownBy = (plugin: string, dataClass: 1 | 2 | 3, content: Uint8Array = new Uint8Array()): Message =>
  all(nested(9, nested(1, text(1, plugin), raw(2, content)), int64(4, dataClass)));

export const scalar = (tag: string, value: number): Message =>
  all(
    text(1, tag),
    tensor(FLOAT, [], (w) => w.tag(5, BYTES).fork().float(value).join()),
    shownBy('scalars', 1),
  );

/** Rows of left edge, right edge and count. */
export const histogram = (tag: string, buckets: readonly (readonly [number, number, number])[]): Message =>
  all(
    text(1, tag),
    tensor(DOUBLE, [buckets.length, 3], (w) => {
      w.tag(6, BYTES).fork();
      for (const value of buckets.flat()) w.double(value);
      w.join();
    }),
    shownBy('histograms', 2),
  );

export interface EncodedImage {
  readonly width: number;
  readonly height: number;
  readonly png: Uint8Array;
}

export const images = (tag: string, shown: readonly EncodedImage[]): Message => {
  const { width = 0, height = 0 } = shown[0] ?? {};
  const strings = [width, height].map((size) => text(8, String(size)));
  return all(
    text(1, tag),
    tensor(STRING, [2 + shown.length], all(...strings, ...shown.map(({ png }) => raw(8, png)))),
    shownBy('images', 3),
  );
};

/** The model's JSON, which TensorBoard draws as its conceptual graph. */
export const kerasModel = (json: string): Message =>
  all(
    text(1, 'keras'),
    tensor(STRING, [], all(text(8, json))),
    shownBy('graph_keras_model', 3, new TextEncoder().encode('1')),
  );
