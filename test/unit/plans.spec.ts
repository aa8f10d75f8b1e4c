/** Every kernel case without a GPU: what its plans promise each other, the shader, and the device. */
import cases from 'virtual:cases';
import type { KernelCase } from '../cases/case';
import { randomOf, type Random } from '../cases/fill';
import { seed } from '../page';
import { TextureSizeError } from '../../src/plan/layout';
import { sizeOf } from '../../src/plan/shape';
import { declarations, type FakeLimits } from './fake_gl';
import { Recorder, type Copying, type Pass, type Recording } from './recorder';

/** Components of a uniform by its GLSL type. */
const COMPONENTS: Readonly<Record<string, number>> = {
  int: 1,
  ivec2: 2,
  ivec3: 3,
  ivec4: 4,
  float: 1,
  vec2: 2,
  vec3: 3,
  vec4: 4,
};

/** A large device and a poor one: other tiles, other widths, other fallbacks. */
const DEVICES: Readonly<Record<string, FakeLimits>> = {
  '16384 texels and 8 targets': { maxTextureSize: 16384, maxTargets: 8 },
  '256 texels and 4 targets': { maxTextureSize: 256, maxTargets: 4 },
};

/** The runner sets the one, and nobody the other, of which compilers must not know that it is 0. */
const NOT_OF_PLANS = ['outWidth', 'opaqueZero'];

