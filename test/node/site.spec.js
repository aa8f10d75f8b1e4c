/** The site of the browser's specs: written by the tests' command, and run by a browser that nothing drives. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serveSite } from '../../benchmarks/site.js';
import { launch } from '../../examples/host/browser.js';

describe('the site of the specs', () => {
  it('is written, runs what its query asks for, and posts the counts', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'convgl-site-'));
    const command = fileURLToPath(new URL('../run.js', import.meta.url));
    const { stdout, stderr } = spawnSync(process.execPath, [command, '--build', folder, '--only', 'unit'], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(stdout).toContain('its query says what runs');
    /** @type {(body: string) => void} */
    let tell = () => undefined;
    /** @type {Promise<string>} */
    const result = new Promise((resolve) => (tell = resolve));
    const site = await serveSite(folder, {
      result: () => undefined,
      onPost: (path, body) => path === '/result' && tell(body),
    });
    const browser = await launch();
    try {
      const page = await browser.newPage();
      await page.goto(`${site.url}?suite=unit&grep=layout`);
      const outcome = /** @type {import('../site_page.js').Outcome} */ (JSON.parse(await result));
      expect([outcome.suite, outcome.ended, outcome.failed, outcome.failures]).toEqual(['unit', 'all have run', 0, []]);
      expect(outcome.passed).toBeGreaterThan(0);
      expect(outcome.passed).toBeLessThan(outcome.defined);
      expect(outcome.renderer).not.toBe('');
    } finally {
      await browser.close();
      site.close();
      await rm(folder, { recursive: true });
    }
  });
});
