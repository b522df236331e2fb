/** A service of the config → the service of the model: every default filled in, all paths absolute. */
import path from 'node:path';
import { namesLoopback } from '../../model/address.ts';
import { parseDuration } from '../../model/duration.ts';
import { GRACE_MS } from '../../model/graces.ts';
import { defaultCondition } from '../../model/plan.ts';
import type { PlatformName } from '../../model/platform.ts';
import type {
  Command,
  Condition,
  DeclaredPort,
  Dependency,
  DurationInput,
  Health,
  Listener,
  Restart,
  Service,
  ServiceInput,
  Stop,
} from '../../model/service.ts';
import { serviceUrl } from '../../model/service.ts';
import { platformCommand, runsPostgres, toCommand } from './command.ts';
import { normalizeReadiness, testsOf, toReuseProof } from './readiness.ts';
import { normalizeTest } from './tests.ts';

export interface NormalizeContext {
  readonly root: string;
  readonly platform: PlatformName;
  readonly envFiles: readonly string[];
  readonly envFileValues: Readonly<Record<string, string>>;
  /** Whether the named service is a task, which runs to its end. */
  readonly isTask: (name: string) => boolean;
}

export function normalizeService(name: string, input: ServiceInput, context: NormalizeContext): Service {
  const command = platformCommand(input.command, context.platform);
  const ports = declaredPorts(input);
  const host = input.host ?? 'localhost';
  const base = serviceUrl({ host, ports });
  const ready = normalizeReadiness(input.ready, base);
  return {
    name,
    command,
    ports,
    host,
    localOnly: input.host !== undefined && namesLoopback(input.host),
    cwd: path.resolve(context.root, input.cwd ?? '.'),
    env: Object.fromEntries(Object.entries(input.env ?? {}).map(([key, value]) => [key, String(value)])),
    envFileValues: context.envFileValues,
    envFiles: context.envFiles,
    dependsOn: dependencies(input.dependsOn, context.isTask),
    ready,
    listener: listener(input.listener),
    health: health(input.health, base),
    restart: restart(input.restart),
    stop: stop(input.stop, command),
    onConflict: onConflict(input.onConflict, ready, base),
    optional: input.optional === true || (input.profiles ?? []).length > 0,
    profiles: input.profiles ?? [],
    links: Object.fromEntries(
      Object.entries(input.links ?? {}).map(([key, link]) => [key, link.startsWith('/') ? `${base ?? ''}${link}` : link]),
    ),
    category: input.category ?? null,
    description: input.description ?? null,
    labels: { ...input.labels },
    output: input.output ?? 'split',
  };
}

/** `port` first, as the main port, then `ports` in their order. */
export function declaredPorts(input: ServiceInput): readonly DeclaredPort[] {
  const named = Object.entries(input.ports ?? {}).map(([name, one]) =>
    typeof one === 'number' ? { name, port: one, required: true } : { name, port: one.port, required: one.required ?? true },
  );
  return input.port === undefined ? named : [{ name: 'main', port: input.port, required: true }, ...named];
}

export function isTaskInput(input: ServiceInput): boolean {
  return testsOf(input.ready).some((test) => 'exit' in test);
}

function dependencies(input: ServiceInput['dependsOn'], isTask: (name: string) => boolean): readonly Dependency[] | null {
  if (input === undefined) return null;
  const byDefault = (service: string): Dependency => ({ service, condition: defaultCondition(isTask(service)) });
  if (typeof input === 'string') return [byDefault(input)];
  if (Array.isArray(input)) return [...new Set(input as readonly string[])].map(byDefault);
  return Object.entries(input as Readonly<Record<string, Condition>>).map(([service, condition]) => ({ service, condition }));
}

function listener(input: ServiceInput['listener']): Listener {
  if (typeof input === 'object') return { kind: 'container', container: input.container };
  return { kind: input ?? 'tree' };
}

function health(input: ServiceInput['health'], base: string | null): Health | null {
  if (input === undefined) return null;
  return {
    test: normalizeTest(input, base),
    intervalMs: milliseconds(input.interval, 10_000),
    timeoutMs: milliseconds(input.timeout, 5000),
    retries: input.retries ?? 3,
    restart: input.restart ?? true,
  };
}

function restart(input: ServiceInput['restart']): Restart {
  const declared = typeof input === 'object' ? input : { policy: input ?? ('on-failure' as const) };
  const backoff = 'backoff' in declared ? declared.backoff : undefined;
  const initialDelayMs = milliseconds(backoff?.initial, 1000);
  return {
    policy: declared.policy,
    max: ('max' in declared ? declared.max : undefined) ?? 5,
    stableMs: milliseconds('stable' in declared ? declared.stable : undefined, 60_000),
    initialDelayMs,
    maxDelayMs: milliseconds(backoff?.max, Math.max(30_000, initialDelayMs)),
  };
}

/** PostgreSQL shuts down cleanly on SIGINT ("fast" shutdown), which may take long. On SIGTERM it waits for every client to disconnect. */
function stop(input: ServiceInput['stop'], command: Command | null): Stop {
  const postgres = command !== null && runsPostgres(command);
  const timeoutMs = milliseconds(input?.timeout, postgres ? GRACE_MS.dataService : GRACE_MS.service);
  if (input && 'command' in input) return { kind: 'command', command: toCommand(input.command), timeoutMs };
  return { kind: 'signal', signal: input?.signal ?? (postgres ? 'SIGINT' : 'SIGTERM'), timeoutMs };
}

function onConflict(input: ServiceInput['onConflict'], ready: Service['ready'], base: string | null): Service['onConflict'] {
  if (typeof input === 'object') return { policy: 'reuse', proof: toReuseProof(normalizeReadiness(input.reuse, base), input.reuse) };
  if (input === 'reuse') return { policy: 'reuse', proof: toReuseProof(ready, undefined) };
  return { policy: input ?? 'kill' };
}

export function milliseconds(input: DurationInput | undefined, otherwise: number): number {
  return input === undefined ? otherwise : (parseDuration(input) ?? otherwise);
}
