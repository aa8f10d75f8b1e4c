/** ESLint: type-checked rules, the one-way dependencies of docs/architecture.md, and the house's own habits. */
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** A file opens with one sentence that says what it is for. */
const openingSentence = {
  create: (context) => ({
    Program(node) {
      const [first] = node.tokens;
      // A shebang or `// @ts-check` may come before it.
      const opening = node.comments.filter((comment) => !first || comment.range[0] < first.range[0]);
      if (opening.some((comment) => comment.type === 'Block' && comment.value.startsWith('*'))) return;
      const message = 'Open the file with /** one sentence that says what it is for. */';
      context.report({ loc: { line: 1, column: 0 }, message });
    },
  }),
};

/** Who may not import whom; `from` lists what the target's files must stay clear of. */
function zone(target, from, message) {
  return { target, from: [from].flat().map((path) => `./${path}`), message };
}

/** The rooms of src/, each of which imports only from those after it; gl and glsl do not import from each other. */
const ROOMS = ['api', 'kernel', 'tensors', 'lazy', ['gl', 'glsl'], 'plan'].map((rooms) => [rooms].flat());

/** The families of kernels/ from the bottom up, each of which imports only from those before it, and not their shaders. */
const FAMILIES = [['shader'], ['elementwise'], ['movement', 'reduce'], ['matmul'], ['conv', 'nn', 'image', 'other']];

/** One zone for each room of the table: it must stay clear of those before it, and of those beside it. */
function oneWay(table, base, message) {
  return table.flatMap((rooms, level) =>
    rooms.flatMap((room) => {
      const above = table.slice(0, level).flat();
      const beside = rooms.filter((other) => other !== room);
      const kept = [...above, ...beside];
      if (kept.length === 0) return [];
      return zone(
        `./${base}/${room}`,
        kept.map((other) => `${base}/${other}`),
        message,
      );
    }),
  );
}

/** Shaders are their family's own, but for what several families share. */
const ownShaders = FAMILIES.flat().map((family) => ({
  target: `./kernels/${family}`,
  from: FAMILIES.flat()
    .filter((other) => other !== family && other !== 'shader')
    .map((other) => `./kernels/${other}/*_shader.ts`),
  message: "Import a family's kernels and drivers, not its shaders.",
}));

const zones = [
  zone(
    ['./src/!(index).ts', ...ROOMS.flat().map((room) => `./src/${room}`)],
    'kernels',
    'Only src/index.ts knows the ops.',
  ),
  zone(['./src', './kernels', './keras'], ['test', 'benchmarks', 'examples'], 'The package does not know its users.'),
  zone('./keras', ['src', 'kernels'], 'keras/ works with any backend.'),
  zone(['./src', './kernels', './benchmarks'], 'keras', 'Only users of the package import keras/.'),
  zone(
    './kernels',
    ['src/index.ts', 'src/api', 'src/tensors', 'src/lazy', 'src/gl'],
    'Kernels return plans and never touch GL.',
  ),
  zone(
    ROOMS.flat().map((room) => `./src/${room}`),
    'src/index.ts',
    'src/index.ts joins all and is imported by none.',
  ),
  ...oneWay(ROOMS, 'src', 'api -> kernel -> tensors -> lazy -> gl, glsl -> plan.'),
  ...oneWay(
    [...FAMILIES].reverse(),
    'kernels',
    'conv, nn, image, other -> matmul -> movement, reduce -> elementwise -> shader.',
  ),
  ...ownShaders,
];

const noEnum = { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' };
const noWebGL = {
  selector: 'Identifier[name=/^(WebGL(2?RenderingContext|[A-Z][a-z]+)|GL(enum|int|uint|sizei))$/]',
  message: 'Only src/gl names WebGL.',
};

/** Rewrite rules and kernels know what an op is by its kind; its GLSL is only ever written. */
const noGLSLCompared = [
  'CallExpression[callee.property.name=/^(match|matchAll|test|exec|search)$/]',
  ...['expression', 'helpers', 'glsl', 'source', 'load'].flatMap((text) => [
    `BinaryExpression[operator=/^[!=]==?$/]:has(> MemberExpression[property.name="${text}"]):not(:has(> Identifier[name="undefined"]))`,
    `CallExpression[callee.property.name=/^(includes|startsWith|endsWith|indexOf)$/][callee.object.property.name="${text}"]`,
  ]),
].map((selector) => ({ selector, message: 'Match kinds, not GLSL text.' }));

export default tseslint.config(
  { ignores: ['dist', 'build', 'runs', 'node_modules'] },
  ...tseslint.configs.recommendedTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        project: ['tsconfig.json', 'tsconfig.tools.json', 'benchmarks/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { 'import-x': importX, house: { rules: { 'opening-sentence': openingSentence } } },
    settings: {
      'import-x/extensions': ['.ts', '.tsx', '.js'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts', '.tsx', '.js'] },
      'import-x/resolver-next': [createTypeScriptImportResolver({ project: 'tsconfig.json' })],
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'house/opening-sentence': 'error',
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-default-export': 'error',
      'import-x/no-duplicates': 'error',
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones }],
      'no-restricted-syntax': ['error', noEnum],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
      complexity: ['error', 12],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'prefer-const': 'error',
      'no-console': ['error', { allow: ['warn'] }],
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Numbers and shapes belong in messages.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowArray: true },
      ],
      // Under noUncheckedIndexedAccess an index that is in range by construction needs `!`, and an interface says no more than a type.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/dot-notation': 'off',
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
      '@typescript-eslint/consistent-type-definitions': 'off',
    },
  },
  {
    files: ['src/**', 'kernels/**'],
    ignores: ['src/gl/**'],
    rules: { 'no-restricted-syntax': ['error', noEnum, noWebGL] },
  },
  {
    files: ['src/lazy/**', 'kernels/**'],
    rules: { 'no-restricted-syntax': ['error', noEnum, noWebGL, ...noGLSLCompared] },
  },
  { files: ['**/*.spec.ts', '**/*.spec.js'], rules: { 'max-lines-per-function': 'off', complexity: 'off' } },
  { files: ['*.config.js', '**/*.d.ts'], rules: { 'import-x/no-default-export': 'off' } },
  {
    // Programs for the terminal and their pages, in JavaScript: they print, and tsc checks their JSDoc types.
    files: ['**/*.js', 'examples/**', 'benchmarks/**'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.js'],
    rules: {
      '@typescript-eslint/prefer-readonly': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
);
