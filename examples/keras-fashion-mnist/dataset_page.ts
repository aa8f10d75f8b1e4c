/** Fetches the images that the Node side found: what `fashion_mnist.load_data()` is in the Keras script. */

/** One split: `count` images of 28 x 28 grey levels, row-major, and their labels. */
export interface Images {
  readonly count: number;
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

export interface FashionMnist {
  readonly train: Images;
  readonly test: Images;
  /** In label order. */
  readonly classNames: readonly string[];
  /** One sentence: which images these are. */
  readonly source: string;
  /** Whether these are Fashion-MNIST's own images. */
  readonly real: boolean;
}

export async function loadData(): Promise<FashionMnist> {
  const facts = (await (await fetchChecked('data/facts.json')).json()) as Pick<
    FashionMnist,
    'classNames' | 'source' | 'real'
  >;
  const [train, test] = await Promise.all([loadImages('train'), loadImages('test')]);
  return { ...facts, train, test };
}

async function loadImages(split: 'train' | 'test'): Promise<Images> {
  const [pixels, labels] = await Promise.all([
    fetchBytes(`data/${split}-images.bin`),
    fetchBytes(`data/${split}-labels.bin`),
  ]);
  return { count: labels.length, pixels, labels };
}

async function fetchBytes(path: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetchChecked(path)).arrayBuffer());
}

async function fetchChecked(path: string): Promise<Response> {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: found HTTP status ${String(response.status)}, expected 200.`);
  return response;
}
