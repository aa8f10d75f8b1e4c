/** The GLSL of representative plans, byte for byte: a refactoring that should leave it alone does. `npm run golden` rewrites it. */
import kept from 'virtual:golden';
import { goldenTexts } from './golden_plans';

describe('golden GLSL', () => {
  const texts = goldenTexts();

  for (const [name, text] of Object.entries(texts)) {
    it(name, () => {
      const lines = (kept[name] ?? '').split('\n');
      const changed = text.split('\n').findIndex((line, i) => line !== lines[i]);
      const place = `golden/${name}.glsl, line ${changed + 1}: "${lines[changed]}" is now "${text.split('\n')[changed]}"`;
      expect(text === kept[name])
        .withContext(`${place}; npm run golden accepts it`)
        .toBeTrue();
    });
  }

  it('no file is left of a plan that is gone', () => {
    expect(Object.keys(kept).sort()).toEqual(Object.keys(texts).sort());
  });
});
