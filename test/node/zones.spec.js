/** The import rules of eslint.config.js, each broken on purpose in a file that does not exist. */
import { readdirSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The rooms of src/ and the families of kernels/: each may import from those of later levels alone. */
const ROOMS = [['api'], ['kernel'], ['tensors'], ['lazy'], ['gl', 'glsl'], ['plan']];
const FAMILIES = [['conv', 'nn', 'image', 'other'], ['matmul'], ['movement', 'reduce'], ['elementwise'], ['shader']];

const MESSAGES = {
  rooms: 'api -> kernel -> tensors -> lazy -> gl, glsl -> plan.',
  families: 'conv, nn, image, other -> matmul -> movement, reduce -> elementwise -> shader.',
  shaders: "Import a family's kernels and drivers, not its shaders.",
  ops: 'Only src/index.ts knows the ops.',
  kernels: 'Kernels return plans and never touch GL.',
  users: 'The package does not know its users.',
  keras: 'keras/ works with any backend.',
  onlyUsers: 'Only users of the package import keras/.',
  index: 'src/index.ts joins all and is imported by none.',
  webgl: 'Only src/gl names WebGL.',
  glsl: 'Match kinds, not GLSL text.',
};

// Rules of types need a file that is in the project; cycles are looked for by one spec alone.
const noTypes = [tseslint.configs.disableTypeChecked, { rules: { 'import-x/no-cycle': 'off' } }];
const eslint = new ESLint({ cwd: root, overrideConfig: /** @type {any} */ (noTypes) });
const cycles = new ESLint({ cwd: root, overrideConfig: /** @type {any} */ (noTypes.slice(0, 1)) });

/**
 * What ESLint has against a file of this text.
 *
 * @param {string} filePath
 * @param {string} text
 */
async function complaints(filePath, text, linter = eslint) {
  const [result] = await linter.lintText(`/** A file. */\n${text}\n`, { filePath: `${root}${filePath}` });
  return (result?.messages ?? []).map(({ message }) =>
    message.replace(/^Unexpected path .*? imported in restricted zone\. /, ''),
  );
}

/**
 * @param {string} from
 * @param {string} target a file that exists
 */
function importing(from, target) {
  const path = relative(dirname(from), target).replace(/\.[jt]s$/, '');
  return complaints(
    from,
    `import * as target from '${path.startsWith('.') ? path : `./${path}`}';\nexport const all = target;`,
  );
}

/**
 * A file of a folder.
 *
 * @param {string} folder
 */
function fileOf(folder, shader = false) {
  const name = readdirSync(`${root}${folder}`).find(
    (file) => file.endsWith('.ts') && file.endsWith('_shader.ts') === shader,
  );
  return name && `${folder}/${name}`;
}

/** @param {string[][]} table */
const levelOf = (table) => (/** @type {string} */ name) => table.findIndex((names) => names.includes(name));

describe('the import rules', () => {
  it('are for rooms and families that exist', () => {
    const folders = (/** @type {string} */ path) =>
      readdirSync(`${root}${path}`, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name);
    expect(folders('src').sort()).toEqual(ROOMS.flat().sort());
    expect(folders('kernels').sort()).toEqual(FAMILIES.flat().sort());
  });

  for (const room of ROOMS.flat()) {
    it(`let src/${room} import from the rooms below it alone`, async () => {
      const level = levelOf(ROOMS);
      for (const other of ROOMS.flat()) {
        const allowed = other === room || level(other) > level(room);
        expect(await importing(`src/${room}/made_up.ts`, /** @type {string} */ (fileOf(`src/${other}`))))
          .withContext(`src/${room} -> src/${other}`)
          .toEqual(allowed ? [] : [MESSAGES.rooms]);
      }
      expect(await importing(`src/${room}/made_up.ts`, 'src/index.ts')).toEqual([MESSAGES.index]);
      expect(await importing(`src/${room}/made_up.ts`, 'kernels/index.ts')).toEqual([MESSAGES.ops]);
    });
  }

  for (const family of FAMILIES.flat()) {
    it(`let kernels/${family} import from the families below it alone, and not their shaders`, async () => {
      const level = levelOf(FAMILIES);
      for (const other of FAMILIES.flat()) {
        const allowed = other === family || level(other) > level(family);
        const own = other === family || other === 'shader';
        const [kernel, shader] = [fileOf(`kernels/${other}`), fileOf(`kernels/${other}`, true)];
        const refused = allowed ? [] : [MESSAGES.families];
        const context = `kernels/${family} -> kernels/${other}`;
        if (kernel)
          expect(await importing(`kernels/${family}/made_up.ts`, kernel))
            .withContext(context)
            .toEqual(refused);
        if (shader)
          expect(await importing(`kernels/${family}/made_up.ts`, shader))
            .withContext(`${context}, a shader`)
            .toEqual([...refused, ...(own ? [] : [MESSAGES.shaders])]);
      }
    });
  }

  it('keep kernels from all that touches GL', async () => {
    for (const target of ['src/index.ts', ...['api', 'tensors', 'lazy', 'gl'].map((room) => fileOf(`src/${room}`))]) {
      for (const from of ['kernels/made_up.ts', 'kernels/conv/made_up.ts'])
        expect(await importing(from, /** @type {string} */ (target)))
          .withContext(`${from} -> ${target}`)
          .toEqual([MESSAGES.kernels]);
    }
    for (const room of ['kernel', 'glsl', 'plan'])
      expect(await importing('kernels/conv/made_up.ts', /** @type {string} */ (fileOf(`src/${room}`)))).toEqual([]);
  });

  it('let only src/index.ts import kernels', async () => {
    expect(await importing('src/made_up.ts', 'kernels/index.ts')).toEqual([MESSAGES.ops]);
    expect(await importing('src/index.ts', 'kernels/index.ts')).toEqual([]);
  });

  it('keep the package from its users, and keras/ and the backend from each other', async () => {
    for (const target of ['test/page.ts', 'benchmarks/page/tasks.ts', 'examples/keras-fashion-mnist/events.ts']) {
      for (const folder of ['src', 'src/lazy', 'kernels', 'kernels/conv', 'keras', 'keras/layers'])
        expect(await importing(`${folder}/made_up.ts`, target))
          .withContext(`${folder} -> ${target}`)
          .toEqual([MESSAGES.users]);
    }
    for (const target of ['src/index.ts', 'src/plan/plan.ts', 'kernels/checks.ts'])
      expect(await importing('keras/layers/made_up.ts', target)).toEqual([MESSAGES.keras]);
    for (const folder of ['src', 'src/api', 'kernels', 'kernels/nn', 'benchmarks/page'])
      expect(await importing(`${folder}/made_up.ts`, 'keras/index.ts')).toEqual([MESSAGES.onlyUsers]);
    expect(await importing('examples/gallery/made_up.ts', 'keras/index.ts')).toEqual([]);
  });

  it('allow no circle', async () => {
    const text = "import { NARROW } from './layout';\nexport const width = NARROW;";
    expect(await complaints('src/plan/shape.ts', text, cycles)).toEqual(['Dependency cycle detected']);
  });
});

describe('the rules of names', () => {
  it('let only src/gl name WebGL', async () => {
    for (const name of ['WebGL2RenderingContext', 'WebGLTexture', 'GLenum']) {
      const text = `export type Handle = ${name};`;
      for (const folder of ['src', 'src/api', 'src/lazy', 'src/tensors', 'kernels', 'kernels/conv'])
        expect(await complaints(`${folder}/made_up.ts`, text))
          .withContext(`${name} in ${folder}`)
          .toEqual([MESSAGES.webgl]);
      expect(await complaints('src/gl/made_up.ts', text)).toEqual([]);
    }
  });

  it('let no rewrite rule and no kernel look into GLSL text', async () => {
    const texts = [
      "export const is = (op: { expression: string }) => op.expression === 'x * x';",
      "export const is = (op: { expression: string }) => 'x * x' !== op.expression;",
      "export const is = (op: { expression: string }) => op.expression.includes('x * x');",
      "export const is = (op: { load: { expression: string } }) => op.load.expression.startsWith('x');",
      'export const is = (op: { expression: string }) => /x *. x/.test(op.expression);',
      'export const is = (text: string) => text.match(/x/);',
      'export const is = (text: string) => text.search(/x/);',
      'export const is = (text: string) => /x/.exec(text);',
    ];
    for (const text of texts)
      for (const folder of ['src/lazy', 'kernels', 'kernels/reduce'])
        expect(await complaints(`${folder}/made_up.ts`, text))
          .withContext(`${text} in ${folder}`)
          .toEqual([MESSAGES.glsl]);
  });
});
