/** The command that writes the README's table of kernels. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (/** @type {string} */ name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** @param {readonly string[]} options */
function run(...options) {
  return spawnSync(process.execPath, [path('test/kernels/places.js'), ...options], { encoding: 'utf8' });
}

describe('the table of kernels', () => {
  it('is left alone by --help', () => {
    const before = readFileSync(path('README.md'), 'utf8');
    const { stdout, status } = run('--help');
    expect(status).toBe(0);
    expect(stdout).toContain('Usage: npm run kernels');
    expect(readFileSync(path('README.md'), 'utf8')).toBe(before);
  });

  it('says of kernels what running them shows', () => {
    const rows = (/** @type {string} */ text) =>
      [...text.matchAll(/^\|\s*`(Add|Reshape|Sum|Unique)`\s*\|.*$/gm)].map(([row]) => row.replace(/\s+/g, ' '));
    const { stdout, stderr } = run('--kernels', '^(Add|Reshape|Sum|Unique)$');
    expect(stderr).toBe('');
    expect(rows(stdout)).toEqual(rows(readFileSync(path('README.md'), 'utf8')));
    expect(rows(stdout).length).toBe(4);
  }, 120_000);
});
