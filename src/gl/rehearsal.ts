/** Compiles the programs of passes that were rehearsed, without blocking the page. */
import type { Plan } from '../plan/plan';
import type { Programs } from './programs';
import type { Runner } from './run';
import type { Texture, Textures } from './textures';

/** A pass that was not drawn, and what it would have read. */
export interface Rehearsed {
  readonly plan: Plan;
  readonly inputs: readonly Pick<Texture, 'dtype' | 'layers'>[];
}

interface CompilingRooms {
  readonly programs: Programs;
  readonly runner: Runner;
  readonly textures: Textures;
  readonly use: (work: () => void) => void;
}

/** @throws ContextLostError, ShaderError */
export async function compilePrograms(
  rooms: CompilingRooms,
  passes: readonly Rehearsed[],
  onDone: () => void,
): Promise<void> {
  const { programs, runner, use } = rooms;
  const byPlan = new Map(passes.map((pass) => [pass.plan, pass]));
  const compiling = (work: () => void): void => {
    use(() => {
      work();
      runner.invalidate(); // It may have made a program current.
    });
  };
  await programs.prepare([...byPlan.keys()], compiling, (plan) => {
    use(() => drawTexel(rooms, byPlan.get(plan)!));
    onDone();
  });
}

/** Draws a pass over one texel: some drivers finish compiling only then. */
function drawTexel({ runner, textures }: CompilingRooms, { plan, inputs }: Rehearsed): void {
  const held: Texture[] = [];
  const texel = (layers: number, dtype: Texture['dtype']): Texture => {
    const texture = textures.acquire(1, 1, dtype, layers);
    held.push(texture);
    return texture;
  };
  try {
    const sources = inputs.map(({ layers, dtype }) => texel(layers, dtype));
    const targets = plan.outputs.map(({ dtype }) => texel(1, dtype));
    runner.run(plan, sources, targets);
  } finally {
    held.forEach((texture) => textures.release(texture));
  }
}
