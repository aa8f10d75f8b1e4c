/** docs/api is what `npm run docs` makes of the docstrings, each of which is there and links to what exists. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** @param {string} folder */
const textsOf = (folder) =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((path) => [path.slice(folder.length), readFileSync(path, 'utf8')])
      .sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
  );

describe('the API reference', () => {
  it('is what the docstrings say today', () => {
    const folder = mkdtempSync(join(tmpdir(), 'convgl-docs-'));
    try {
      const { status, stdout } = spawnSync('npx', ['--no-install', 'typedoc', '--out', folder], {
        cwd: root,
        encoding: 'utf8',
      });
      expect(status).withContext(stdout).toBe(0);
      const [made, kept] = [textsOf(folder), textsOf(join(root, 'docs/api'))];
      expect(Object.keys(made)).toEqual(Object.keys(kept));
      const stale = Object.keys(made).filter((path) => made[path] !== kept[path]);
      expect(stale).withContext('npm run docs makes it anew').toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
