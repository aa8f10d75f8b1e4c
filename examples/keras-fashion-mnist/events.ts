/** What the page tells the terminal while it trains, and the report that it ends with. */
import type { BackendName } from './device';
import type { TrainingOptions } from './fashion_mnist';
import type { Progress } from './keras';

/** What `npm start` asks the page to do. */
export interface RunOptions extends TrainingOptions {
  readonly backend: BackendName;
  readonly seed: number;
}

export interface EpochLogs {
  readonly loss: number;
  readonly acc: number;
  readonly val_loss: number;
  readonly val_acc: number;
}

/** The page's part of report.json; Node adds options, versions and dates. */
export interface RunReport {
  readonly backend: string;
  readonly renderer: string;
  readonly history: Readonly<Record<string, readonly number[]>>;
  /** Losses of the first batches one by one: what two backends are compared by. */
  readonly firstStepLosses: readonly number[];
  readonly firstStepMs: number;
  readonly medianMsPerStep: number;
  readonly imagesPerSecond: number;
  readonly trainSeconds: number;
  readonly testAccuracy: number;
  readonly testLoss: number;
  readonly programsCompiled: number;
  readonly peakGpuBytes: number;
  /** Largest difference between the predictions before saving and after loading again. */
  readonly reloadedDifference: number;
}

export type RunEvent =
  | { readonly type: 'device'; readonly backend: string; readonly renderer: string }
  | { readonly type: 'summary'; readonly lines: readonly string[] }
  | { readonly type: 'epochBegin'; readonly epoch: number; readonly steps: number }
  | ({ readonly type: 'progress' } & Progress)
  | { readonly type: 'epochEnd'; readonly epoch: number; readonly logs: EpochLogs; readonly msPerStep: number }
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'done'; readonly report: RunReport }
  | { readonly type: 'failed'; readonly message: string };

declare global {
  /** Given by Node: see page_host.js. */
  function tellTerminal(event: RunEvent): Promise<void>;
}
