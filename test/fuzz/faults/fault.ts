/** Faults as data: what befalls a program of the fuzzer, and at which of its GL calls. */
import type { Draw } from '../draw';
import type { FuzzCase } from '../case';
import { BESIDE } from './beside';

/** What a driver does to one GL call, chosen by its place among those of a program that this can befall. */
export type Fault = { readonly at: number } & (
  | {
      /** The context is lost, and restored after some milliseconds, or not. */
      readonly kind: 'context';
      /** Milliseconds from the call to the loss; at the call itself unless said. */
      readonly after?: number;
      readonly restore?: number;
    }
  /** So many calls are refused from there on: textures and buffers get no memory, shaders and programs none of their work. */
  | { readonly kind: 'memory' | 'shader'; readonly times: number }
  /** The framebuffer is given a texture without storage. */
  | { readonly kind: 'framebuffer' }
  /** A fence, query or link is not ready for so many milliseconds. */
  | { readonly kind: 'stall'; readonly ms: number }
);

export type FaultKind = Fault['kind'];

/** A program, how it runs, and what befalls it. */
export interface FaultCase {
  readonly program: FuzzCase;
  readonly faults: readonly Fault[];
  /** How the backend runs it, as it usually does unless said. */
  readonly run: RunOptions;
}

export interface RunOptions {
  /** Nothing is deferred. */
  readonly eager?: boolean;
  /** What is small may be computed on the host. */
  readonly smallOnCpu?: boolean;
  /** The context is another's, too. */
  readonly shared?: boolean;
  /** Tensors are read with dataSync. */
  readonly sync?: boolean;
  /** The program has run before, and its programs and textures, full of garbage, are there. */
  readonly warm?: boolean;
  /** What else is under way meanwhile. */
  readonly beside?: keyof typeof BESIDE;
}

/** The calls that a fault of each kind can befall. What only asks is none: how often depends on the clock. */
const BEFALLS: Readonly<Record<FaultKind, RegExp>> = {
  context: /^(?!isContextLost|clientWaitSync|getQueryParameter|getProgramParameter|getError)/,
  memory: /^(texStorage[23]D|bufferData)$/,
  shader: /^(compileShader|linkProgram)$/,
  framebuffer: /^framebufferTexture(2D|Layer)$/,
  stall: /^(fenceSync|beginQuery|linkProgram)$/,
};

export const FAULT_KINDS = Object.keys(BEFALLS) as readonly FaultKind[];

export function befalls(kind: FaultKind, method: string): boolean {
  return BEFALLS[kind].test(method);
}

export function drawRunOptions(draw: Draw): RunOptions {
  const beside = draw.chance(40) ? draw.of(Object.keys(BESIDE) as (keyof typeof BESIDE)[]) : undefined;
  return {
    ...(draw.chance(15) ? { eager: true } : {}),
    ...(draw.chance(25) ? { smallOnCpu: true } : {}),
    ...(draw.chance(15) ? { shared: true } : {}),
    ...(draw.chance(25) ? { sync: true } : {}),
    ...(draw.chance(30) ? { warm: true } : {}),
    ...(beside ? { beside } : {}),
  };
}

/** A fault of a kind at one of the calls that a program makes; the call is chosen by a number that does not depend on them. */
export type Placed = (calls: readonly string[]) => Fault | undefined;

const PLACES = 5040;

export function drawFault(draw: Draw, kind: FaultKind): Placed {
  const place = draw.int(0, PLACES - 1);
  const fault = withoutPlace(draw, kind);
  return (calls) => {
    const count = calls.filter((method) => befalls(kind, method)).length;
    return count > 0 ? { ...fault, at: place % count } : undefined;
  };
}

function withoutPlace(draw: Draw, kind: FaultKind): Fault {
  switch (kind) {
    case 'context': {
      const after = draw.chance(40) ? draw.int(0, 20) : undefined;
      const restore = draw.chance(75) ? draw.of([0, 1, 5, 30]) : undefined;
      return { kind, at: 0, ...(after === undefined ? {} : { after }), ...(restore === undefined ? {} : { restore }) };
    }
    case 'memory':
    case 'shader':
      return { kind, at: 0, times: draw.of([1, 2, 3, 8, 40]) };
    case 'framebuffer':
      return { kind, at: 0 };
    case 'stall':
      return { kind, at: 0, ms: draw.of([1, 3, 10, 60, 250]) };
  }
}
