/** What a device is opened with, and what it counts. */

/** Where convgl draws, how much memory it keeps, and who is told of the context. All are optional. */
export interface ContextOptions {
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
  /** Called when the browser takes the context away. */
  readonly onContextLost?: () => void;
  /** Called when the context is back and new tensors work again. */
  readonly onContextRestored?: () => void;
}

/** A canvas or a context of the application's. */
export type ContextSource = Pick<ContextOptions, 'canvas' | 'context'>;

/** With what only tests choose. */
export interface DeviceOptions extends ContextOptions {
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
