/**
 * Finds the containers that a client of an engine started. The engine's answer must agree with the client's command line:
 * the name that it gave, the command line itself (podman records it), the image and its arguments, or the folder of the
 * compose file. A container that was made, or started, before the client belongs to somebody else, whatever its name.
 */
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseContainers } from '../machine/parse/container.ts';
import type { Container } from '../model/container.ts';
import { unless } from '../model/errno.ts';
import type { RunTool } from './engine.ts';
import { type EngineClient, optionValues } from './engine-client.ts';

/** The clocks of the engine and of this process may differ by this much. */
export const SKEW_MS = 2000;
/** The files that name a compose project by their folder. */
const COMPOSE_FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];
/** A client's container is among the newest, however many an engine keeps. */
const NEWEST = 20;

/** Containers of the client, running or not, the last started first. Null: the engine did not answer. */
export async function startedBy(client: EngineClient, run: RunTool): Promise<readonly Container[] | null> {
  const candidates = await candidatesOf(client, run);
  if (candidates === null) return null;
  const found = chosen(client, candidates);
  return [...new Map(found.map((one) => [one.id, one])).values()].sort((a, b) => (b.startedAtMs ?? 0) - (a.startedAtMs ?? 0));
}

async function candidatesOf(client: EngineClient, run: RunTool): Promise<readonly Container[] | null> {
  switch (client.verb) {
    case 'run': {
      const names = optionValues(client.words, '--name');
      const named = names.length === 0 ? [] : await describeAll(client, names, run);
      return named && named.length > 0 ? named : describeListed(client, ['--last', String(NEWEST)], run);
    }
    case 'start':
      return describeAll(
        client,
        client.words.filter((word) => !word.startsWith('-')),
        run,
      );
    case 'compose up':
    case 'compose run':
      return describeListed(client, ['--filter', 'label=com.docker.compose.project.working_dir'], run);
    default:
      return client.verb satisfies never;
  }
}

async function describeListed(client: EngineClient, filter: readonly string[], run: RunTool): Promise<readonly Container[] | null> {
  const listed = await ask(client, ['ps', '--all', '--quiet', '--no-trunc', ...filter], run);
  if (listed === null) return null;
  const ids = listed.split('\n').filter((line) => /^[0-9a-f]{64}$/.test(line));
  return ids.length === 0 ? [] : describeAll(client, ids, run);
}

/** Asks about all containers at once, or, if one of them does not exist, about each by itself. */
async function describeAll(client: EngineClient, names: readonly string[], run: RunTool): Promise<readonly Container[] | null> {
  const engine = basename(client.engine[0]);
  const all = await ask(client, ['container', 'inspect', ...names], run);
  if (all !== null) return parseContainers(all, engine);
  const each = await Promise.all(names.map((name) => ask(client, ['container', 'inspect', name], run)));
  return each.flatMap((one) => (one === null ? [] : parseContainers(one, engine)));
}

async function ask({ engine }: EngineClient, args: readonly string[], run: RunTool): Promise<string | null> {
  const [program, ...options] = engine;
  const answer = await run(program, [...options, ...args]);
  return answer?.ok ? answer.text : null;
}

/** The candidates that the client certainly started. */
export function chosen(client: EngineClient, candidates: readonly Container[]): readonly Container[] {
  switch (client.verb) {
    case 'run': {
      const fitting = candidates.filter((one) => isSince(one.createdAtMs, client) && one.compose === null && isRunBy(client, one));
      // Only one running container publishes a port; which ports a container had that has ended, the engine does not say.
      const publishers = fitting.filter(({ running }) => running && portsOf(client.words).length > 0);
      const tied = publishers.length > 0 ? publishers : fitting;
      // If two candidates fit equally well, they may belong to two clients.
      return tied.length === 1 ? tied : [];
    }
    case 'start':
      return candidates.filter((one) => isSince(one.startedAtMs, client) && client.words.some((word) => isCalled(one, word)));
    case 'compose up':
    case 'compose run':
      // Those that ran before count when the services that the command names are looked up.
      return ofProject(client, candidates).filter((one) => isSince(one.startedAtMs ?? one.createdAtMs, client));
    default:
      return client.verb satisfies never;
  }
}

