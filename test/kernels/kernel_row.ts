/** What the README's table says of a kernel. */

/** One row of the README's table. */
export interface KernelRow {
  readonly kernel: string;
  /** `no pass`: the result is another view of the input, or constants. */
  readonly where: 'GPU' | 'no pass' | 'host';
  /** Those in which a call gives what tfjs-backend-cpu gives; undefined where there is no case to try. */
  readonly dtypes: readonly string[] | undefined;
  /** Who registers its gradient. */
  readonly gradient: 'tfjs-core' | 'convgl' | undefined;
}
