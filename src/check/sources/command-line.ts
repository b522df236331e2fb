/**
 * Ports in a command line as people write it in scripts, Procfiles and compose: `vite --port 5000`, `next dev -p 3000`, `PORT=3000 node
 * server.js`, `manage.py runserver 0.0.0.0:8000`, `gunicorn -b :8000`, `flask run -p 5000`.
 * Patterns search the text as it stands, since findings need places in the file, which words without quotes no longer have.
 */
import type { PortReference, Reference } from '../../model/drift.ts';
import { parsePort } from '../../model/port.ts';
import type { Places } from '../places.ts';
import { expand, UNKNOWN } from './expand.ts';
import { addressesIn, isLocal } from './scan.ts';
import { referencesOfVariable } from './variables.ts';

const ASSIGNMENT = /(?<![^\s;&|(])([A-Z][A-Z0-9_]*)=([^\s;&|"'\\]+)/g;

export interface ShellCommand {
  readonly text: string;
  /** Offset in the file at which the text begins. */
  readonly from: number;
  readonly places: Places;
  readonly names: readonly string[];
  /** The correct ports for listening, if the file declares them (a container's). */
  readonly own?: readonly number[] | undefined;
  /** The ports of a host, if the file declares them. */
  readonly portsOf?: (host: string) => readonly number[] | undefined;
  /** Other host names may lead to something in between (a Service's port in front of the container's). */
  readonly looseHosts?: boolean;
}

/** The last group of each is the port. `-p` counts only for programs that use it for a port. */
const LISTENS: readonly RegExp[] = [
  /--(?:(?:app|dev|http|listen|server|web)-)?port(?:=|\s+)["']?(\S+?)(?=["'\s;&|,\]]|$)/g,
  /\b(?:next|vite|nuxt|nuxi|remix|astro|serve|http-server|storybook|flask|rails|rackup|puma|ng|webpack|parcel|redis-server|json-server|fastapi|hypercorn|start-storybook|postgres|pg_ctl)\b[^;&|]*?\s-[pl](?:\s+|=)["']?(\S+?)(?=["'\s;&|]|$)/g,
  /\brunserver(?:_plus)?\s+(?:--\S+\s+)*["']?(?:(?:[\w.*-]+|\[[^\]]+\]):)?(\d\S*?|\uFFFC)(?=["'\s;&|]|$)/g,
  /(?:--bind|--address|--listen|--web\.listen-address|\s-b)(?:=|\s+)["']?(?:tcp:\/\/)?(?:(?:[\w.*-]+|\[[^\]]+\])?:)(\S+?)(?=["'\s;&|,\]]|$)/g,
  /\bphp\s+(?:\S+\s+)*?-S\s+[\w.]+:(\S+?)(?=["'\s;&|]|$)/g,
  /\bhttp\.server\s+(\S+?)(?=["'\s;&|]|$)/g,
];

/** Ports of debuggers, metrics and reloads. */
const AUXILIARY_LISTENS = /--[a-z]+-port(?:=|\s+)["']?(\d+)(?=["'\s;&|,\]]|$)/g;

/** Programs that take a port without an address: `wait-on tcp:8000`, `nc -z postgres 5432`, `lsof -i :8000`. */
const CONNECTS: readonly RegExp[] = [
  /(?<![\w-])tcp:(?:(?<host>[\w.-]+):)?(?<port>\d{2,5})(?![\w.-])/g,
  /\bnc\s+(?:-\w+\s+){0,5}(?<host>[\w.-]+)\s+(?<port>\d{2,5})\b/g,
  /\bkill-port\s+(?<port>\d{2,5})\b/g,
  /\blsof\s[^;&|]{0,40}?-\w*i\s*(?:tcp)?:(?<port>\d{2,5})\b/gi,
];

/** A longer text is data, not a command line. */
const LONGEST = 16 * 1024;

export function referencesOfCommand(command: ShellCommand): readonly Reference[] {
  if (command.text.length > LONGEST) return [];
  const { text, at } = expand(command.text);
  const found = new Map<number, Reference>();
  for (const { 0: whole, 1: name = '', 2: value = '', index } of command.text.matchAll(ASSIGNMENT)) {
    const variable = { name, value, from: command.from + index + whole.length - value.length };
    for (const one of referencesOfVariable(variable, command)) found.set(one.place.from, one);
  }
  for (const expression of LISTENS) {
    for (const match of text.matchAll(expression)) {
      const word = match[1] as string;
      const start = match.index + match[0].lastIndexOf(word);
      const place = command.places(command.from + at(start), command.from + at(start) + word.length);
      const port = parsePort(word);
      if (word.includes(UNKNOWN)) found.set(place.from, { kind: 'unresolved', place, text: command.text, why: 'variable' });
      else if (port !== null) found.set(place.from, reference(command, 'listen', { place, port, host: null }));
    }
  }
  for (const match of text.matchAll(AUXILIARY_LISTENS)) {
    const [whole, digits = ''] = match;
    const from = command.from + at(match.index + whole.length - digits.length);
    const [place, port] = [command.places(from, from + digits.length), parsePort(digits)];
    if (port !== null && !found.has(from)) found.set(from, { ...reference(command, 'listen', { place, port, host: null }), loose: true });
  }
  for (const match of CONNECTS.flatMap((expression) => [...text.matchAll(expression)])) {
    const { host = 'localhost', port: digits = '' } = match.groups ?? {};
    const end = match.index + match[0].length;
    const place = command.places(command.from + at(end - digits.length), command.from + at(end - digits.length) + digits.length);
    const port = parsePort(digits);
    if (port !== null && !found.has(place.from)) found.set(place.from, reference(command, 'target', { place, port, host }));
  }
  for (const { host, port, from, to } of addressesIn(text)) {
    const place = command.places(command.from + at(from), command.from + at(from) + (to - from));
    if (!found.has(place.from)) found.set(place.from, reference(command, 'target', { place, port, host }));
  }
  return [...found.entries()].toSorted(([a], [b]) => a - b).map(([, one]) => one);
}

function reference(command: ShellCommand, use: 'listen' | 'target', found: Pick<PortReference, 'place' | 'port' | 'host'>): PortReference {
  const { port, host } = found;
  const listens = use === 'listen';
  const here = isLocal(host);
  // In a container, `localhost` may be the container itself.
  const itself = command.own?.includes(port) ? [port] : undefined;
  const allowed = listens ? command.own : here ? itself : command.portsOf?.(host ?? '');
  return {
    kind: 'port',
    use,
    ...found,
    names: listens ? command.names : host === null || here ? [] : [host],
    text: command.text,
    ...(allowed ? { allowed } : {}),
    ...(command.looseHosts && !listens && !here && !allowed ? { loose: true } : {}),
  };
}
