/** What the page of `npm start` is asked for, what it tells the terminal, and the report that it ends with. */
import type { BackendName } from './device';

/** What `npm start` asks the page to do. */
export interface RunOptions {
  readonly backend: BackendName;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: number;
}

/** The page's part of report.json; Node adds options, versions and dates. */
export interface RunReport {
  readonly backend: string;
  readonly renderer: string;
  readonly history: Readonly<Record<string, readonly number[]>>;
  /** Of the training's first step, which compiles the programs. */
  readonly firstStepMs: number;
  /** The median over the epochs, of their steps but the training's first. */
  readonly medianMsPerStep: number;
  readonly imagesPerSecond: number;
  readonly trainSeconds: number;
  readonly testAccuracy: number;
  readonly testLoss: number;
  /** What the first test image is taken for: a probability for each class. */
  readonly firstPrediction: readonly number[];
  readonly programsCompiled: number;
  readonly peakGpuBytes: number;
}

export type RunEvent =
  /** Text of the line of progress: \r begins it anew, \n ends it. */
  | { readonly type: 'progress'; readonly text: string }
  | { readonly type: 'done'; readonly report: RunReport }
  | { readonly type: 'failed'; readonly message: string };

declare global {
  /** Given by Node: see page_host.js. */
  function tellTerminal(event: RunEvent): Promise<void>;
}
