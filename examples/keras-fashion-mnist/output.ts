/** Puts what the page made into the run's output folder, through the loopback server. */
import * as tf from '@tensorflow/tfjs';
import { callbacks } from 'tfjs-backend-convgl/keras';

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

/** A folder of the output, whose files are there while they grow. */
export class OutputFolder extends callbacks.MemoryFolder {
  constructor(readonly name: string) {
    super();
  }

  override async write(name: string, bytes: Uint8Array): Promise<void> {
    await super.write(name, bytes);
    await putFile(`${this.name}/${name}`, bytes as Uint8Array<ArrayBuffer>);
  }
}

/** Writes model/model.json and model/weights.bin, which `tf.loadLayersModel` of any page loads. */
export async function saveModel(model: tf.LayersModel): Promise<void> {
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
