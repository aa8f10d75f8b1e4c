/** ArgMax and ArgMin: the first index of the largest or smallest element along an axis. */
import { ArgMax, ArgMin, util, type KernelConfig, type TensorInfo } from '@tensorflow/tfjs-core';
import { reductionSlices } from '../../src/plan/reduction_slices';
import { scalarType } from '../../src/glsl/shader';
import { defineKernel, realDType, type Compute, type KernelContext } from '../../src/kernel/define_kernel';
import { sizeOf } from '../../src/plan/shape';
import { argMinMaxOfElements, argMinMaxOfTexels, type ArgMinMaxParams } from './arg_min_max_shader';

interface Row {
  readonly better: '>' | '<';
  readonly worst: Readonly<Record<'float' | 'int', string>>;
}

const rows = {
  [ArgMax]: { better: '>', worst: { float: '-INFINITY', int: 'int(0x80000000u)' } },
  [ArgMin]: { better: '<', worst: { float: 'INFINITY', int: '0x7fffffff' } },
} satisfies Record<string, Row>;

/** Candidates for each result, which a pass over whole texels finds; all places where there is none. */
function firstPlaces(
  ctx: KernelContext,
  x: TensorInfo,
  params: ArgMinMaxParams,
  [outer, size, inner]: readonly [number, number, number],
): { places?: TensorInfo; count: number } {
  const row = inner === 1 && size % 4 === 0 && size > 4;
  if (!row && inner % 4 !== 0) return { count: size };
  const [steps, texels] = row ? [size / 4, 1] : [size, inner / 4];
  const cut = reductionSlices(steps, outer * texels * 4);
  const count = cut.slices * (row ? 4 : 1);
  const outputs = [ctx.newLayout([outer, count, inner], 'int32')];
  const uniforms = { size: steps, inner: texels, ...cut };
  return { places: ctx.run(argMinMaxOfTexels({ ...params, row }, { uniforms, outputs }), [x]), count };
}

function argExtreme(kernelName: string, { better, worst }: Row): KernelConfig {
  const axisOf = (x: TensorInfo, axis: number | number[]): number => util.parseAxisParam(axis, x.shape)[0]!;
  const compute: Compute<{ x: TensorInfo }, { axis: number | number[] }> = (ctx, { x }, attrs) => {
    const dtype = realDType(kernelName, x);
    const axis = axisOf(x, attrs.axis);
    const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
    const [outer, size, inner] = [sizeOf(before), x.shape[axis]!, sizeOf(after)];
    const shape = [...before, ...after];
    if (sizeOf(x.shape) === 0) return ctx.upload(shape, 'int32', new Int32Array(sizeOf(shape)));
    const params = { dtype, better, worst: worst[scalarType(dtype)] };
    let { places, count } = firstPlaces(ctx, x, params, [outer, size, inner]);
    while (!places || count > 1) {
      const { slices, chunk } = reductionSlices(count, outer * inner);
      const outputs = [ctx.newLayout([outer, slices, inner], 'int32')];
      const uniforms = { size, inner, slices, chunk, count };
      const plan = argMinMaxOfElements({ ...params, candidates: places !== undefined }, { uniforms, outputs });
      const found = ctx.run(plan, places ? [x, places] : [x]);
      if (places) ctx.release(places);
      [places, count] = [found, slices];
    }
    return ctx.view(places, shape);
  };
  return defineKernel(kernelName, compute, {
    range: (_, { x }, { axis }) => [0, Math.max(0, x.shape[axisOf(x, axis)]! - 1)],
  });
}

export const argMinMaxKernels: readonly KernelConfig[] = Object.entries(rows).map(([name, row]) =>
  argExtreme(name, row),
);
