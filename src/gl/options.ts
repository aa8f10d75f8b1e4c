/** The options and counters that applications see, and the options of tests. */

/** Options of `configure` and `registerConvgl`. All are optional. */
export interface ConvglOptions {
  /**
   * Draws on this canvas, in a context that convgl creates. Default: a canvas of convgl's own, in a worker an OffscreenCanvas.
   * `context` takes precedence.
   */
  readonly canvas?: HTMLCanvasElement | OffscreenCanvas;
  /**
   * Draws with this context, which other code may draw with too: convgl saves its state before each op and restores it
   * afterwards. Default: a context of convgl's own.
   */
  readonly context?: WebGL2RenderingContext;
  /** Bytes of freed textures that are kept for reuse. They are deleted after five idle seconds. Default: 512 MiB. */
  readonly recycleBudget?: number;
  /**
   * Whether small inputs (128 elements together) whose values are on the host are computed there, if the result is the same
   * bit for bit. Default: true.
   */
  readonly smallOnCpu?: boolean;
  /**
   * Whether elementwise ops and reductions wait until their values are needed, so that one pass computes a whole chain of
   * them. Without it each op runs at its call, which helps to find the op that an error comes from. Default: true.
   */
  readonly deferred?: boolean;
  /**
   * Whether all that runs is printed to the console, as {@link trace} shows it. The page's address can ask for it by
   * `?convgl=trace`. Default: false.
   */
  readonly trace?: boolean;
  /** Called when the browser takes the context away. */
  readonly onContextLost?: () => void;
  /** Called when the context is back and new tensors work again. */
  readonly onContextRestored?: () => void;
}

/** A canvas or a context of the application's. */
export type ContextSource = Pick<ConvglOptions, 'canvas' | 'context'>;

/** Options that only tests have. */
export interface TestOptions extends ConvglOptions {
  /** Pretends a smaller limit than the device has, in texels. */
  readonly maxTextureSize?: number;
}

/** Counters of a backend. Programs and draws begin at 0 again when a lost context is restored. */
export interface ConvglStats {
  /** The GPU's name, as the driver gives it. */
  readonly renderer: string;
  /** Compiled shader programs. */
  readonly programs: number;
  /** Draws, each of which runs one shader over one or several textures. */
  readonly draws: number;
  /** Bytes of textures that hold tensors. */
  readonly bytesInUse: number;
  /** Bytes of freed textures that are kept for reuse. */
  readonly bytesFree: number;
  /** The most bytes of textures at any time, those kept for reuse included. */
  readonly peakBytes: number;
}
