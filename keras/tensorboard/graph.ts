/** A model as TensorFlow's GraphDef: a node for each layer. */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { layerNodes } from '../plots/graph';
import { all, int64, nested, text, type Message } from './messages';

/** `GraphDef`: nodes with name, op, inputs and their output's shapes. */
export const graphOf = (model: LayersModel): Message =>
  all(
    ...layerNodes(model).map(({ name, className, inputs, outputShape }) =>
      nested(
        1,
        text(1, name),
        text(2, className),
        ...inputs.map((input) => text(3, input)),
        nested(5, text(1, '_output_shapes'), nested(2, nested(1, nested(7, ...outputShape.map(dimension))))),
      ),
    ),
    nested(4, int64(1, PRODUCER)),
  );

/** The version of the format. */
const PRODUCER = 22;

const dimension = (size: number | null): ReturnType<typeof nested> => nested(2, int64(1, size ?? -1));
