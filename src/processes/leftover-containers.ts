/**
 * Containers that a session's services started and that outlived the session. The record has their ids and the commands
 * that started them, without what may be secret in these. As for processes, the record alone proves nothing: the engine must
 * know a running container of that id, or one that such a command would have started in that session.
 */
import { basename } from 'node:path';
import { parseContainers } from '../machine/parse/container.ts';
import { type Container, namesOf } from '../model/container.ts';
import type { ContainerNames } from '../model/container-names.ts';
import { ORDER_MS, type RunTool, toolsIn } from './engine.ts';
import type { EngineClient, RecordedClient } from './engine-client.ts';
import { EnginePatience } from './engine-patience.ts';
import type { LeftoverSource } from './leftovers.ts';
import { TOUCH_MS } from './record.ts';
import { SKEW_MS, startedBy } from './started-containers.ts';

export interface LeftoverContainer extends ContainerNames {
  readonly service: string;
  readonly client: EngineClient;
}

export type Tools = (cwd: string, env: Readonly<Record<string, string | undefined>>) => RunTool;

/** `services`: only those of these; null: all. */
export async function findLeftoverContainers(
  { record, liveSession }: LeftoverSource,
  services: readonly string[] | null = null,
  tools: Tools = toolsIn,
): Promise<readonly LeftoverContainer[]> {
  if (record === null || record.session === liveSession) return [];
  const found = new Map<string, LeftoverContainer>();
  const patience = new EnginePatience();
  const untilMs = record.touchedAtMs + TOUCH_MS + SKEW_MS;
  for (const { name: service, clients = [] } of record.services) {
    if (services !== null && !services.includes(service)) continue;
    for (const client of clients) {
      const run = patience.limit(tools(client.cwd, { ...process.env, ...client.env }));
      for (const container of await runningOf(client, run, untilMs)) found.set(container.id, { ...namesOf(container), service, client });
    }
  }
  return [...found.values()];
}

/** `untilMs`: the session had ended by then, so what began later is not its own. */
async function runningOf(client: RecordedClient, run: RunTool, untilMs: number): Promise<readonly Container[]> {
  const [program, ...options] = client.engine;
  const known: Container[] = [];
  for (const id of client.ids) {
    const answer = await run(program, [...options, 'container', 'inspect', id]);
    if (answer?.ok) known.push(...parseContainers(answer.text, basename(program)));
  }
  const canBeFound = client.verb !== 'run' || client.words.length > 0;
  const others = canBeFound ? ((await startedBy(client, run)) ?? []) : [];
  const inTime = others.filter(({ startedAtMs, createdAtMs }) => (startedAtMs ?? createdAtMs ?? Number.POSITIVE_INFINITY) <= untilMs);
  return [...known, ...inTime].filter(({ running }) => running);
}

/** Null when it has stopped, else what the engine said. */
export async function stopLeftoverContainer({ client, id }: LeftoverContainer, tools: Tools = toolsIn): Promise<string | null> {
  const [program, ...options] = client.engine;
  const done = await tools(client.cwd, { ...process.env, ...client.env })(program, [...options, 'stop', id], { timeoutMs: ORDER_MS });
  return done?.ok ? null : (done?.text ?? `${program} is gone`);
}
