/**
 * Recognises the commands that start containers and stay while these run:
 *
 *     docker run --name db -p 5432:5432 postgres:16        podman --root /x start -a db
 *     docker compose -f dev.yaml up db                     docker-compose up
 */
import { basename } from 'node:path';
import type { Machine, ProcessRow } from '../machine/machine.ts';
import type { ProcessId } from '../model/port.ts';

export type ClientVerb = 'run' | 'start' | 'compose up' | 'compose run';

export interface ClientCommand {
  /** The engine's command, with the options that select the engine: `['podman', '--root', '/x']`. */
  readonly engine: readonly [string, ...string[]];
  readonly verb: ClientVerb;
  /** The options of `compose`, such as `-f dev.yaml`; empty for the other verbs. */
  readonly composeOptions: readonly string[];
  /** The words after the verb. */
  readonly words: readonly string[];
}

/** A process that asked an engine to start containers. */
export interface EngineClient extends ProcessId, ClientCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** Variables of its environment that select an engine or a project. */
  readonly env: Readonly<Record<string, string>>;
  /** Wall clock, milliseconds since 1970. */
  readonly startedAtMs: number;
}

/** A client of a container engine in a session's record. */
export interface RecordedClient extends EngineClient {
  /** Ids of the containers that it was proven to have started. */
  readonly ids: readonly string[];
}

/** Clients by the names of their programs, with the engine that each asks. */
const ENGINE_OF: Readonly<Record<string, string>> = {
  docker: 'docker',
  'com.docker.cli': 'docker',
  'docker-compose': 'docker',
  podman: 'podman',
  'podman-remote': 'podman-remote',
  'podman-compose': 'podman',
  nerdctl: 'nerdctl',
};

const VARIABLES = [
  'DOCKER_HOST',
  'DOCKER_CONTEXT',
  'DOCKER_CONFIG',
  'DOCKER_TLS_VERIFY',
  'DOCKER_CERT_PATH',
  'CONTAINER_HOST',
  'CONTAINER_CONNECTION',
  'CONTAINERS_CONF',
  'CONTAINERS_CONF_OVERRIDE',
  'CONTAINERS_STORAGE_CONF',
  'CONTAINERD_ADDRESS',
  'CONTAINERD_NAMESPACE',
  'XDG_RUNTIME_DIR',
  'HOME',
  'PATH',
  'COMPOSE_FILE',
  'COMPOSE_PROJECT_NAME',
] as const;

/** True if a process of this name may be a client. */
export function mayBeClient(name: string): boolean {
  return Object.hasOwn(ENGINE_OF, programName(name));
}

/** Null if the process is gone, or starts no containers. */
export async function readClient(machine: Machine, row: Pick<ProcessRow, 'pid' | 'start'>, folder: string): Promise<EngineClient | null> {
  const details = await machine.details(row);
  const command = details && parseClient(details.argv);
  if (!details || !command) return null;
  const env: Record<string, string> = {};
  for (const name of VARIABLES) {
    const value = await machine.variable(row.pid, name);
    if (typeof value === 'string') env[name] = value;
  }
  const { argv, cwd, startedAtMs } = details;
  return {
    pid: row.pid,
    start: row.start,
    ...command,
    argv,
    cwd: cwd ?? folder,
    env,
    startedAtMs: startedAtMs ?? machine.clock.wallTime(),
  };
}

/** Null if the command line starts no containers. */
export function parseClient(argv: readonly string[]): ClientCommand | null {
  const at = isInterpreter(argv[0] ?? '') ? 1 : 0;
  const path = argv[at] ?? '';
  const name = programName(basename(path));
  const engine = Object.hasOwn(ENGINE_OF, name) ? ENGINE_OF[name] : undefined;
  if (engine === undefined) return null;
  const words = argv.slice(at + 1);
  const isCompose = name.endsWith('-compose');
  // A plugin is run with the whole command line of `docker`: `docker-compose compose up`.
  const verbAt = firstOf(words, isCompose ? ['compose'] : ['run', 'start', 'container', 'compose']);
  if (verbAt === null && !isCompose) return null;
  // The engine's own program, also for `docker-compose`.
  const program = isCompose ? engine : path;
  const before = verbAt === null ? [] : words.slice(0, verbAt);
  const after = verbAt === null ? words : words.slice(verbAt + 1);
  if (isCompose || words[verbAt ?? 0] === 'compose') return composeCommand([program, ...before], after);
  const verb = words[verbAt ?? 0] === 'container' ? after[0] : words[verbAt ?? 0];
  if (verb !== 'run' && verb !== 'start') return null;
  return { engine: [program, ...before], verb, composeOptions: [], words: verb === words[verbAt ?? 0] ? after : after.slice(1) };
}

function composeCommand(engine: readonly [string, ...string[]], words: readonly string[]): ClientCommand | null {
  const verbAt = firstOf(words, ['up', 'run', 'watch']);
  if (verbAt === null) return null;
  const verb = words[verbAt] === 'run' ? 'compose run' : 'compose up';
  return { engine, verb, composeOptions: words.slice(0, verbAt), words: words.slice(verbAt + 1) };
}

/** The index of the first of these words. Only options and their values may stand before it. */
function firstOf(words: readonly string[], wanted: readonly string[]): number | null {
  for (const [at, word] of words.entries()) {
    if (word.startsWith('-')) continue;
    const before = words[at - 1];
    const mayBeValue = before?.startsWith('-') === true && !before.includes('=');
    if (wanted.includes(word)) return at;
    if (!mayBeValue) return null;
  }
  return null;
}

/** True if the client usually ends before its containers do. */
export function leavesContainers({ verb, words }: ClientCommand): boolean {
  return verb === 'start' || words.some((word) => /^(-[a-z]*d|--detach(=true)?|--wait)/i.test(word));
}

/** The values of an option in these words, in either form: `--name db`, `--name=db`. */
export function optionValues(words: readonly string[], ...names: readonly string[]): readonly string[] {
  return words.flatMap((word, at) => {
    const next = words[at + 1];
    if (names.includes(word)) return next === undefined ? [] : [next];
    const name = names.find((one) => one.startsWith('--') && word.startsWith(`${one}=`));
    return name === undefined ? [] : [word.slice(name.length + 1)];
  });
}

/** The client without values of variables, passwords and other arguments that it hands to the container. */
export function recordable(client: EngineClient, ids: readonly string[]): RecordedClient {
  return { ...client, argv: [], words: wordsThatTie(client), ids };
}

function wordsThatTie({ verb, words }: EngineClient): readonly string[] {
  switch (verb) {
    case 'run':
      return optionValues(words, '--name').flatMap((name) => ['--name', name]);
    case 'start':
    case 'compose up':
    case 'compose run':
      return words.filter((word) => /^[\w.-]+$/.test(word));
    default:
      return verb satisfies never;
  }
}

function programName(name: string): string {
  return name.toLowerCase().replace(/\.exe$/, '');
}

function isInterpreter(program: string): boolean {
  return /^(python[\d.]*|sh|bash|dash)$/.test(basename(program));
}
