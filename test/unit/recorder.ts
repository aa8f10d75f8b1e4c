/** Runs kernel functions without a GPU: the real backend on a fake context, with every pass written down. */
import '@tensorflow/tfjs-backend-cpu'; // A few kernels run there by design.
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { kernels } from '../../kernels/index';
import { Backend } from '../../src/tensors/backend';
import type { Copy, Layout, Plan } from '../../src/plan/plan';
import type { KernelCase, TensorSpec } from '../cases/case';
import { randomOf, valuesOf, type Random } from '../cases/fill';
import { fakeGl, type FakeLimits } from './fake_gl';

/** A texture of a pass. */
export interface Bound {
  readonly id: number;
  readonly dtype: Layout['dtype'];
  readonly width: number;
  readonly height: number;
  readonly layers: number;
}

/** One draw. */
export interface Pass {
  readonly plan: Plan;
  readonly inputs: readonly Bound[];
  readonly targets: readonly Bound[];
}

/** Rectangles copied from one texture to another. */
export interface Copying {
  readonly from: Bound;
  readonly to: Bound;
  readonly copies: readonly Copy[];
}

/** What one call of a kernel did. */
export interface Recording {
  readonly passes: readonly Pass[];
  readonly copyings: readonly Copying[];
  readonly outputs: readonly TensorInfo[];
}

/** A backend on a fake context that writes down what kernels ask of it. */
export class Recorder {
  readonly backend: Backend;
  #passes: Pass[] = [];
  #copyings: Copying[] = [];

  constructor(limits: FakeLimits = {}, { deferred = false } = {}) {
    this.backend = new Backend({ context: fakeGl(limits).gl, smallOnCpu: false, deferred });
    const { device } = this.backend;
    const run = device.run.bind(device);
    const copy = device.copy.bind(device);
    device.run = (plan, inputs, targets) => {
      this.#passes.push({ plan, inputs, targets });
      run(plan, inputs, targets);
    };
    device.copy = (from, to, copies) => {
      this.#copyings.push({ from: from.texture, to, copies });
      copy(from, to, copies);
    };
  }

  /** Calls the kernel of a case, with inputs from `random`, and disposes the inputs; the caller disposes the outputs. */
  run({ kernel, inputs, attrs }: KernelCase, random: Random = randomOf(1, kernel)): Recording {
    this.#passes = [];
    this.#copyings = [];
    const tensors = Object.entries<TensorSpec>(inputs).map(([key, spec]) => [key, this.#tensor(spec, random)] as const);
    const given = Object.assign(Array.isArray(inputs) ? [] : {}, Object.fromEntries(tensors));
    const { backend } = this;
    try {
      const results = kernelOf(kernel).kernelFunc({ inputs: given, attrs: (attrs ?? {}) as object as never, backend });
      return { passes: this.#passes, copyings: this.#copyings, outputs: [results].flat() };
    } finally {
      for (const [, { dataId }] of tensors) backend.disposeData(dataId);
    }
  }

  /** Gives the outputs of a kernel back. */
  dispose(outputs: readonly TensorInfo[]): void {
    for (const { dataId } of outputs) this.backend.disposeData(dataId);
  }

  #tensor(spec: TensorSpec, random: Random): TensorInfo {
    const { dtype = 'float32' } = spec;
    const shape = [...spec.shape];
    if (dtype !== 'complex64')
      return { dataId: this.backend.write(valuesOf(spec, random), shape, dtype), shape, dtype };
    const part = (): TensorInfo => this.#tensor({ ...spec, dtype: 'float32' }, random);
    return { dataId: this.backend.adoptComplex(part(), part()), shape, dtype };
  }
}

function kernelOf(name: string): KernelConfig {
  const kernel = kernels.find(({ kernelName }) => kernelName === name);
  if (!kernel) throw new Error(`There is no kernel named ${name}.`);
  return kernel;
}
