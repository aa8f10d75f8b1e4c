/** Puts what the page made into the run's output folder, through the loopback server. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

export async function putFile(name: string, body: BodyInit): Promise<void> {
  const response = await fetch(`out/${name}`, { method: 'PUT', body });
  if (!response.ok) throw new Error(`Writing ${name}: ${await response.text()}`);
}

export async function putPicture(name: string, canvas: HTMLCanvasElement): Promise<void> {
  const blob = await new Promise<Blob | null>((resolve) => {
    canvas.toBlob(resolve, 'image/png');
  });
  if (!blob)
    throw new Error(
      `Picture ${name}: the browser could not encode ${String(canvas.width)}x${String(canvas.height)} pixels.`,
    );
  await putFile(name, blob);
}

/** `model.save(...)`: writes model/model.json and model/weights.bin. */
export async function saveModel(model: tfl.LayersModel): Promise<void> {
  const handler = tf.io.withSaveHandler(async (artifacts) => {
    const { modelTopology, weightSpecs, weightData, format, generatedBy, convertedBy } = artifacts;
    const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
    await putFile('model/weights.bin', tf.io.CompositeArrayBuffer.join(weightData));
    await putFile(
      'model/model.json',
      JSON.stringify({ format, generatedBy, convertedBy: convertedBy ?? null, modelTopology, weightsManifest }),
    );
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
  });
  await model.save(handler);
}

/** `load_model(...)`: reads back what `saveModel` wrote. */
export function loadModel(): Promise<tfl.LayersModel> {
  return tfl.loadLayersModel('out/model/model.json');
}
