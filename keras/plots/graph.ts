/** The graph of a model's layers, as plain values. */
import type { LayersModel, Shape } from '@tensorflow/tfjs-layers';

export interface LayerNode {
  readonly name: string;
  readonly className: string;
  /** The layers it takes its inputs from. */
  readonly inputs: readonly string[];
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly params: number;
}

/** The layers in the model's order; of a layer that is used several times, the inputs of all uses within the model. */
export function layerNodes(model: LayersModel): LayerNode[] {
  const own = new Set(model.layers);
  return model.layers.map((layer) => {
    const nodes = layer.inboundNodes as readonly { readonly inboundLayers: readonly { readonly name: string }[] }[];
    const from = nodes.flatMap(({ inboundLayers }) => inboundLayers) as typeof model.layers;
    const { inputShapes, outputShapes } = layer.inboundNodes[0]!;
    return {
      name: layer.name,
      className: layer.getClassName(),
      inputs: [...new Set(from.filter((input) => own.has(input)).map(({ name }) => name))],
      inputShape: inputShapes.length > 0 ? single(inputShapes) : single(outputShapes),
      outputShape: single(outputShapes),
      params: layer.countParams(),
    };
  });
}

const single = (shapes: Shape | Shape[]): Shape => (Array.isArray(shapes[0]) ? shapes[0] : (shapes as Shape));
