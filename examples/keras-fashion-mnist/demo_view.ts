/** The live page's elements: reads the controls, and shows progress, figures, curves and predictions. */
import { Chart } from 'chart.js';
import { datasets } from 'tfjs-backend-convgl/keras';
import { curveChart, type CurveColours, type Point } from './curves';
import type { BackendName, DeviceFigures } from './device';

const { CLASS_NAMES } = datasets.fashionMnist;

/** Test images on the page. */
export const SHOWN = 20;
/** Points kept per curve; beyond, every second one goes. */
const MOST_POINTS = 600;

function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`Page: found no #${id}, expected a ${kind.name}.`);
  return found;
}

export interface Choice {
  readonly backend: BackendName;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly limit: number;
}

export const controls = {
  form: element('controls', HTMLFormElement),
  backend: element('backend', HTMLSelectElement),
  epochs: element('epochs', HTMLInputElement),
  batchSize: element('batch-size', HTMLInputElement),
  rate: element('rate', HTMLInputElement),
  limit: element('limit', HTMLInputElement),
  start: element('start', HTMLButtonElement),
  stop: element('stop', HTMLButtonElement),
};

export function readControls(): Choice {
  return {
    backend: controls.backend.value as BackendName,
    epochs: controls.epochs.valueAsNumber,
    batchSize: controls.batchSize.valueAsNumber,
    learningRate: controls.rate.valueAsNumber,
    limit: controls.limit.valueAsNumber,
  };
}

/** Leaves a backend that does not start here out of the choice. */
export function leaveOut(name: BackendName): void {
  for (const option of controls.backend.options) option.disabled ||= option.value === name;
  const next = [...controls.backend.options].find(({ disabled }) => !disabled);
  if (controls.backend.selectedOptions[0]?.disabled && next) controls.backend.value = next.value;
}

/** While training, only Stop answers; the focus moves along, so that the keyboard stays where the action is. */
export function showRunning(running: boolean): void {
  const { start, stop, backend, epochs, batchSize, rate, limit } = controls;
  const focused = document.activeElement;
  for (const control of [start, backend, epochs, batchSize, rate, limit]) control.disabled = running;
  stop.disabled = !running;
  if (running && focused === start) stop.focus();
  if (!running && (focused === stop || focused === document.body)) start.focus();
}

export function showText(id: string, text: string): void {
  element(id, HTMLElement).textContent = text;
}

export function showFailure(message: string | undefined): void {
  const failure = element('failure', HTMLElement);
  failure.textContent = message ?? '';
  failure.hidden = message === undefined;
}

export function showProgress(share: number): void {
  element('progress', HTMLProgressElement).value = share;
}

export function showDevice({ programs, gpuBytes }: DeviceFigures): void {
  showText('programs', programs > 0 ? String(programs) : '–');
  showText('memory', gpuBytes > 0 ? `${(gpuBytes / 2 ** 20).toFixed(0)} MiB` : '–');
}

/** One chart that grows while the model trains. */
export class LiveChart {
  readonly #canvas: HTMLCanvasElement;
  readonly #title: string;
  readonly #most: number | undefined;
  #epochs = 1;
  #points: { training: Point[]; validation: Point[] } = { training: [], validation: [] };
  #chart: Chart<'line', Point[]>;

  constructor(id: string, title: string, most?: number) {
    this.#canvas = element(id, HTMLCanvasElement);
    this.#title = title;
    this.#most = most;
    this.#chart = this.#draw();
    // The colours come from the style sheet, which follows the system's light or dark.
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.#redraw();
    });
  }

  /** Empties the chart for a run of so many epochs. */
  begin(epochs: number): void {
    this.#epochs = epochs;
    this.#points = { training: [], validation: [] };
    this.#redraw();
  }

  add(curve: 'training' | 'validation', point: Point): void {
    const points = this.#points[curve];
    points.push(point);
    if (points.length > MOST_POINTS) this.#points[curve] = points.filter((_, i) => i % 2 === 0);
    this.#chart.data.datasets.forEach((dataset, i) => {
      dataset.data = i === 0 ? this.#points.training : this.#points.validation;
    });
    this.#chart.update();
    const last = Object.entries(this.#points).flatMap(([name, all]) => {
      const end = all.at(-1);
      return end ? [`${name} ${end.y.toFixed(3)} after ${end.x.toFixed(1)}`] : [];
    });
    this.#canvas.setAttribute('aria-label', `${this.#title} over the epochs; ${last.join(', ')}`);
  }

  #redraw(): void {
    this.#chart.destroy();
    this.#chart = this.#draw();
  }

  #draw(): Chart<'line', Point[]> {
    const most = this.#most === undefined ? {} : { most: this.#most };
    const curves = { title: this.#title, ...this.#points, epochs: [0, this.#epochs] as const, live: true, ...most };
    return new Chart(this.#canvas, curveChart(curves, pageColours()));
  }
}

/** The style sheet's colours as the charts need them: resolved, not as `light-dark()`. */
function pageColours(): CurveColours {
  const probe = document.createElement('span');
  document.body.append(probe);
  const resolve = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    ink: resolve('ink'),
    faint: resolve('faint'),
    grid: resolve('line'),
    training: resolve('training'),
    validation: resolve('validation'),
  };
  probe.remove();
  return colours;
}

/** The first test images, each with a place for what the network takes it for. */
export class PredictionGrid {
  readonly #items: { readonly item: HTMLLIElement; readonly guess: HTMLElement; readonly confidence: HTMLElement }[] =
    [];
  readonly #images: datasets.ByteTensor;
  readonly #labels: datasets.ByteTensor;

  constructor([images, labels]: datasets.Dataset[1]) {
    this.#images = images;
    this.#labels = labels;
    const list = element('predictions', HTMLUListElement);
    list.replaceChildren();
    for (let i = 0; i < Math.min(SHOWN, labels.length); i++) {
      const item = document.createElement('li');
      const line = (kind: string, text: string) => {
        const paragraph = document.createElement('p');
        paragraph.className = kind;
        paragraph.textContent = text;
        return paragraph;
      };
      const guess = line('guess', '–');
      const confidence = line('faint', 'not asked yet');
      item.append(this.#drawing(i), guess, confidence, line('faint', `is: ${this.#nameOf(labels.values[i])}`));
      list.append(item);
      this.#items.push({ item, guess, confidence });
    }
  }

  /** @param probabilities of the shown images, x 10 in rows */
  show(probabilities: Float32Array): void {
    this.#items.forEach(({ item, guess, confidence }, i) => {
      const row = probabilities.subarray(i * CLASS_NAMES.length, (i + 1) * CLASS_NAMES.length);
      const highest = Math.max(...row);
      const label = row.indexOf(highest);
      const right = label === this.#labels.values[i];
      item.className = right ? 'right' : 'wrong';
      guess.textContent = `${right ? '✓' : '✗'} ${this.#nameOf(label)}`;
      confidence.textContent = `${(100 * highest).toFixed(0)}\u00a0% sure`;
    });
  }

  #nameOf(label: number | undefined): string {
    return CLASS_NAMES[label ?? 0] ?? '?';
  }

  #drawing(index: number): HTMLCanvasElement {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 28;
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', `test image ${String(index + 1)}: ${this.#nameOf(this.#labels.values[index])}`);
    const image = new ImageData(28, 28);
    for (let pixel = 0; pixel < 784; pixel++) {
      const level = this.#images.values[index * 784 + pixel] ?? 0;
      image.data.set([level, level, level, 255], pixel * 4);
    }
    canvas.getContext('2d')?.putImageData(image, 0, 0);
    return canvas;
  }
}