function isSince(atMs: number | null, { startedAtMs }: EngineClient): boolean {
  return atMs !== null && atMs >= startedAtMs - SKEW_MS;
}

function isCalled({ name, id }: Container, word: string): boolean {
  return word === name || (word.length >= 12 && id.startsWith(word));
}

function isRunBy({ argv, words }: EngineClient, container: Container): boolean {
  // A record keeps only the name.
  if (argv.length === 0) return optionValues(words, '--name').includes(container.name);
  if (container.createCommand !== null) return isSame(container.createCommand.slice(1), argv.slice(1));
  return words.some((word, at) => {
    if (container.image === null || !isImage(word, container.image)) return false;
    const [name] = optionValues(words.slice(0, at), '--name');
    const rest = words.slice(at + 1);
    const tied = (name === undefined || name === container.name) && publishesAll(container, words.slice(0, at));
    return tied && (rest.length === 0 || isSame(rest, container.command));
  });
}

/**
 * True unless an option asks for a port of the machine that the running container does not publish. An engine ignores these
 * options for a container that has the machine's network.
 */
function publishesAll({ running, hostNetwork, publishes }: Container, options: readonly string[]): boolean {
  return !running || hostNetwork || portsOf(options).every((port) => publishes.includes(port));
}

/** The ports of the machine in the options that publish some. Port 0 asks for any free port. */
function portsOf(options: readonly string[]): readonly number[] {
  return optionValues(options, '-p', '--publish').flatMap((value) => {
    const port = Number(/(?:^|:)(\d+):\d+(?:\/tcp)?$/.exec(value)?.[1] ?? 0);
    return port === 0 ? [] : [port];
  });
}

/** An engine may report the whole name: `docker.io/library/nginx:latest`. */
function isImage(word: string, image: string): boolean {
  return [word, `${word}:latest`].some((name) => image === name || image.endsWith(`/${name}`));
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word, at) => word === b[at]);
}

/** The containers of the client's project, of the compose services that it names, and of those that these need. */
function ofProject(client: EngineClient, candidates: readonly Container[]): readonly Container[] {
  const folders = composeFolders(client);
  const [project = client.env['COMPOSE_PROJECT_NAME']] = optionValues(client.composeOptions, '-p', '--project-name');
  const own = candidates.filter(
    ({ compose }) =>
      compose?.folder &&
      folders.has(realPath(compose.folder)) &&
      (project === undefined || project === compose.project) &&
      compose.oneOff === (client.verb === 'compose run'),
  );
  const wanted = new Set(client.words);
  const named = own.filter(({ compose }) => compose?.service && wanted.has(compose.service));
  if (named.length === 0) return own;
  const found = new Set(named);
  for (const one of found) {
    for (const other of own) if (other.compose?.service && one.compose?.dependsOn.includes(other.compose.service)) found.add(other);
  }
  return [...found];
}

/**
 * The folders that may be the project's: the folder in the options, else the client's folder or one above it, up to the first
 * compose file.
 */
function composeFolders({ cwd, env, composeOptions }: EngineClient): ReadonlySet<string> {
  const given = optionValues(composeOptions, '--project-directory');
  const files = [...optionValues(composeOptions, '-f', '--file'), ...(env['COMPOSE_FILE']?.split(':') ?? [])];
  if (given.length > 0) return new Set(given.map((folder) => realPath(resolve(cwd, folder))));
  if (files.length > 0) return new Set(files.map((file) => realPath(dirname(resolve(cwd, file)))));
  const found = new Set<string>();
  for (let folder = realPath(cwd); !found.has(folder); folder = dirname(folder)) {
    found.add(folder);
    if (COMPOSE_FILES.some((name) => existsSync(join(folder, name)))) break;
  }
  return found;
}

function realPath(path: string): string {
  return unless(['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'], () => realpathSync(path)) ?? path;
}
