/** What a row of the tables of layers is: configurations of a layer that tfjs-layers exports, and the inputs it gets. */
import * as tfl from '@tensorflow/tfjs-layers';
import type { Fill } from '../cases/case';

export type Layer = tfl.layers.Layer;
export type Symbolic = tfl.SymbolicTensor | tfl.SymbolicTensor[];

/** The exports of `tf.layers` that make a layer. */
type Makers = Omit<typeof tfl.layers, 'Layer' | 'RNN' | 'RNNCell' | 'input'>;
export type LayerName = keyof Makers;
type Config<K extends LayerName> = Parameters<Makers[K]>[0];

/** An input of a layer. */
export interface InputSpec {
  /** Without the batch's dimension. */
  readonly shape: readonly number[];
  readonly fill?: Fill;
  /** Its own values, batch included, in place of random ones: indices, which have no gradient. */
  readonly values?: readonly number[];
}

/** One configuration of a layer on given inputs. */
export interface Row {
  readonly layer: LayerName;
  /** What is special about it; unique with the layer. */
  readonly title: string;
  readonly inputs: readonly InputSpec[];
  /** Makes the layer, and whatever the row puts behind it, and applies it; called once on each backend. */
  readonly apply: (x: Symbolic) => Symbolic;
  /** Why training it on tfjs-backend-cpu fails or goes wrong; the run fails once it does not. */
  readonly untrained?: string;
}

/** The size of a batch. */
export const BATCH = 3;

type Shapes = readonly number[] | readonly InputSpec[];

/** Inputs of the given specs; an array of numbers is the shape of the only one. */
export function inputsOf(shapes: Shapes): readonly InputSpec[] {
  const [first] = shapes;
  return typeof first === 'object' ? (shapes as readonly InputSpec[]) : [{ shape: shapes as readonly number[] }];
}

/**
 * One row for each configuration of a layer, named by it.
 *
 * @param shapes the shape of its input without the batch, or all of its inputs
 */
export function rowsOf<K extends LayerName>(layer: K, shapes: Shapes, configs: readonly Config<K>[]): Row[] {
  const make = tfl.layers[layer] as (config: Config<K>) => Layer;
  return configs.map((config) => ({
    layer,
    title: JSON.stringify(config ?? {}).replaceAll('"', ''),
    inputs: inputsOf(shapes),
    apply: (x) => make(config).apply(x) as Symbolic,
  }));
}

/** A row whose layer holds other layers or cells, which each backend needs new ones of, or has others behind it. */
export function composed(layer: LayerName, title: string, shapes: Shapes, apply: Row['apply']): Row {
  return { layer, title, inputs: inputsOf(shapes), apply };
}

/** Rows that tfjs-backend-cpu can only run forward. */
export function untrained(reason: string, rows: readonly Row[]): Row[] {
  return rows.map((row) => ({ ...row, untrained: reason }));
}
