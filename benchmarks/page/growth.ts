/** Follows the tutorial's network as the batch grows, and as the image grows: time, bytes, draws and programs. */
import type { BenchOptions } from '../options.js';
import { shaderTexts } from './counters';
import { benchModel, type ModelCase } from './models';
import type { GrowthRow, GrowthSide } from './result';
import { tutorial } from './zoo/small';

const BATCHES = [8, 16, 32, 64, 128, 256, 512];
const SIDES = [28, 56, 112, 224];
/** With `--quick`. */
const FEW_BATCHES = [8, 32, 128];
const FEW_SIDES = [28, 56, 112];
/** Images in a step of the series of sides, so that the largest takes seconds on a software renderer. */
const SIDE_BATCH = 4;
/** Backends that draw: the others have neither draws nor textures. */
const DRAWING = ['convgl', 'webgl'];
const MODES = ['train', 'predict'] as const;

export interface GrowthCase extends ModelCase {
  readonly axis: GrowthRow['axis'];
}

/** The sizes of all series; within a series they grow. */
export function growthCases({ models, batchSize, quick }: BenchOptions): GrowthCase[] {
  const modes = MODES.filter((mode) => models.includes('tutorial') || models.includes(`tutorial:${mode}`));
  const batches = batchSize.length > 0 ? [...batchSize].sort((a, b) => a - b) : quick ? FEW_BATCHES : BATCHES;
  const sides = quick ? FEW_SIDES : SIDES;
  const common = { network: tutorial, imageSize: tutorial.imageSize, batchSize: SIDE_BATCH };
  return modes.flatMap((mode) => [
    ...batches.map((size): GrowthCase => ({ ...common, mode, axis: 'batch', batchSize: size })),
    ...sides.map((side): GrowthCase => ({ ...common, mode, axis: 'side', imageSize: side })),
  ]);
}

const pixels = ({ batchSize, imageSize }: Pick<ModelCase, 'batchSize' | 'imageSize'>): number =>
  batchSize * imageSize ** 2;

/** Why a size is left out on a backend, judged by the size before it; undefined where there is time. */
function tooLong(growthCase: GrowthCase, before: GrowthRow | undefined, name: string, capMs: number) {
  const side = before?.sides[name];
  if (!before || !side) return undefined;
  if (side.leftOut !== undefined || side.medianMs === undefined) return side.leftOut ?? side.error;
  const ms = (side.medianMs * pixels(growthCase)) / pixels(before);
  // Two steps belong to every size: one that compiles, and one that is counted.
  return 2 * ms > capMs ? `a step would take about ${(ms / 1000).toFixed(1)} s, too long for the time cap` : undefined;
}

/**
 * Makes a function that takes the cases one by one. Every size has a fresh instance of each backend, so that bytes are its
 * own; which programs it adds is told from the texts of the shaders.
 */
export function growthBench(options: BenchOptions): (growthCase: GrowthCase) => Promise<GrowthRow> {
  const seen = new Map<string, Set<string>>();
  const last = new Map<string, GrowthRow>();
  const backends = options.backends.filter((name) => DRAWING.includes(name));
  const added = (series: string, name: string): Partial<GrowthSide> => {
    const key = `${series} ${name}`;
    const known = seen.get(key);
    const texts = shaderTexts(name);
    seen.set(key, new Set([...(known ?? []), ...texts]));
    return known ? { programsAdded: [...texts].filter((text) => !known.has(text)).length } : {};
  };
  return async (growthCase) => {
    const { axis, mode } = growthCase;
    const series = `${axis} ${mode}`;
    const before = last.get(series);
    const capMs = (options.timeCap * 1000) / backends.length;
    const reasons = new Map(backends.map((name) => [name, tooLong(growthCase, before, name, capMs)]));
    const running = backends.filter((name) => reasons.get(name) === undefined);
    const row = await benchModel(growthCase, { ...options, backends: running });
    const sides = backends.map((name): [string, GrowthSide] => {
      const leftOut = reasons.get(name);
      return [name, leftOut === undefined ? { ...row.sides[name], ...added(series, name) } : { leftOut }];
    });
    const result = { ...row, axis, sides: Object.fromEntries(sides) };
    last.set(series, result);
    return result;
  };
}
