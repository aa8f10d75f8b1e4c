/** Where an exhibit's picture comes from: drawn scenes, a file of the visitor's, or the webcam. Nothing leaves the page. */
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Button, Choice } from './controls';
import type { Pixels } from './picture';
import { cropSquare, drawScene, type Scene, SCENES } from './scenes';

interface PictureSourceProps {
  readonly side: number;
  /** Is given each new picture; the webcam's next one waits until this is done. */
  readonly onPicture: (pixels: Pixels) => Promise<unknown>;
  readonly first?: Scene;
}

export function PictureSource({ side, onPicture, first = 'harbour' }: PictureSourceProps) {
  const id = useId();
  const [scene, choose] = useState<Scene>(first);
  const [problem, tell] = useState<string>();
  const webcam = useWebcam(side, onPicture, tell);
  const show = (pixels: Pixels) => {
    webcam.stop();
    tell(undefined);
    onPicture(pixels).catch((error: unknown) => tell((error as Error).message));
  };
  useEffect(() => show(drawScene(scene, side)), [scene, side]);
  const open = async (file: File) => {
    try {
      const bitmap = await createImageBitmap(file);
      show(cropSquare(bitmap, bitmap, side));
      bitmap.close();
    } catch {
      tell(`${file.name} is no picture that this browser can read.`);
    }
  };
  return (
    <>
      <Choice label="Picture" value={scene} options={SCENES} onChange={choose} />
      <div class="control">
        <label for={id}>A picture of yours (stays here)</label>
        <input
          id={id}
          type="file"
          accept="image/*"
          onChange={({ currentTarget: { files } }) => (files?.[0] ? void open(files[0]) : undefined)}
        />
      </div>
      <div class="control">
        <Button onClick={webcam.running ? webcam.stop : webcam.start}>
          {webcam.running ? 'Webcam off' : 'Webcam on'}
        </Button>
      </div>
      {problem === undefined ? null : <p role="alert">{problem}</p>}
    </>
  );
}

/** Frames for as long as it runs; the camera is let go when it stops or the exhibit ends. */
function useWebcam(side: number, onPicture: PictureSourceProps['onPicture'], tell: (problem: string) => void) {
  const [running, run] = useState(false);
  const latest = useRef(onPicture);
  latest.current = onPicture;
  useEffect(() => {
    if (!running) return;
    const ended = new AbortController();
    playFrames(side, (pixels) => latest.current(pixels), ended.signal).catch((error: unknown) => {
      tell(`No webcam: ${(error as Error).message}`);
      run(false);
    });
    return () => ended.abort();
  }, [running, side]);
  return { running, start: () => run(true), stop: () => run(false) };
}

async function playFrames(side: number, show: PictureSourceProps['onPicture'], ended: AbortSignal): Promise<void> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
  try {
    const video = Object.assign(document.createElement('video'), { srcObject: stream, muted: true, playsInline: true });
    await video.play();
    while (!ended.aborted) {
      await show(cropSquare(video, { width: video.videoWidth, height: video.videoHeight }, side));
      await new Promise(requestAnimationFrame);
    }
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}
