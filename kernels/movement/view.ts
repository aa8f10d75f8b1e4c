/** Ops that return the same values under another shape, without a pass. */
import {
  ExpandDims,
  Identity,
  Reshape,
  util,
  type ExpandDimsAttrs,
  type KernelConfig,
  type ReshapeAttrs,
} from '@tensorflow/tfjs-core';
import { expectWhole } from '../checks';
import { defineView, KernelError } from '../../src/kernel/define_kernel';
import { sizeOf } from '../../src/plan/shape';

const reshape = defineView<ReshapeAttrs>(Reshape, 'x', (x, attrs) => {
  const size = sizeOf(x.shape);
  expectWhole(Reshape, 'a shape of', attrs.shape, -1);
  const shape = util.inferFromImplicitShape(attrs.shape, size);
  if (sizeOf(shape) !== size) {
    throw new KernelError(
      Reshape,
      `x of shape [${x.shape}] has ${size} elements but the new shape [${shape}] takes ${sizeOf(shape)}.`,
    );
  }
  return shape;
});

const expandDims = defineView<ExpandDimsAttrs>(ExpandDims, 'input', ({ shape }, { dim }) => {
  const rank = shape.length;
  if (dim < -(rank + 1) || dim > rank)
    throw new KernelError(ExpandDims, `found axis ${dim}, expected one in [${-(rank + 1)}, ${rank}].`);
  const at = dim < 0 ? rank + 1 + dim : dim;
  return [...shape.slice(0, at), 1, ...shape.slice(at)];
});

export const viewKernels: readonly KernelConfig[] = [
  expandDims,
  defineView(Identity, 'x', ({ shape }) => shape),
  reshape,
];