/** All problems with a pass. */
function problemsOf({ plan, inputs, targets }: Pass, { maxTextureSize = 0, maxTargets = 0 }: FakeLimits): string[] {
  const source = plan.source();
  const declared = declarations(source);
  const problems: string[] = [];
  const expect = (holds: boolean, problem: string): void => void (holds || problems.push(`${plan.key}: ${problem}`));

  expect(source === plan.source(), 'the source changes from call to call');
  expect(inputs.length === plan.samplers.length, `${inputs.length} inputs for the samplers ${plan.samplers}`);
  plan.samplers.forEach((name, i) => {
    const type = declared.find((d) => d.name === name)?.type;
    const array = inputs[i]!.layers > 1 ? 'Array' : '';
    const wanted = `${inputs[i]?.dtype === 'float32' ? '' : 'i'}sampler2D${array}`;
    expect(type === wanted, `sampler ${name} is declared as ${type} for a ${inputs[i]?.dtype} texture`);
  });
  for (const { type, name, length } of declared) {
    // One that the text never uses again is not there for the driver either.
    const used = [...source.matchAll(new RegExp(`\\b${name}\\b`, 'g'))].length > 1;
    if (plan.samplers.includes(name) || NOT_OF_PLANS.includes(name) || !used) continue;
    expect(type in COMPONENTS, `uniform ${name} has the type ${type}, which the runner cannot set`);
    const value = [plan.uniforms[name] ?? []].flat();
    expect(
      value.length === length * COMPONENTS[type]!,
      `uniform ${type} ${name}[${length}] is given ${value.length} numbers`,
    );
    if (!type.startsWith('i')) continue;
    const isInt = (x: number): boolean => Number.isInteger(x) && Math.abs(x) <= 2 ** 31;
    expect(value.every(isInt), `uniform ${type} ${name} is given ${value}`);
  }
  for (const name of new Set(declared.map((d) => d.name)))
    expect(declared.filter((d) => d.name === name).length === 1, `${name} is declared twice`);

  expect(plan.outputs.length <= maxTargets, `${plan.outputs.length} targets`);
  const layers = targets.length === 1 ? targets[0]!.layers : targets.length;
  expect(plan.outputs.length === layers && targets.length > 0, 'no target');
  plan.outputs.forEach(({ shape, dtype, width, height }, i) => {
    const type = dtype === 'float32' ? 'vec4' : 'ivec4';
    expect(source.includes(`layout(location = ${i}) out ${type} out${i};`), `out${i} is not declared as ${type}`);
    expect(Math.max(width, height) <= maxTextureSize, `a target of ${width} x ${height}`);
    expect(width * height * 4 >= sizeOf(shape), `[${shape}] in ${width} x ${height} texels`);
    expect(width === plan.outputs[0]!.width && height === plan.outputs[0]!.height, 'targets of several sizes');
  });
  const written = targets.map(({ id }) => id);
  expect(!inputs.some(({ id }) => written.includes(id)), 'it reads the texture that it writes');
  expect(new Set(written).size === written.length, 'it writes one texture twice');
  expect(!/\b(NaN|undefined|null|Infinity)\b/.test(plan.key), 'the key holds what JSON cannot tell apart');
  expect(!/\b(NaN|undefined|Infinity|\[object)\b/.test(source), 'the source holds a JavaScript value');
  return problems;
}

function problemsOfCopy({ from, to, copies }: Copying): string[] {
  const outside = copies.filter(
    ({ x, y, width, height, toX, toY }) =>
      Math.min(x, y, toX, toY) < 0 ||
      Math.min(width, height) < 1 ||
      x + width > from.width ||
      y + height > from.height ||
      toX + width > to.width ||
      toY + height > to.height,
  );
  return [
    ...outside.map(
      (copy) => `copies ${JSON.stringify(copy)} from ${from.width} x ${from.height} to ${to.width} x ${to.height}`,
    ),
    ...(from.dtype === to.dtype ? [] : [`copies ${from.dtype} to ${to.dtype}`]),
    ...(from.id === to.id ? ['copies within one texture'] : []),
  ];
}

/** Random convolutions and matrix products on each device. */
const ROUNDS = 200;

const upTo = (random: Random, most: number): number => 1 + Math.floor(random() ** 2 * most);

/** A forward convolution or one of its gradients, dense or depthwise, of any geometry that tfjs takes. */
function randomConvolution(random: Random): KernelCase {
  const [batch, height, width, channels, filters] = [6, 20, 40, 40, 40].map((most) => upTo(random, most)) as Five;
  const depthwise = random() < 0.3;
  const filter = [upTo(random, 8), upTo(random, 8), channels, depthwise ? upTo(random, 3) : filters];
  const [strides, dilations] = random() < 0.5 ? [upTo(random, 3), 1] : [1, upTo(random, 3)];
  const attrs = { strides, dilations, pad: 'same', dataFormat: 'NHWC' };
  const x = [batch, height, width, channels];
  const outChannels = depthwise ? channels * filter[3]! : filters;
  const dy = [batch, Math.ceil(height / strides), Math.ceil(width / strides), outChannels];
  const kernel = depthwise ? ['DepthwiseConv2dNative', 'DepthwiseConv2dNativeBackprop'] : ['Conv2D', 'Conv2DBackprop'];
  const name = 'random';
  switch (Math.floor(random() * 3)) {
    case 0:
      return { name, kernel: kernel[0]!, inputs: { x: { shape: x }, filter: { shape: filter } }, attrs };
    case 1: {
      const inputs = { dy: { shape: dy }, filter: { shape: filter } };
      return { name, kernel: `${kernel[1]}Input`, inputs, attrs: { ...attrs, inputShape: x } };
    }
    default: {
      const inputs = { x: { shape: x }, dy: { shape: dy } };
      return { name, kernel: `${kernel[1]}Filter`, inputs, attrs: { ...attrs, filterShape: filter } };
    }
  }
}

type Five = [number, number, number, number, number];

/** A batched matrix product of any size and transposes. */
function randomProduct(random: Random): KernelCase {
  const [m, k, n] = [90, 300, 90].map((most) => upTo(random, most)) as [number, number, number];
  const [transposeA, transposeB] = [random() < 0.5, random() < 0.5];
  const batch = upTo(random, 4);
  const a = [batch, ...(transposeA ? [k, m] : [m, k])];
  const b = [random() < 0.3 ? 1 : batch, ...(transposeB ? [n, k] : [k, n])];
  const inputs = { a: { shape: a }, b: { shape: b } };
  return { name: 'random', kernel: 'BatchMatMul', inputs, attrs: { transposeA, transposeB } };
}

const withoutBool = (key: string): string => key.replaceAll('"bool"', '"int32"');

describe('plans', () => {
  const sources = new Map<string, string>();

  for (const [device, limits] of Object.entries(DEVICES)) {
    describe(`on a device with ${device}`, () => {
      const recorder = new Recorder(limits);
      const fits = ({ inputs }: KernelCase): boolean =>
        Object.values(inputs).every(({ shape }) => sizeOf(shape) <= limits.maxTextureSize! ** 2);
      const tested = cases.filter((one) => one.bench !== true && fits(one));
      for (const kernel of [...new Set(tested.map((one) => one.kernel))].sort()) {
        it(`${kernel} keeps to its plans`, () => {
          const before = recorder.backend.numDataIds();
          for (const one of tested.filter((c) => c.kernel === kernel)) {
            const recording: Recording = recorder.run(one, randomOf(seed, `${one.kernel} ${one.name}`));
            const problems = [
              ...recording.passes.flatMap((pass) => problemsOf(pass, limits)),
              ...recording.copyings.flatMap(problemsOfCopy),
            ];
            for (const { plan } of recording.passes) {
              const known = sources.get(plan.key);
              if (known === undefined) sources.set(plan.key, plan.source());
              else if (known !== plan.source()) problems.push(`${plan.key}: two sources`);
            }
            recorder.dispose(recording.outputs);
            expect(problems).withContext(one.name).toEqual([]);
            expect(recorder.backend.numDataIds()).withContext(`data ids after ${one.name}`).toBe(before);
          }
        });
      }

      it('random convolutions and products keep to their plans', () => {
        const random = randomOf(seed, device);
        let refused = 0;
        for (let round = 0; round < ROUNDS; round++) {
          const one = round % 2 === 0 ? randomConvolution(random) : randomProduct(random);
          try {
            const { passes, copyings, outputs } = recorder.run(one, random);
            const problems = passes.flatMap((pass) => problemsOf(pass, limits));
            recorder.dispose(outputs);
            expect([...problems, ...copyings.flatMap(problemsOfCopy)])
              .withContext(JSON.stringify(one))
              .toEqual([]);
          } catch (error) {
            // Filters of many channels take rows that a poor device has not.
            expect(error).withContext(JSON.stringify(one)).toBeInstanceOf(TextureSizeError);
            refused++;
          }
        }
        expect(refused).toBeLessThan(ROUNDS / 10);
      });

      it('leaves no texture in use', () => {
        expect(recorder.backend.memory().numBytesInGPU).toBe(0);
      });
    });
  }

  it('have different sources where they have different keys', () => {
    const keys = new Map<string, string>();
    const same: string[] = [];
    for (const [key, source] of sources) {
      const other = keys.get(source);
      // GLSL does not tell bool from int32: to the shaders both are ints.
      if (other !== undefined && withoutBool(other) !== withoutBool(key)) same.push(`${other}\n  and ${key}`);
      keys.set(source, key);
    }
    expect(sources.size).toBeGreaterThan(100);
    expect(same).withContext('a program too many').toEqual([]);
  });
});
