/** What both panels share: the controls of stride, dilation and padding, and which elements lie under a window. */
import { Choice, Slider } from '../../framework/controls';
import type { Mark } from '../../framework/matrix';
import type { Border, Sliding } from './model';

interface SlidingControlsProps {
  readonly sliding: Sliding;
  readonly onChange: (sliding: Sliding) => void;
}

const PADDINGS = { valid: 'none ("valid")', same: '"same"' };
const BORDERS: Record<Border, string> = { zero: 'zeros', extended: 'extended', cyclic: 'cyclic' };

/** TensorFlow slides by a stride or spreads by a dilation, not both: setting one resets the other. */
export function SlidingControls({ sliding, onChange }: SlidingControlsProps) {
  const { stride, dilation, padding, border } = sliding;
  return (
    <>
      <Slider
        label="Stride"
        value={stride}
        min={1}
        max={5}
        onChange={(value) => onChange({ ...sliding, stride: value, dilation: value > 1 ? 1 : dilation })}
      />
      <Slider
        label="Dilation"
        value={dilation}
        min={1}
        max={3}
        onChange={(value) => onChange({ ...sliding, dilation: value, stride: value > 1 ? 1 : stride })}
      />
      <Choice
        label="Padding"
        value={padding}
        options={PADDINGS}
        onChange={(value) => onChange({ ...sliding, padding: value })}
      />
      {padding === 'same' ? (
        <Choice
          label="Beyond the border"
          value={border}
          options={BORDERS}
          onChange={(value) => onChange({ ...sliding, border: value })}
        />
      ) : null}
    </>
  );
}

interface Under {
  readonly start: number;
  readonly taps: number;
  readonly dilation: number;
}

/** Which of the padded elements of an axis are padding, and which lie under the window's weights. */
export function markUnder({ start, taps, dilation }: Under, { before, n }: { before: number; n: number }) {
  return (i: number): Mark => {
    const tap = (i - start) / dilation;
    const under = Number.isInteger(tap) && tap >= 0 && tap < taps;
    const padding = i < before || i >= before + n;
    if (padding) return under ? 'pad-window' : 'pad';
    return under ? 'window' : undefined;
  };
}
