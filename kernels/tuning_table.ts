/** Joins the families' tuning parameters into one table, for the tuner and the tests. */
import { REDUCE_TUNING } from '../src/plan/reduction_slices';
import type { TuningTable } from '../src/plan/tuning';
import { CONV_TUNING } from './conv/conv_tuning';
import { GEMM_TUNING } from './matmul/gemm_tuning';
import { COPY_TUNING } from './movement/copy_regions';
import { POOL_TUNING } from './nn/pool_shader';
import { SEGMENT_TUNING } from './reduce/segment_sum';
import { SOFTMAX_TUNING } from './reduce/softmax';
import { TILE_BUFFER_TUNING } from './shader/tile_buffer';

export const TUNING = {
  ...GEMM_TUNING,
  ...CONV_TUNING,
  ...REDUCE_TUNING,
  ...SOFTMAX_TUNING,
  ...POOL_TUNING,
  ...SEGMENT_TUNING,
  ...TILE_BUFFER_TUNING,
  ...COPY_TUNING,
} as const satisfies TuningTable;

export type TuningName = keyof typeof TUNING;
