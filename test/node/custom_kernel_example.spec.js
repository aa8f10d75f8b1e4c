/** The example of a custom kernel, from its command line. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

describe('the example of a custom kernel', () => {
  it('finds the source of the heat through the gradient of its kernel', () => {
    const script = fileURLToPath(new URL('../../examples/custom-kernel/run.js', import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const [, backend, before, after] = /^On (\w+), .* from ([\d.]+) to ([\d.]+)\.$/m.exec(stdout) ?? [];
    expect(backend).toBe('convgl');
    expect(Number(after)).toBeLessThan(Number(before) / 2);
  });
});
