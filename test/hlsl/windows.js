/**
 * Microsoft's shader compiler without Windows: ANGLE's libraries and FXC from the npm package `gl`, run by wine.
 *
 * It installs nothing but these libraries, in build/hlsl, and says what is missing.
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findDisplay, MissingError, onPath } from '../browsers.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'build/hlsl');

/** Compilers by the version of the package that ships them. */
export const COMPILERS = /** @type {const} */ ({
  new: { version: '9.0.0-rc.10', title: 'FXC 10.0.22621 of 2022' },
  old: { version: '8.1.6', title: 'FXC 6.3.9600 of 2013' },
});

/** @typedef {keyof typeof COMPILERS} Compiler */

/**
 * What d3d11.exe says of a program.
 *
 * @typedef {object} Program
 * @property {string} name
 * @property {boolean} linked
 * @property {number} cpu seconds
 * @property {number} wall seconds
 * @property {number} bytes of HLSL
 * @property {string} log
 */

/** @typedef {{ programs: Program[], differing: string[], reads: number, cpu: number, wall: number }} Outcome */

const DEBIANS_WINE = ['/usr/lib/wine/wine64'];

/** @param {readonly string[]} names @param {string} hint */
function tool(names, hint) {
  // Debian's wine64 is on no PATH.
  const found = onPath(names) ?? (names.includes('wine64') ? DEBIANS_WINE.find((path) => existsSync(path)) : undefined);
  if (found === undefined) throw new MissingError(`There is no ${names[0]}: install it (Debian: apt install ${hint}).`);
  return found;
}

/** The libraries (DLLs) of one version of the package. @param {string} version */
async function libraries(version) {
  const place = join(folder, version);
  if (!existsSync(place)) {
    const unpacked = join(folder, `unpacked-${version}`);
    mkdirSync(unpacked, { recursive: true });
    const { stdout } = await promisify(execFile)('npm', ['pack', '--silent', `gl@${version}`], { cwd: unpacked });
    execFileSync('tar', ['xzf', stdout.trim()], { cwd: unpacked });
    mkdirSync(`${place}.new`, { recursive: true });
    const names = readdirSync(unpacked, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.dll'));
    // Those for 64 bits last, over others of the same name.
    for (const name of names.sort((a, b) => Number(a.includes('x64')) - Number(b.includes('x64'))))
      copyFileSync(join(unpacked, name), join(`${place}.new`, basename(name)));
    rmSync(unpacked, { recursive: true });
    execFileSync('mv', [`${place}.new`, place]);
  }
  return place;
}

/**
 * Finds all that is needed, and builds the program that runs recorded calls.
 *
 * @returns {Promise<(files: { script: string, bytes: string }, compiler: Compiler, together?: boolean) => Promise<Outcome>>}
 * @throws MissingError
 */
export async function windows() {
  const wine = tool(['wine64', 'wine'], 'wine64');
  const compiler = tool(['x86_64-w64-mingw32-g++'], 'g++-mingw-w64-x86-64');
  const display = findDisplay();
  mkdirSync(folder, { recursive: true });
  const places = /** @type {Record<Compiler, string>} */ ({});
  for (const name of /** @type {Compiler[]} */ (Object.keys(COMPILERS))) {
    const place = (places[name] = await libraries(COMPILERS[name].version));
    // The same ANGLE with both compilers.
    for (const dll of ['libEGL.dll', 'libGLESv2.dll']) copyFileSync(join(places.new, dll), join(place, dll));
    const source = fileURLToPath(new URL('d3d11.cpp', import.meta.url));
    execFileSync(compiler, ['-std=c++17', '-O1', '-static', '-o', join(place, 'd3d11.exe'), source]);
  }
  const { env, stop } = await display();
  process.once('exit', stop);
  const environment = {
    ...process.env,
    ...env,
    WINEPREFIX: join(folder, 'wine'),
    WINEDEBUG: '-all',
    // The compiler beside the program in place of wine's own.
    WINEDLLOVERRIDES: 'd3dcompiler_47=n',
  };
  return async ({ script, bytes }, name, together = false) => {
    const files = [script, bytes].map((file) => `Z:${file.replaceAll('/', '\\')}`);
    const child = spawn(wine, ['d3d11.exe', ...files, ...(together ? ['together'] : [])], {
      cwd: places[name],
      env: environment,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ part) => (text += part));
    const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
    return outcomeOf(text, `d3d11.exe ended with ${code}`);
  };
}

/** @param {string} text @param {string} ending @returns {Outcome} */
function outcomeOf(text, ending) {
  const lines = text.split(/\r?\n/).map((line) => line.split('\t'));
  const of = (/** @type {string} */ kind) => lines.filter(([first]) => first === kind).map((line) => line.slice(1));
  const [error] = of('error');
  const [all] = of('all');
  if (error || !all) throw new Error(error?.join(' ') ?? `${ending} after: ${text.slice(-300)}`);
  const [reads, , cpu, wall] = all.map(Number);
  const programs = of('program').map(([name = '', linked, cpu, wall, bytes, log = '']) => ({
    name,
    linked: linked === '1',
    cpu: Number(cpu),
    wall: Number(wall),
    bytes: Number(bytes),
    log,
  }));
  const differing = of('differs').map(([section, what]) => `${section}: ${what}`);
  return { programs, differing, reads: reads ?? 0, cpu: cpu ?? 0, wall: wall ?? 0 };
}
