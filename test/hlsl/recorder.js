/**
 * Runs in a page before any other script: writes down the GL calls of WebGL2 contexts as a script for d3d11.cpp.
 *
 * `window.record` gives the lines and the bytes that they name. A line is a verb and its arguments: numbers, `@n` for an object,
 * `&n` for a uniform's location, `$offset:length` for bytes. What a read gave is written down with it, to be compared.
 */
(() => {
  const prototype = WebGL2RenderingContext.prototype;
  /** @type {string[]} */
  const lines = [];
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const blobs = [];
  let size = 0;
  let count = 0;
  const numbers = new WeakMap();
  let total = 0;
  const encoder = new TextEncoder();

  const numberOf = (/** @type {object | null | undefined} */ object) => {
    if (object == null) return 0;
    if (!numbers.has(object)) numbers.set(object, ++total);
    return numbers.get(object);
  };
  const object = (/** @type {object | null | undefined} */ value) => `@${numberOf(value)}`;

  /** @param {ArrayBufferView | string} value */
  function bytes(value) {
    const view = typeof value === 'string' ? encoder.encode(value) : value;
    const copy = Uint8Array.from(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    blobs.push(copy);
    const offset = size;
    size += copy.length;
    return `$${offset}:${copy.length}`;
  }

  const plain = (/** @type {unknown} */ value) =>
    typeof value === 'object' ? object(/** @type {object | null} */ (value)) : String(Number(value));

  /** @param {string} name @param {(args: any[], result: any) => string | undefined} write */
  function watch(name, write) {
    const methods = /** @type {Record<string, any>} */ (prototype);
    const original = methods[name];
    methods[name] = function (/** @type {any[]} */ ...args) {
      const result = original.apply(this, args);
      const line = write(args, result);
      if (line !== undefined) lines.push(line);
      return result;
    };
  }
  const gles = (/** @type {string} */ name) => `gl${name[0]?.toUpperCase()}${name.slice(1)}`;

  for (const kind of ['Texture', 'Framebuffer', 'Buffer', 'Sampler', 'VertexArray']) {
    watch(`create${kind}`, (_, made) => `generate glGen${kind}s ${object(made)}`);
    watch(`delete${kind}`, ([dead]) => `delete glDelete${kind}s ${object(dead)}`);
  }
  for (const kind of ['Shader', 'Program']) {
    watch(`create${kind}`, (args, made) => `make glCreate${kind} ${object(made)} ${args.join(' ')}`);
  }
  const calls = ['activeTexture', 'bindBuffer', 'bindFramebuffer', 'bindSampler', 'bindTexture', 'bindVertexArray'];
  calls.push('colorMask', 'copyTexSubImage2D', 'deleteProgram', 'deleteShader', 'disable', 'drawArrays');
  calls.push(
    'enable',
    'framebufferTexture2D',
    'framebufferTextureLayer',
    'pixelStorei',
    'readBuffer',
    'samplerParameteri',
  );
  calls.push('scissor', 'texParameteri', 'texStorage2D', 'texStorage3D', 'useProgram', 'viewport');
  // What pixelStorei sets for WebGL alone has numbers of its own.
  const ofWebGL = (/** @type {string} */ name, /** @type {any[]} */ args) => name === 'pixelStorei' && args[0] > 0x9000;
  for (const name of calls) {
    watch(name, (args) => (ofWebGL(name, args) ? undefined : `call ${gles(name)} ${args.map(plain).join(' ')}`));
  }
  watch('drawBuffers', ([list]) => `call glDrawBuffers ${list.length} ${bytes(new Uint32Array(list))}`);
  watch('shaderSource', ([shader, text]) => `source - ${object(shader)} ${bytes(text)}`);
  watch('attachShader', ([program, shader]) => `attach - ${object(program)} ${object(shader)}`);
  watch('linkProgram', ([program]) => `link p${count++} ${object(program)}`);
  watch('checkFramebufferStatus', ([target], status) => `status - ${target} ${status}`);
  watch('getUniformLocation', ([program, name], location) =>
    location ? `locate &${numberOf(location)} ${object(program)} ${bytes(name)}` : undefined,
  );
  for (const [type, make] of /** @type {const} */ ([
    ['i', Int32Array],
    ['f', Float32Array],
  ])) {
    for (const length of [1, 2, 3, 4]) {
      const name = `glUniform${length}${type}v`;
      const set = (/** @type {object | null} */ location, /** @type {Iterable<number>} */ values) => {
        const array = new make(values);
        return location ? `call ${name} &${numberOf(location)} ${array.length / length} ${bytes(array)}` : undefined;
      };
      watch(`uniform${length}${type}`, ([location, ...values]) => set(location, values));
      watch(`uniform${length}${type}v`, ([location, values]) => set(location, values));
    }
  }
  watch('bufferData', ([target, data, usage]) =>
    typeof data === 'number'
      ? `call glBufferData ${target} ${data} 0 ${usage}`
      : `call glBufferData ${target} ${data.byteLength} ${bytes(data)} ${usage}`,
  );
  watch('texSubImage2D', (args) => {
    const [data, offset = 0] = args.slice(8);
    if (args.length < 9) throw new Error('Pictures of the page are not recorded.');
    return `call glTexSubImage2D ${args.slice(0, 8).join(' ')} ${bytes(data.subarray(offset))}`;
  });
  watch('readPixels', (args) => {
    const [data, offset = 0] = args.slice(6);
    const head = args.slice(0, 6).join(' ');
    if (typeof data === 'number') return `call glReadPixels ${head} ${data}`;
    return `read - ${head} ${bytes(data.subarray(offset))}`;
  });
  watch('getBufferSubData', ([target, from, data, offset = 0, length = 0]) => {
    const part = data.subarray(offset, length ? offset + length : undefined);
    return `get ${data instanceof Float32Array ? 'floats' : 'integers'} ${target} ${from} ${bytes(part)}`;
  });

  Object.assign(window, {
    record: {
      /** @param {string} name */
      section: (name) => lines.push(`section ${name.replaceAll(/\s+/g, '_')}`),
      sizes: () => [lines.length, size],
      lines: () => lines.join('\n'),
      /** A part of the bytes in base64. @param {number} from @param {number} to */
      bytes: async (from, to) => {
        const part = new Blob(blobs).slice(from, to);
        const reader = new FileReader();
        await new Promise((resolve) => ((reader.onload = resolve), reader.readAsDataURL(part)));
        return /** @type {string} */ (reader.result).split(',')[1];
      },
    },
  });
})();
