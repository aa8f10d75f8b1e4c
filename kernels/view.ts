/** Ops that give the same values under another shape: no pass runs. */
import {
  ExpandDims,
  Identity,
  Reshape,
  util,
  type ExpandDimsAttrs,
  type ExpandDimsInputs,
  type IdentityInputs,
  type KernelConfig,
  type ReshapeAttrs,
  type ReshapeInputs,
} from '@tensorflow/tfjs-core';
import { defineKernel, KernelError } from '../src/kernel';
import { sizeOf } from '../src/shape';

const reshape = defineKernel<ReshapeInputs, ReshapeAttrs>(
  Reshape,
  (ctx, { x }, attrs) => {
    const size = sizeOf(x.shape);
    const shape = util.inferFromImplicitShape(attrs.shape, size);
    if (sizeOf(shape) !== size) {
      throw new KernelError(
        Reshape,
        `x of shape [${x.shape}] has ${size} elements but the new shape [${shape}] takes ${sizeOf(shape)}.`,
      );
    }
    return ctx.view(x, shape);
  },
  { forward: false },
);

const expandDims = defineKernel<ExpandDimsInputs, ExpandDimsAttrs>(
  ExpandDims,
  (ctx, { input }, { dim }) => {
    const rank = input.shape.length;
    if (dim < -(rank + 1) || dim > rank)
      throw new KernelError(ExpandDims, `found axis ${dim}, expected one in [${-(rank + 1)}, ${rank}].`);
    const at = dim < 0 ? rank + 1 + dim : dim;
    return ctx.view(input, [...input.shape.slice(0, at), 1, ...input.shape.slice(at)]);
  },
  { forward: false },
);

export const viewKernels: readonly KernelConfig[] = [
  expandDims,
  defineKernel<IdentityInputs>(Identity, (ctx, { x }) => ctx.view(x, x.shape), { forward: false }),
  reshape,
];
