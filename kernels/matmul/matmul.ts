/** Matrix products of tensors, batched with broadcasting, plain and fused with bias and activation. */
import {
  _FusedMatMul,
  BatchMatMul,
  broadcast_util,
  type BatchMatMulAttrs,
  type KernelConfig,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { defineKernel, KernelError } from '../../src/kernel/define_kernel';
import { broadcastStrides, collapse, sizeOf } from '../../src/plan/shape';
import {
  withBiasActivation,
  biasActivationOf,
  type FusedAttrs,
  type FusedInputs,
} from '../elementwise/bias_activation';
import { gemm } from './gemm';
import type { MatrixProduct } from './gemm_operands';

interface Operands {
  readonly a: TensorInfo;
  readonly b: TensorInfo;
}

/** The product of the last two dimensions of `a` and `b`. @throws KernelError where they do not match */
function productOf(kernel: string, { a, b }: Operands, { transposeA, transposeB }: BatchMatMulAttrs): MatrixProduct {
  if (a.shape.length < 2 || b.shape.length < 2) {
    throw new KernelError(
      kernel,
      `a has shape [${a.shape.join(', ')}] and b [${b.shape.join(', ')}], expected rank 2 or more.`,
    );
  }
  const [aRows, aColumns] = a.shape.slice(-2) as [number, number];
  const [bRows, bColumns] = b.shape.slice(-2) as [number, number];
  const [m, k] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const [bK, n] = transposeB ? [bColumns, bRows] : [bRows, bColumns];
  if (k !== bK) {
    const flag = (name: string, transpose: boolean) => (transpose ? ` with ${name}` : '');
    throw new KernelError(
      kernel,
      `inner shapes differ: a of shape [${a.shape.join(', ')}]${flag('transposeA', transposeA)} has ${k}, ` +
        `b of shape [${b.shape.join(', ')}]${flag('transposeB', transposeB)} has ${bK}.`,
    );
  }
  const [aBatch, bBatch] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const batch = broadcast_util.assertAndGetBroadcastShape(aBatch, bBatch);
  const { dims, strides } = collapse(batch, [broadcastStrides(aBatch, batch), broadcastStrides(bBatch, batch)]);
  const shape = [...batch, m, n];
  return {
    a,
    b,
    m,
    k,
    n,
    transposeA,
    transposeB,
    shape,
    ...(sizeOf(batch) > 1 ? { batch: { dims, aStrides: strides[0]!, bStrides: strides[1]! } } : {}),
  };
}

export const matmulKernels: readonly KernelConfig[] = [
  defineKernel<Operands, BatchMatMulAttrs>(BatchMatMul, (ctx, inputs, attrs) =>
    gemm(ctx, productOf(BatchMatMul, inputs, attrs)),
  ),
  defineKernel<Operands & FusedInputs, BatchMatMulAttrs & FusedAttrs>(_FusedMatMul, (ctx, inputs, attrs) => {
    const finish = biasActivationOf(_FusedMatMul, inputs, attrs);
    return withBiasActivation(ctx, gemm(ctx, productOf(_FusedMatMul, inputs, attrs)), finish);
  }),
];
