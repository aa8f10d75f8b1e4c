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

const ABOVE_GL = ['index', 'custom', 'gradients', 'backend', 'table', 'kernel', 'context', 'scope', 'host'].map(
  (name) => `src/${name}.ts`,
);
const OWN_PASSES = ['src/relayout.ts', 'src/exchange.ts', 'src/deferred', 'src/entry.ts'];
const PLAIN_VALUES = ['./src/plan.ts', './src/layout.ts', './src/shape.ts', './src/choices.ts'];

const zones = [
  zone(['./src/!(index).ts', './src/gl', './src/glsl'], 'kernels', 'Only src/index.ts knows the ops.'),
  zone(['./src', './kernels', './keras'], ['test', 'benchmarks', 'examples'], 'The package does not know its users.'),
  zone('./keras', ['src', 'kernels'], 'keras/ works with any backend.'),
  zone(['./src', './kernels', './benchmarks'], 'keras', 'Only users of the package import keras/.'),
  zone('./kernels', ['src/index.ts', 'src/custom.ts', 'src/gl'], 'Kernels return plans and never touch GL.'),
  zone(
    ['./src/backend.ts', './src/table.ts'],
    ['src/index.ts', 'src/custom.ts', 'src/kernel.ts', 'src/context.ts', 'src/scope.ts'],
    'index -> kernel -> backend -> gl -> plan <- glsl.',
  ),
  zone(
    './src/gl',
    [...ABOVE_GL, ...OWN_PASSES, 'src/glsl'],
    'gl executes plans and knows neither tensors nor shaders.',
  ),
  zone(
    ['./src/deferred', './src/entry.ts'],
    ABOVE_GL,
    'Work that waits knows textures, and neither data ids nor kernels.',
  ),
  zone('./src/glsl', [...ABOVE_GL, ...OWN_PASSES, 'src/gl'], 'glsl is text about plans.'),
  zone(PLAIN_VALUES, [...ABOVE_GL, ...OWN_PASSES, 'src/gl', 'src/glsl'], 'Plans, layouts and shapes are plain values.'),
];

const noEnum = { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' };
const noWebGL = {
  selector: 'Identifier[name=/^(WebGL(2?RenderingContext|[A-Z][a-z]+)|GL(enum|int|uint|sizei))$/]',
  message: 'Only src/gl names WebGL.',
};

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
      'import-x/extensions': ['.ts', '.js'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts', '.js'] },
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
  { files: ['**/*.spec.ts', '**/*.spec.js'], rules: { 'max-lines-per-function': 'off' } },
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
