/** A matrix of numbers as a table: cells with marks, shades and a caption; screen readers walk through it. */

/**
 * How a cell is drawn: `pad` for padding, `window` under the kernel, `pad-window` both, `current` the one that is computed.
 * `later` and `gap` show no number: one that is not computed yet, and no cell at all.
 */
export type Mark = 'pad' | 'window' | 'pad-window' | 'current' | 'later' | 'gap' | undefined;

interface MatrixProps {
  readonly caption: string;
  readonly rows: readonly (readonly number[])[];
  readonly mark?: (row: number, column: number) => Mark;
  /** Colours the cells by their values, blue above 0 and orange below, the stronger the nearer to this. */
  readonly scale?: number;
  readonly small?: boolean;
}

export function Matrix({ caption, rows, mark = () => undefined, scale, small = false }: MatrixProps) {
  return (
    <div class="matrix-frame" tabIndex={0} role="group" aria-label={caption}>
      <table class={small ? 'matrix small' : 'matrix'}>
        <caption>{caption}</caption>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              {row.map((value, j) => {
                const kind = mark(i, j);
                return (
                  <td key={j} data-mark={kind} style={scale === undefined ? undefined : shade(value / scale)}>
                    {kind === 'later' || kind === 'gap' ? '' : numberText(value)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function shade(share: number) {
  const percent = Math.round(Math.min(1, Math.abs(share)) * 40);
  return { backgroundColor: `color-mix(in srgb, var(--series-${share < 0 ? 2 : 1}) ${percent}%, var(--card))` };
}

/** At most three digits after the point, a true minus, and no -0. */
export function numberText(value: number): string {
  const rounded = Math.round(value * 1000) / 1000;
  return String(rounded === 0 ? 0 : rounded).replace('-', '−');
}
