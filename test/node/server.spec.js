/** The examples' server: what it gives, and what it refuses. */
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drawn } from '../../examples/keras-fashion-mnist/dataset.js';
import { serve } from '../../examples/keras-fashion-mnist/loopback_server.js';

const none = drawn(0, 1);
const dataset = { data: /** @type {const} */ ([none, none]), source: 'none', real: false };

describe('the server of the examples', () => {
  /** @type {string} */
  let folder;
  /** @type {{ url: string, close: () => void }} */
  let server;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'convgl-server-'));
    await mkdir(join(folder, 'page'));
    await mkdir(join(folder, 'out'));
    await writeFile(join(folder, 'page/index.html'), '<p>page</p>');
    await writeFile(join(folder, 'secret'), 'secret');
    server = await serve({ directory: join(folder, 'page'), output: join(folder, 'out'), dataset });
  });
  afterEach(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });

  /**
   * A request as it is written: `fetch` would tidy it up.
   *
   * @param {string} path
   * @param {{ method?: string, headers?: Record<string, string>, body?: string }} [options]
   * @returns {Promise<{ status: number | undefined, headers: import('node:http').IncomingHttpHeaders, body: string }>}
   */
  function ask(path, { method = 'GET', headers = {}, body = '' } = {}) {
    const { hostname, port } = new URL(server.url);
    return new Promise((resolve, reject) => {
      const sent = httpRequest({ hostname, port, path, method, headers }, (response) => {
        let text = '';
        response.on('data', (chunk) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: text }));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  it('gives the page, the data and what was written', async () => {
    expect((await ask('/')).body).toBe('<p>page</p>');
    expect((await ask('/index.html?n=1')).headers['content-type']).toBe('text/html; charset=utf-8');
    expect(JSON.parse((await ask('/facts.json')).body).source).toBe('none');
    expect((await ask('/data/train-labels-idx1-ubyte.gz')).body).toBe('\0\0\x08\x01\0\0\0\0');
    expect((await ask('/out/model/model.json', { method: 'PUT', body: '{}' })).status).toBe(204);
    expect((await ask('/out/model/model.json')).body).toBe('{}');
    const events = '/out/logs/train/events.out.tfevents.1700000000.convgl.0.v2';
    expect((await ask(events, { method: 'PUT', body: 'e' })).status).toBe(204);
    for (const other of ['/out/logs/events.out.x', '/out/logs/train/..%2f..%2fevents.out.x', '/out/a.h5']) {
      expect((await ask(other, { method: 'PUT', body: 'e' })).status)
        .withContext(other)
        .toBe(403);
    }
  });

  it('lives on after addresses that are none', async () => {
    for (const path of [
      '//',
      '/%',
      '/%00',
      '//[',
      'http://',
      '/..%2fsecret',
      '/../secret',
      '/out/../../secret',
      '/none',
    ]) {
      expect((await ask(path)).status)
        .withContext(path)
        .toBeGreaterThanOrEqual(400);
    }
    expect((await ask('*', { method: 'OPTIONS' })).status).toBe(405);
    expect((await ask('/', { method: 'DELETE' })).status).toBe(405);
    expect((await ask('/')).status).toBe(200);
  });

  it('answers to its own host name alone', async () => {
    const { port } = new URL(server.url);
    for (const [host, status] of /** @type {const} */ ([
      [`localhost:${port}`, 200],
      ['example.com', 421],
      [`example.com:${port}`, 421],
    ])) {
      expect((await ask('/', { headers: { host } })).status)
        .withContext(host)
        .toBe(status);
    }
  });

  it('follows no link out of its folders', async () => {
    await symlink(join(folder, 'secret'), join(folder, 'page/link.html'));
    await symlink(folder, join(folder, 'page/all'));
    await symlink(join(folder, 'secret'), join(folder, 'out/curves.png'));
    await symlink(join(folder, 'page'), join(folder, 'out/model'));
    for (const path of ['/link.html', '/all/secret', '/out/curves.png']) {
      expect((await ask(path)).status)
        .withContext(path)
        .toBe(404);
    }
    for (const path of ['/out/curves.png', '/out/model/model.json']) {
      const { status } = await ask(path, { method: 'PUT', body: 'changed' });
      expect(status).withContext(path).toBeGreaterThanOrEqual(400);
    }
    expect(await readFile(join(folder, 'secret'), 'utf8')).toBe('secret');
  });

  it('writes outputs alone, and no more than 64 MiB', async () => {
    expect((await ask('/out/index.html', { method: 'PUT', body: 'x' })).status).toBe(403);
    expect((await ask('/index.html', { method: 'PUT', body: 'x' })).status).toBe(405);
    const { host } = new URL(server.url);
    const head = `PUT /out/curves.png HTTP/1.1\r\nhost: ${host}\r\n`;
    expect(await rawAnswer(`${head}content-length: ${2 ** 40}\r\n\r\n`)).toMatch(/^HTTP\/1.1 413/);
    const chunk = `${(2 ** 20).toString(16)}\r\n${'x'.repeat(2 ** 20)}\r\n`;
    expect(await rawAnswer(`${head}transfer-encoding: chunked\r\n\r\n${chunk.repeat(66)}`)).toMatch(/^HTTP\/1.1 413/);
    expect((await ask('/out/curves.png')).status).toBe(404);
  });

  /**
   * What the server answers until it ends the connection.
   *
   * @param {string} text
   * @returns {Promise<string>}
   */
  function rawAnswer(text) {
    const { hostname, port } = new URL(server.url);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => socket.write(text));
      let answer = '';
      socket.on('data', (data) => (answer += String(data)));
      socket.on('close', () => resolve(answer));
      socket.on('error', (error) => (answer ? resolve(answer) : reject(error)));
    });
  }

  it('lets the page load what is beside it, and nothing else', async () => {
    const { headers } = await ask('/');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect((await ask('/none')).headers['content-security-policy']).toContain("default-src 'none'");
  });
});
