/** Compiling: each key once, uniforms written when they change, and a refused shader shown line by line. */
import { ContextLostError } from '../../src/gl/context';
import { ContextLife } from '../../src/gl/context_life';
import { annotate, Programs, ShaderError } from '../../src/gl/programs';
import type { Plan } from '../../src/plan/plan';
import { fakeGl } from './fake_gl';

const SOURCE = `#version 300 es
uniform highp sampler2D x;
uniform int n;
uniform int dims[3];
uniform vec2 scale;
void main() {}
`;

const planOf = (key: string, source = SOURCE): Plan => ({
  key,
  source: () => source,
  samplers: ['x'],
  uniforms: {},
  outputs: [],
});

describe('programs', () => {
  it('compiles a key once, and asks for its source only then', () => {
    const fake = fakeGl();
    const programs = new Programs(fake.gl, new ContextLife(fake.gl));
    const source = jasmine.createSpy('source').and.returnValue(SOURCE);
    const first = programs.get({ ...planOf('a'), source });
    expect(programs.get({ ...planOf('a'), source })).toBe(first);
    expect(source).toHaveBeenCalledTimes(1);
    programs.get(planOf('b'));
    expect(programs.count).toBe(2);
    // The vertex shader is shared.
    expect(fake.count('compileShader')).toBe(3);
  });

  it('writes a uniform by its declared type, and only when its value changes', () => {
    const fake = fakeGl();
    const { uniforms } = new Programs(fake.gl, new ContextLife(fake.gl)).get(planOf('a'));
    expect([...uniforms.keys()].sort()).toEqual(['dims', 'n', 'scale']);
    fake.take();
    uniforms.get('n')!(3);
    uniforms.get('n')!(3);
    uniforms.get('dims')!([1, 2, 3]);
    uniforms.get('dims')!([1, 2, 3]);
    uniforms.get('dims')!([1, 2, 4]);
    uniforms.get('scale')!([0.5, NaN]);
    uniforms.get('scale')!([0.5, NaN]);
    uniforms.get('scale')!([0.5, -0]);
    uniforms.get('scale')!([0.5, 0]);
    expect(fake.take()).toEqual(['uniform1i', 'uniform1iv', 'uniform1iv', ...new Array<string>(3).fill('uniform2fv')]);
  });

  it('throws what the driver said under the numbered line it names', () => {
    const fake = fakeGl();
    fake.answers['getProgramParameter'] = () => false;
    fake.answers['getShaderInfoLog'] = () => "ERROR: 0:3: 'int' : no\nERROR: 2 errors";
    const programs = new Programs(fake.gl, new ContextLife(fake.gl));
    const attempt = (): unknown => programs.get(planOf('the key {"a":1}'));
    expect(attempt).toThrowError(ShaderError, /the key \{"a":1\}/);
    expect(attempt).toThrowError(ShaderError, /:\nERROR: 0:3: 'int' : no\nERROR: 2 errors\n/);
    expect(attempt).toThrowError(ShaderError, /3 {2}uniform int n;\n\s+\^ ERROR: 0:3: 'int' : no/);
    expect(programs.count).toBe(0);
  });

  it('says that the context is lost where that is why', () => {
    const fake = fakeGl();
    const programs = new Programs(fake.gl, new ContextLife(fake.gl));
    fake.lost = true;
    fake.answers['getProgramParameter'] = () => null;
    expect(() => programs.get(planOf('a'))).toThrowError(ContextLostError);
    fake.answers['createShader'] = () => null;
    expect(() => programs.get(planOf('b'))).toThrowError(ContextLostError);
  });

  it('compiles again after the context was lost', () => {
    const fake = fakeGl();
    const programs = new Programs(fake.gl, new ContextLife(fake.gl));
    programs.get(planOf('a'));
    programs.forget();
    expect(programs.count).toBe(0);
    fake.take();
    programs.get(planOf('a'));
    expect(fake.take().filter((name) => name === 'compileShader').length).toBe(2);
  });
});

describe('annotate', () => {
  it('numbers lines, and puts each message under its line and the rest on top', () => {
    const log = "ERROR: 0:2: 'b' : undeclared\nWARNING: 0:1: odd\nERROR: 0:2: again\n\nERROR: 2 compilation errors.";
    expect(annotate('a\nb\nc', log).split('\n')).toEqual([
      'ERROR: 2 compilation errors.',
      '   1  a',
      '    ^ WARNING: 0:1: odd',
      '   2  b',
      "    ^ ERROR: 0:2: 'b' : undeclared",
      '    ^ ERROR: 0:2: again',
      '   3  c',
    ]);
  });

  it('shows a message that names no line, or one beyond the end', () => {
    expect(annotate('a', 'the driver crashed')).toContain('the driver crashed');
    expect(annotate('a', 'ERROR: 0:9: beyond')).toContain('beyond');
  });
});
