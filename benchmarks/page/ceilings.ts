/** Measures what the device itself can do with plain WebGL2, so that kernels can be shown as a share of the limit. */
import type { Ceilings } from './result';
import { createDevice, type Device, type Target } from './device';
import { COPY, FILL, FILL4, fetchShader, multiplyAddShader } from './shaders';

/** A timed draw should last this long: beyond the cost of the draw and of the wait, far below a driver's time-out. */
const DRAW_MS = 40;
const SIDE = 1024;

/** Milliseconds of one draw whose `steps` uniform was raised until it is long enough, and that number of steps. */
function timeSteps(device: Device, source: string, target: Target): { ms: number; steps: number } {
  const program = device.program(source);
  const measure = (steps: number): number => {
    const start = performance.now();
    device.draw(program, target, { steps });
    device.finish(target);
    return performance.now() - start;
  };
  let steps = 1;
  measure(steps);
  let ms = measure(steps);
  // Four times at most per turn: the first short draws say little about the rate.
  while (ms < DRAW_MS && steps < 1 << 20) {
    steps = Math.ceil(steps * Math.min(4, Math.max(1.3, DRAW_MS / Math.max(ms, 0.05))));
    ms = measure(steps);
  }
  // A limit is what the device can do when nothing disturbs it, hence the shortest times.
  const rounds = Array.from({ length: 6 }, () => ({ idle: measure(0), full: measure(steps) }));
  device.remove(program);
  ms = Math.min(...rounds.map(({ full }) => full)) - Math.min(...rounds.map(({ idle }) => idle));
  return { ms: Math.max(ms, DRAW_MS / 10), steps };
}

/** Milliseconds of one of many draws in a row: at least `count`, and as many as make the wait at the end negligible. */
function timeDraws(device: Device, count: number, draw: (i: number) => void, target: Target): number {
  const measure = (): number => {
    const start = performance.now();
    for (let i = 0; i < count; i++) draw(i);
    device.finish(target);
    return performance.now() - start;
  };
  measure();
  while (measure() < DRAW_MS / 2 && count < 4096) count *= 2;
  return Math.min(...Array.from({ length: 6 }, measure)) / count;
}

/** The best of a few ways to write the same multiply-adds: how far to unroll differs between drivers. */
function multiplyAdds(device: Device): number {
  const target = device.target(512, 512, 1);
  const rates = [4, 16].map((unroll) => {
    const { ms, steps } = timeSteps(device, multiplyAddShader(unroll), target);
    const flops = steps * unroll * 8 * 4 * 2 * target.width * target.height;
    return flops / ms / 1e6;
  });
  return Math.max(...rates);
}

function fetches(device: Device, call: 'texture' | 'texelFetch'): number {
  const target = device.target(512, 512, 1);
  const { ms, steps } = timeSteps(device, fetchShader(call), target);
  return (steps * 8 * target.width * target.height) / ms / 1e6;
}

function fills(device: Device, attachments: 1 | 4): number {
  const target = device.target(SIDE, SIDE, attachments);
  const program = device.program(attachments === 1 ? FILL : FILL4);
  const ms = timeDraws(device, 8, () => device.draw(program, target, {}), target);
  return (attachments * SIDE * SIDE) / ms / 1e3;
}

function copies(device: Device): number {
  const target = device.target(SIDE, SIDE, 1);
  const program = device.program(COPY);
  const ms = timeDraws(device, 8, () => device.draw(program, target, {}), target);
  return (2 * 16 * SIDE * SIDE) / ms / 1e6;
}

function tinyDraws(device: Device, switching: boolean): number {
  const targets = [device.target(1, 1, 1), device.target(1, 1, 1)] as const;
  const programs = [device.program(FILL), device.program(COPY)] as const;
  const draw = (i: number): void => {
    const turn = switching && i % 2 === 1 ? 1 : 0;
    device.draw(programs[turn], targets[turn], {});
  };
  return timeDraws(device, 500, draw, targets[0]) * 1e3;
}

function transfers(device: Device): { uploadGBs: number; readbackGBs: number } {
  const width = 1024;
  const height = 400;
  const target = device.target(width, height, 1);
  const values = new Float32Array(width * height * 4).fill(1);
  const uploadMs = timeDraws(device, 4, () => device.upload(target, values), target);
  const readMs = timeDraws(device, 4, () => device.read(target, values), target);
  return { uploadGBs: values.byteLength / uploadMs / 1e6, readbackGBs: values.byteLength / readMs / 1e6 };
}

/** The better of two measurements, each figure by itself. */
export function better(a: Ceilings, b: Ceilings): Ceilings {
  const best: { -readonly [key in keyof Ceilings]: number } = { ...a };
  for (const key of Object.keys(a) as (keyof Ceilings)[]) {
    best[key] = key.endsWith('Us') ? Math.min(a[key], b[key]) : Math.max(a[key], b[key]);
  }
  return best;
}

/** Measures all ceilings on a context of its own; takes a few seconds. */
export function measureCeilings(): Ceilings {
  const device = createDevice();
  const ceilings = {
    multiplyAddGflops: multiplyAdds(device),
    textureGtexels: fetches(device, 'texture'),
    texelFetchGtexels: fetches(device, 'texelFetch'),
    fillMtexels: fills(device, 1),
    fill4TargetsMtexels: fills(device, 4),
    copyGBs: copies(device),
    tinyDrawUs: tinyDraws(device, false),
    switchingDrawUs: tinyDraws(device, true),
    ...transfers(device),
  };
  device.end();
  return ceilings;
}
