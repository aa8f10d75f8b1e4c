/** The built d.ts: exactly what applications use, and nothing of the inside. */
import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** All that the entry exports: values, then types. */
const VALUES = [
  ...['ContextLostError', 'KernelError', 'NoFloat32RenderingError', 'NoWebGL2Error', 'OutOfGpuMemoryError'],
  ...['ShaderError', 'TextureSizeError'],
  ...['configure', 'convglBackend', 'defineGLSLKernel', 'kernelPlaces', 'registerConvgl', 'trace', 'TRACE_REASONS'],
  ...['version', 'warmup'],
];
const TYPES = [
  ...[
    'ContextOptions',
    'ConvglBackend',
    'ConvglGPUOptions',
    'ConvglMemory',
    'ConvglOptions',
    'ConvglStats',
    'ConvglTimingInfo',
  ],
  ...['GLSLAttributes', 'GLSLDType', 'GLSLKernel', 'GLSLOp', 'GLSLOutput', 'KernelPlaces'],
  ...['Trace', 'TracedStep', 'TracedTensor', 'TraceReason'],
  ...['WarmupModel', 'WarmupOptions', 'WarmupProgress'],
];

/** What an application sees of the backend and its options beside what tfjs-core's KernelBackend has. */
const MEMBERS = {
  ConvglBackend: ['batch', 'contextRestored', 'stats', 'time', 'memory', 'readToGPU'],
  ContextOptions: ['canvas', 'context', 'recycleBudget', 'onContextLost', 'onContextRestored'],
  ConvglOptions: ['smallOnCpu', 'deferred', 'trace'],
};

/** Names of the inside, and words of tests. */
const INSIDE =
  /\b(Device|Backend|Plan|Layout|Limits|Scheduler|Texture|Textures|TensorData|Verifier|StateGuard|Epilogue|Reduction|DType|KernelContext|adopt\w*|defer|defer[A-Z]\w*|rehearse\w*|derived|TestOptions|tests?)\b/;

describe('the public types', () => {
  const text = readFileSync(new URL('../../dist/index.d.ts', import.meta.url), 'utf8');
  const { statements } = ts.createSourceFile('index.d.ts', text, ts.ScriptTarget.Latest);

  /** @param {boolean} typeOnly */
  const exported = (typeOnly) =>
    statements.flatMap((statement) => {
      if (!ts.isExportDeclaration(statement) || statement.isTypeOnly !== typeOnly) return [];
      const clause = statement.exportClause;
      return clause && ts.isNamedExports(clause) ? clause.elements.map(({ name }) => name.text) : [];
    });
  const declared = statements.flatMap((statement) => {
    if (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) return [];
    if (!ts.isVariableStatement(statement)) return [/** @type {any} */ (statement).name.text];
    return statement.declarationList.declarations.map(({ name }) => /** @type {ts.Identifier} */ (name).text);
  });

  it('are these', () => {
    expect(exported(false).sort()).toEqual([...VALUES].sort());
    expect(exported(true).sort()).toEqual([...TYPES].sort());
  });

  it('refer to nothing that is not exported', () => {
    expect(declared.sort()).toEqual([...VALUES, ...TYPES].sort());
  });

  for (const [name, members] of Object.entries(MEMBERS)) {
    it(`give ${name} these members`, () => {
      const found = statements.find(
        (statement) => ts.isInterfaceDeclaration(statement) && statement.name.text === name,
      );
      const names = /** @type {ts.InterfaceDeclaration} */ (found).members.map((member) => member.name);
      expect(names.map((member) => member && ts.isIdentifier(member) && member.text)).toEqual(members);
    });
  }

  it('name nothing of the inside', () => {
    expect(text.split('\n').filter((line) => INSIDE.test(line))).toEqual([]);
  });

  it('come with a comment on each', () => {
    const bare = statements.flatMap((statement) => {
      if (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) return [];
      const parts = ts.isInterfaceDeclaration(statement) ? [statement, ...statement.members] : [statement];
      return parts.filter((part) => !ts.getLeadingCommentRanges(text, part.pos)?.length);
    });
    expect(bare.map((part) => text.slice(part.pos, part.end).trim())).toEqual([]);
  });
});
