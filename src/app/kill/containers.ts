/** Finds the container that publishes a port, and stops it. */
import { ENGINES, type RunTool, toolsIn } from '../../processes/engine.ts';

export interface Published {
  readonly engine: string;
  readonly id: string;
  readonly name: string;
}

/** The container that publishes the port, or that `known` (an id or a name) names; null when no engine knows one. */
export async function findContainer(port: number, known: string | null, run: RunTool = ownTools()): Promise<Published | null> {
  for (const engine of ENGINES) {
    const listed = await run(engine, ['ps', '--no-trunc', '--format', '{{.ID}}\t{{.Names}}\t{{.Ports}}']);
    if (!listed?.ok) continue;
    for (const line of listed.text.split('\n')) {
      const [id = '', name = '', ports = ''] = line.split('\t');
      if (id !== '' && (publishes(ports, port) || (known !== null && (id.startsWith(known) || name === known))))
        return { engine, id, name };
    }
  }
  return null;
}

/** `said`: the engine's message; null: the engine is gone. */
export type StoppedContainer = { readonly ok: true } | { readonly ok: false; readonly said: string | null };

export async function stopContainer(container: Published, run: RunTool = ownTools()): Promise<StoppedContainer> {
  const done = await run(container.engine, ['stop', container.id]);
  return done?.ok ? { ok: true } : { ok: false, said: done?.text.trim() ?? null };
}

/** `0.0.0.0:8000->80/tcp, :::9000-9001->9000-9001/tcp` */
export function publishes(ports: string, port: number): boolean {
  return [...ports.matchAll(/:(\d+)(?:-(\d+))?->\S*\/tcp/g)].some(([, from, to]) => Number(from) <= port && port <= Number(to ?? from));
}

function ownTools(): RunTool {
  return toolsIn(process.cwd(), process.env);
}
