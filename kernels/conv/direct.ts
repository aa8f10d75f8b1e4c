/** Direct convolution: chooses tiles and accesses, plans the pass, and untiles its result. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { tuned } from './conv_tuning';
import { readsWhole, type Epilogue } from '../../src/glsl/epilogue';
import { inTextureRows, rowAccess, rowValues } from '../../src/glsl/row_reader';
import type { KernelContext } from '../../src/kernel/define_kernel';
import { layoutOf, runThatFits } from '../../src/plan/layout';
import type { Layout, Limits, Plan, Uniform } from '../../src/plan/plan';
import { ceilDiv, indices, type Shape } from '../../src/plan/shape';
import { outputsPerPhase, tapsPerPhase, type Axis, type Geometry } from './geometry';
import { untileRowsPlan } from './untile_shader';
import { tileBufferLayout } from '../shader/tile_buffer';
import { directConvolution, type ChannelUse, type FilterForm, type FilterRows } from './direct_shader';

/** Rows of a tile: the choice between four (fewer where there are fewer rows) and the device's limit that wastes the fewest. */
export function tileRows(rows: number, maxTargets: number): number {
  let best = Math.min(rows, maxTargets);
  if (rows <= maxTargets) return best;
  for (let r = maxTargets; r >= Math.min(4, maxTargets); r--) {
    if (ceilDiv(rows, r) * r < ceilDiv(rows, best) * best) best = r;
  }
  return best;
}

/** A filter as the loop nest reads it. */
export interface DirectFilter {
  readonly tensor: TensorInfo;
  readonly form: FilterForm;
  readonly flipped: boolean;
  /** Texels of one run, of a tap. */
  readonly run: number;
  /** Texels of one input channel in it. */
  readonly row: number;
}

/** A convolution to run: NHWC input with a multiple of four channels. */
export interface DirectArgs {
  readonly geometry: Geometry;
  readonly x: TensorInfo;
  readonly filter: DirectFilter;
  /** Texels of four input channels, and of four output channels. */
  readonly inTexels: number;
  readonly outTexels: number;
  readonly channels: ChannelUse;
  readonly epilogue?: Epilogue<TensorInfo> | undefined;
}

/** The input in the texture width that the loop nest reads fastest. */
export function fitDirect(
  ctx: KernelContext,
  { geometry, x, inTexels }: Pick<DirectArgs, 'geometry' | 'x' | 'inTexels'>,
): TensorInfo {
  return ctx.withRows(x, runThatFits(x.shape, [geometry.columns.input * inTexels, inTexels], ctx.limits));
}

/** Convolves, and untiles the result: [batch, rows, columns, 4 * outTexels]. */
export function runDirect(ctx: KernelContext, args: DirectArgs): TensorInfo {
  const { geometry, epilogue } = args;
  const x = fitDirect(ctx, args);
  const most = tuned[args.channels === 'own' ? 'directRows.depthwise' : 'directRows.dense'];
  const rows = tileRows(outputsPerPhase(geometry.rows), Math.min(ctx.limits.maxTargets, most));
  const filterLayout = ctx.layout(args.filter.tensor);
  const plan = directPlan({ ...args, rows, x: ctx.layout(x), filterLayout, limits: ctx.limits });
  const tiles = ctx.runTiles(plan, [x, args.filter.tensor, ...(epilogue?.inputs ?? [])]);
  if (x !== args.x) ctx.release(x);
  const shape = resultShape(args);
  const result = inOrder(geometry, rows)
    ? ctx.view(tiles, shape)
    : ctx.run(untileRowsPlan(geometry, plan.outputs, ctx.newLayout(shape, 'float32')), [tiles]);
  ctx.release(tiles);
  return result;
}

function resultShape({ geometry, outTexels }: Pick<DirectArgs, 'geometry' | 'outTexels'>): Shape {
  return [geometry.batch, geometry.rows.output, geometry.columns.output, outTexels * 4];
}

/** Whether tiles of `rows` rows lie as the result's rows do. */
function inOrder({ rows: { phases } }: Geometry, rows: number): boolean {
  return rows === 1 && phases.length === 1;
}

interface DirectPlanArgs extends Omit<DirectArgs, 'x'> {
  readonly x: Layout;
  readonly filterLayout: Layout;
  readonly rows: number;
  readonly limits: Limits;
}

/** The pass of `runDirect`; its targets have the shape [batch, row phases, tiles, columns, channels], or the result's. */
export function directPlan(args: DirectPlanArgs): Plan {
  const { geometry, x, filter, filterLayout, inTexels, outTexels, channels, epilogue, rows } = args;
  const axis = geometry.rows;
  const { columns } = geometry;
  const taps = tapsPerPhase(axis);
  const tiles = ceilDiv(outputsPerPhase(axis), rows);
  const rowRun = columns.input * inTexels;
  const run = [rowRun, inTexels].find((texels) => inTextureRows(rowAccess(x, texels))) ?? rowRun;
  const filterRows = filterRowsOf(filter, filterLayout);
  const targetShape = [geometry.batch, axis.phases.length, tiles, columns.output, outTexels * 4];
  const target = inOrder(geometry, rows)
    ? layoutOf(resultShape(args), 'float32', args.limits)
    : tileBufferLayout(targetShape, 'float32', columns.output * outTexels, args.limits);
  return directConvolution(
    {
      rows,
      taps: taps <= tuned.directTaps ? taps : 1,
      step: axis.step,
      tapStep: axis.tapStep,
      rowPhases: axis.phases.length,
      columnPhases: columns.phases.length,
      pixels: run !== rowRun,
      access: rowAccess(x, run),
      channels,
      filter: { form: filter.form, flipped: filter.flipped, ...filterRows.params },
      epilogue: epilogue?.params,
    },
    {
      uniforms: {
        ...axisUniforms(axis, columns),
        ...(readsWhole(epilogue?.params) ? { outRows: axis.output } : {}),
        ...epilogue?.uniforms,
        inTexels,
        outTexels,
        tiles,
        ...rowValues('x', x, run),
        filterChannels: filter.run / filter.row,
        ...rowValues('weights', filterLayout, filterRows.run),
      },
      outputs: indices(rows).map(() => target),
      // Four of the filter with each of the inputs.
      fetches: taps * tapsPerPhase(columns) * (channels === 'own' ? 1 : inTexels) * (rows + 4),
    },
  );
}

/** What the rows of a filter are, and how many texels they have. */
function filterRowsOf({ run, row }: DirectFilter, layout: Layout): { params: FilterRows; run: number } {
  const access = rowAccess(layout, run);
  if (inTextureRows(access) || layout.width !== row) return { params: { rows: 'taps', access }, run };
  return { params: { rows: 'channels', access: rowAccess(layout, row, true) }, run: row };
}

function axisUniforms(rows: Axis, columns: Axis): Record<string, Uniform> {
  return {
    inRows: rows.input,
    inColumns: columns.input,
    outColumns: columns.output,
    filterRows: rows.size,
    filterColumns: columns.size,
    columnStep: columns.step,
    columnTapStride: columns.tapStride,
    columnTapStep: columns.tapStep,
    rowTapStride: rows.tapStride,
    rowFirst: rows.phases.map((p) => p.firstTap),
    rowBase: rows.phases.map((p) => p.base),
    columnFirst: columns.phases.map((p) => p.firstTap),
    columnBase: columns.phases.map((p) => p.base),
  };
}
