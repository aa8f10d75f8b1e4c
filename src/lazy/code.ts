/** GLSL statements that compute elements, as interned objects whose text is written once. */
import { declare, type Constant } from '../glsl/epilogue';
import { scalarType } from '../glsl/shader';
import { Interned, type DType } from '../plan/plan';

/** GLSL that computes elements. */
interface CodeText {
  /** One constant after another, in the names of leaves and uniforms. */
  readonly statements: readonly Constant[];
  /** Names of the results in them. */
  readonly results: readonly string[];
  readonly helpers: string;
  /** Names of float uniforms. */
  readonly attributes: readonly string[];
  /** Names of int uniforms. */
  readonly integers: readonly string[];
}

/** Code, interned: there is one object per text. */
export class Code extends Interned implements CodeText {
  readonly statements;
  readonly results;
  readonly helpers;
  readonly attributes;
  readonly integers;

  constructor({ statements, results, helpers, attributes, integers }: CodeText) {
    super();
    this.statements = statements;
    this.results = results;
    this.helpers = helpers;
    this.attributes = attributes;
    this.integers = integers;
  }
}

/** The text that declares the constants of `code`. */
export function statementsOf({ statements }: Code): string {
  return statements.map(declare).join('\n  ');
}

const codes = new Map<string, Code>();

/** The code of a structure; its text is written once. */
export function codeOf(structure: string, write: () => CodeText): Code {
  let code = codes.get(structure);
  if (!code) codes.set(structure, (code = new Code(write())));
  return code;
}

/** Code that copies the elements of textures x0, x1 and so on. */
export function plainCode(count: number, dtype: DType): Code {
  const places = Array.from({ length: count }, (_, i) => i);
  return codeOf(`plain ${count} ${dtype}`, () => ({
    statements: places.map((i) => ({ name: `t${i}`, type: scalarType(dtype), value: `x${i}` })),
    results: places.map((i) => `t${i}`),
    helpers: '',
    attributes: [],
    integers: [],
  }));
}
