/** The third panel: what a convolutional layer gives, learns and costs. */
import { useState } from 'preact/hooks';
import type { Connection } from '../../framework/connection';
import { Choice, Controls, Slider } from '../../framework/controls';
import { useResult } from '../../framework/tasks';
import type { LayerShape } from './model';
import type { ConvolutionTasks } from './worker';

const START: LayerShape = { side: 32, channels: 3, kernelSize: 5, strides: 1, padding: 'valid', filters: 6 };

const COUNTED = {
  side: ['Input side', 8, 64],
  channels: ['Input channels', 1, 16],
  kernelSize: ['Filter side', 1, 7],
  strides: ['Stride', 1, 4],
  filters: ['Filters', 1, 64],
} as const;

export function CountingPanel({ connection }: { readonly connection: Connection<ConvolutionTasks> }) {
  const [shape, change] = useState(START);
  const shown = useResult(connection, 'count', shape);
  const counted = shown && 'result' in shown ? shown : undefined;
  const perFilter = counted ? counted.result.weights / counted.input.filters : 0;
  return (
    <section class="panel" aria-labelledby="counting-title">
      <h2 id="counting-title">What a layer learns and costs</h2>
      <Controls label="Layer">
        {Object.entries(COUNTED).map(([key, [label, min, max]]) => (
          <Slider
            key={key}
            value={shape[key as keyof typeof COUNTED]}
            onChange={(value) => change({ ...shape, [key]: value })}
            {...{ label, min, max }}
          />
        ))}
        <Choice
          label="Padding"
          value={shape.padding}
          options={{ valid: 'none ("valid")', same: '"same"' }}
          onChange={(padding) => change({ ...shape, padding })}
        />
      </Controls>
      {counted ? (
        <dl class="facts" aria-live="polite">
          <Fact name="Output" value={counted.result.output.join(' × ')} />
          <Fact name="Weights of a filter" value={perFilter} />
          <Fact name="Weights of the layer" value={counted.result.weights} />
          <Fact name="Biases" value={counted.result.biases} />
          <Fact name="Multiplications" value={counted.result.multiplications} />
        </dl>
      ) : null}
    </section>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string | number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{typeof value === 'number' ? value.toLocaleString('en') : value}</dd>
    </div>
  );
}
