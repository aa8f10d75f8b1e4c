/** Labelled controls: sliders, choices, check boxes, fields of numbers, and buttons. */
import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';

export function Controls({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    <form class="controls" aria-label={label} onSubmit={(event) => event.preventDefault()}>
      {children}
    </form>
  );
}

interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  /** What is shown and spoken in place of the number. */
  readonly text?: string;
  readonly onChange: (value: number) => void;
}

export function Slider({ label, value, min, max, step = 1, text = String(value), onChange }: SliderProps) {
  const id = useId();
  return (
    <div class="control">
      <label for={id}>
        {label} <output for={id}>{text}</output>
      </label>
      <input
        id={id}
        type="range"
        aria-valuetext={text}
        {...{ min, max, step, value }}
        onInput={({ currentTarget }) => onChange(currentTarget.valueAsNumber)}
      />
    </div>
  );
}

interface ChoiceProps<V extends string> {
  readonly label: string;
  readonly value: V;
  /** Values with what the visitor reads. */
  readonly options: Readonly<Record<V, string>>;
  readonly onChange: (value: V) => void;
}

export function Choice<V extends string>({ label, value, options, onChange }: ChoiceProps<V>) {
  const id = useId();
  return (
    <div class="control">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={({ currentTarget }) => onChange(currentTarget.value as V)}>
        {Object.entries<string>(options).map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

interface CheckProps {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

export function Check({ label, checked, onChange }: CheckProps) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} onChange={({ currentTarget }) => onChange(currentTarget.checked)} />
      {label}
    </label>
  );
}

interface NumbersProps {
  readonly label: string;
  readonly values: readonly number[];
  readonly min: number;
  readonly max: number;
  readonly onChange: (values: readonly number[]) => void;
}

/** A field of numbers with blanks or commas between them. What is no such list is marked, and changes nothing. */
export function Numbers({ label, values, min, max, onChange }: NumbersProps) {
  const id = useId();
  const [typed, type] = useState<string>();
  const read = (text: string) => {
    const numbers = text
      .split(/[\s,;]+/)
      .filter(Boolean)
      .map(Number);
    return numbers.length >= min && numbers.length <= max && numbers.every(Number.isFinite) ? numbers : undefined;
  };
  const bad = typed !== undefined && !read(typed);
  return (
    <div class="control">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        inputMode="text"
        autocomplete="off"
        aria-invalid={bad}
        aria-describedby={bad ? `${id}-error` : undefined}
        value={typed ?? values.join(' ')}
        onInput={({ currentTarget }) => {
          type(currentTarget.value);
          const numbers = read(currentTarget.value);
          if (numbers) onChange(numbers);
        }}
        onBlur={() => type(undefined)}
      />
      {bad ? (
        <p id={`${id}-error`} class="error">
          {min} to {max} numbers, please.
        </p>
      ) : null}
    </div>
  );
}

interface ButtonProps {
  readonly children: ComponentChildren;
  readonly disabled?: boolean;
  /** The exhibit's main action: there is one per page, and tests press it. */
  readonly main?: boolean;
  readonly onClick: () => void;
}

export function Button({ children, disabled = false, main = false, onClick }: ButtonProps) {
  return (
    <button type="button" class={main ? 'main' : undefined} data-main={main || undefined} {...{ disabled, onClick }}>
      {children}
    </button>
  );
}
