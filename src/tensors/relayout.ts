/** Copies a tensor to a texture of another width, for kernels that read whole runs. */
import { texelAt } from '../glsl/accessor';
import { shader } from '../glsl/shader';
import { template, type DType, type Layout, type Plan } from '../plan/plan';

const copyTexels = template<{ dtype: DType }>(
  'relayout',
  () => ['x'],
  ({ dtype }) =>
    shader({
      samplers: { x: dtype },
      outputs: [dtype],
      helpers: [texelAt('x', dtype)],
      body: 'out0 = x_texel(outTexel());',
    }),
);

/** Copies a tensor, texel by texel in flat order, to the layout `to`. */
export function relayout(to: Layout): Plan {
  return copyTexels({ dtype: to.dtype }, { outputs: [to] });
}
