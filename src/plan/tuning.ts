/** Tuning parameters: numbers that differ between devices, a table for each family. `npm run tune` tries their candidates. */
import { clearMemos } from './plan';

/** A number that changes how fast something is, and nothing about what it gives but rounding. */
export interface TuningParameter {
  /** What is counted. */
  readonly unit: string;
  /** What too small a value costs, and too large a one. */
  readonly trade: string;
  readonly value: number;
  /** Values worth trying, the present one among them. */
  readonly candidates: readonly number[];
}

/** By name; a name with a point is one of several for kinds of shapes. */
export type TuningTable = Readonly<Record<string, TuningParameter>>;

const tables: TuningTable[] = [];
/** The values in force, of all tables. */
const current: Record<string, number> = {};

/**
 * The values in force of a family's table. Passes are planned from them, so that whatever depends on them is a parameter of a template.
 *
 * @throws Error where another table has a parameter of the same name
 */
export function tuningParameters<T extends TuningTable>(table: T): Readonly<Record<keyof T, number>> {
  const taken = Object.keys(table).find((name) => name in current);
  if (taken) throw new Error(`tuningParameters: ${taken} is in another table already.`);
  tables.push(table);
  reset();
  return current as Record<keyof T, number>;
}

function reset(): void {
  for (const table of tables) for (const name in table) current[name] = table[name]!.value;
}

/** Puts the tables' values in force, but for those given; for the tuner alone. Plans made before are forgotten. */
export function setTuning(others: Readonly<Record<string, number>> = {}): void {
  reset();
  Object.assign(current, others);
  clearMemos();
}
