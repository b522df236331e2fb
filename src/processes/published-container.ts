/** Finds the running containers that publish ports, and stops them. */
import { parseContainers } from '../machine/parse/container.ts';
import { namesOf } from '../model/container.ts';
import type { ContainerNames } from '../model/container-names.ts';
import { ENGINES, ORDER_MS, type RunTool, toolsIn } from './engine.ts';

/** A port that a container publishes, or the id or name of the container. */
export interface SoughtContainer {
  readonly port: number;
  readonly known: string | null;
}

/** The container that publishes the port, or that `known` names; null if no engine knows such a container. */
export async function findContainer(port: number, known: string | null, run?: RunTool): Promise<ContainerNames | null> {
  return (await findContainers([{ port, known }], run))[0] ?? null;
}

/** Returns one answer for each sought container; each engine is asked at most twice. */
export async function findContainers(
  sought: readonly SoughtContainer[],
  run: RunTool = ownTools(),
): Promise<readonly (ContainerNames | null)[]> {
  const found = new Map<SoughtContainer, ContainerNames>();
  for (const engine of ENGINES) {
    const open = sought.filter((one) => !found.has(one));
    if (open.length === 0) break;
    const rows = await listRunning(engine, run);
    const ids = open.map((one) => idOf(one, rows));
    const known = ids.filter((id) => id !== null);
    const inspected = known.length === 0 ? null : await run(engine, ['container', 'inspect', ...new Set(known)]);
    const described = inspected?.ok ? parseContainers(inspected.text, engine).map(namesOf) : [];
    for (const [i, one] of open.entries()) {
      const row = rows.find(({ id }) => id === ids[i]);
      if (row)
        found.set(one, described.find(({ id }) => id === row.id) ?? { engine, id: row.id, name: row.name, image: null, project: null });
    }
  }
  return sought.map((one) => found.get(one) ?? null);
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly ports: string;
}

async function listRunning(engine: string, run: RunTool): Promise<readonly Row[]> {
  const listed = await run(engine, ['ps', '--no-trunc', '--format', '{{.ID}}\t{{.Names}}\t{{.Ports}}']);
  if (!listed?.ok) return [];
  return listed.text.split('\n').flatMap((line) => {
    const [id = '', name = '', ports = ''] = line.split('\t');
    return id === '' ? [] : [{ id, name, ports }];
  });
}

function idOf({ port, known }: SoughtContainer, rows: readonly Row[]): string | null {
  const named = known === null ? undefined : rows.find(({ id, name }) => id.startsWith(known) || name === known);
  return (named ?? rows.find(({ ports }) => publishes(ports, port)))?.id ?? null;
}

/** `said`: the engine's message; null: the engine is gone. */
export type StoppedContainer = { readonly ok: true } | { readonly ok: false; readonly said: string | null };

export async function stopContainer({ engine, id }: ContainerNames, run: RunTool = ownTools()): Promise<StoppedContainer> {
  const done = await run(engine, ['stop', id], { timeoutMs: ORDER_MS });
  return done?.ok ? { ok: true } : { ok: false, said: done?.text.trim() ?? null };
}

/** `0.0.0.0:8000->80/tcp, :::9000-9001->9000-9001/tcp` */
export function publishes(ports: string, port: number): boolean {
  return [...ports.matchAll(/:(\d+)(?:-(\d+))?->\S*\/tcp/g)].some(([, from, to]) => Number(from) <= port && port <= Number(to ?? from));
}

function ownTools(): RunTool {
  // The working directory may have been removed, and does not matter for these questions.
  return toolsIn('/', process.env);
}
