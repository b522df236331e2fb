/** The ports in one environment variable, wherever it is written: `.env`, compose, Kubernetes, a script. */
import type { OriginsReference, PortReference, Reference } from '../../model/drift.ts';
import { parsePort } from '../../model/port.ts';
import type { Places } from '../places.ts';
import { expand, UNKNOWN } from './expand.ts';
import { addressesIn, assignmentText, isLocal, schemeHints } from './scan.ts';
import { targetsIn } from './targets.ts';

export interface Variable {
  readonly name: string;
  /** Exactly the file's text at `from`, without quotes. */
  readonly value: string;
  readonly from: number;
}

export interface VariableContext {
  readonly places: Places;
  /** The file's names for the variable's service; empty: the folder identifies it. */
  readonly names: readonly string[];
  /** The ports of a host, if the file declares them (compose, Kubernetes). */
  readonly portsOf?: (host: string) => readonly number[] | undefined;
  /** The ports on which the program itself listens there; undefined: the config's. */
  readonly own?: readonly number[] | undefined;
  /** Other host names may lead to something in between (a Service's port in front of the container's). */
  readonly looseHosts?: boolean;
}

export function referencesOfVariable(variable: Variable, context: VariableContext): readonly Reference[] {
  const list = listOf(variable.name);
  if (list !== null) return origins(variable, list, context);
  // The addresses that ASP.NET listens on.
  if (/^(ASPNETCORE|DOTNET)_URLS$/i.test(variable.name)) return listening(variable, context);
  if (/(^|_)PORT$/i.test(variable.name) || /_PORT_NUMBER$/i.test(variable.name)) return port(variable, context);
  return targets(variable, context);
}

function listOf(name: string): OriginsReference['list'] | null {
  if (/(^|_)ALLOWED_HOSTS?$/i.test(name)) return 'hosts';
  if (/CSRF_(TRUSTED|ALLOWED)_ORIGINS?$/i.test(name)) return 'csrf';
  if (/CORS_.*(ORIGINS?|WHITELIST|ALLOWLIST|ALLOW_ALL.*)$/i.test(name) || /(^|_)(ALLOWED|CORS)_ORIGINS?$/i.test(name)) return 'cors';
  return null;
}

function origins(variable: Variable, list: OriginsReference['list'], { places, names }: VariableContext): readonly Reference[] {
  const { value, from } = variable;
  if (/REGEX/i.test(variable.name)) return [];
  const whole = places(from, from + value.length);
  const { text, at } = expand(value);
  if (text.includes(UNKNOWN)) return [{ kind: 'unresolved', place: whole, text: value, why: 'variable' }];
  if (/ALLOW_ALL/i.test(variable.name)) {
    return [{ kind: 'origins', list, place: whole, entries: [], names, all: /^(true|1|yes|on)$/i.test(text.trim()) }];
  }
  const entries = [...text.matchAll(/[^\s,;"'[\]]+|\[[0-9a-f:]+\](?::\d+)?/gi)].map((match) => ({
    value: match[0],
    place: places(from + at(match.index), from + at(match.index) + match[0].length),
  }));
  return [{ kind: 'origins', list, place: whole, entries, names, all: entries.some(({ value: one }) => one === '*') }];
}

function port(variable: Variable, context: VariableContext): readonly Reference[] {
  const { value, from } = variable;
  const { text, at } = expand(value);
  const digits = text.trim();
  const start = text.indexOf(digits);
  if (digits.includes(UNKNOWN)) {
    return [{ kind: 'unresolved', place: context.places(from, from + value.length), text: value, why: 'variable' }];
  }
  const number = parsePort(digits);
  if (number === null) return [];
  const place = context.places(from + at(start), from + at(start) + digits.length);
  const base = { kind: 'port' as const, place, port: number, host: null, text: assignmentText(variable.name, value) };
  if (/^(VITE_|NEXT_|NUXT_)?(SERVER_|HTTP_|LISTEN_|APP_|DEV_)?PORT$/i.test(variable.name)) {
    return [{ ...base, use: 'listen', names: context.names, ...(context.own ? { allowed: context.own } : {}) }];
  }
  // `DB_PORT` identifies its service only by its name; without a service of that name (`SMTP_PORT`) the variable is ignored.
  const names = subjects(variable.name);
  const [host] = names;
  if (host === undefined) return [];
  const allowed = names.map((name) => context.portsOf?.(name.toLowerCase().replaceAll('_', '-'))).find((ports) => ports !== undefined);
  return [{ ...base, use: 'target', host, names, ...(allowed ? { allowed } : {}) }];
}

function listening(variable: Variable, context: VariableContext): readonly Reference[] {
  const { names, own } = context;
  return targetsIn(variable.value, variable.from, context).map((one) => ({
    ...one,
    use: 'listen',
    names,
    text: assignmentText(variable.name, variable.value),
    ...(own ? { allowed: own } : {}),
  }));
}

function targets(variable: Variable, context: VariableContext): readonly Reference[] {
  const { value, from } = variable;
  const { text, at } = expand(value);
  const found = addressesIn(text).map(({ scheme, host, port: number, from: start, to }): PortReference => {
    // In a container, `localhost` may be the container itself, or be meant for a browser outside.
    const itself = context.own?.includes(number) ? [number] : undefined;
    const allowed = isLocal(host) ? itself : context.portsOf?.(host);
    return {
      kind: 'port',
      use: 'target',
      place: context.places(from + at(start), from + at(start) + (to - start)),
      port: number,
      host,
      names: isLocal(host) ? specificSubjects(variable.name) : [host],
      text: assignmentText(variable.name, value),
      hints: [...specificSubjects(variable.name), ...schemeHints(scheme)],
      ...(allowed ? { allowed } : {}),
      ...(context.looseHosts && !isLocal(host) && !allowed ? { loose: true } : {}),
    };
  });
  const unknown = /:\uFFFC|\uFFFC:/.test(text) && found.length === 0 && /:\/\/|HOST|URL/i.test(`${text}${variable.name}`);
  return unknown ? [{ kind: 'unresolved', place: context.places(from, from + value.length), text: value, why: 'variable' }] : found;
}

const PUBLIC_PREFIX = /^(VITE|NEXT_PUBLIC|REACT_APP|NUXT_PUBLIC|NUXT|PUBLIC|VUE_APP|EXPO_PUBLIC|GATSBY|NG_APP|APP)_/i;
/** Endings that describe the value, not its service. */
const SUFFIXES =
  /_?(URL|URI|PORT|PORT_NUMBER|HOST|ADDR|ADDRESS|ENDPOINT|ORIGIN|BASE|API|HTTP|WS|WEBSOCKET|INTERNAL|PUBLIC|EXTERNAL|DSN|SERVER|LISTEN|DEV)$/i;

/** Like `subjects`, without names that any service's address may have. */
function specificSubjects(name: string): readonly string[] {
  return subjects(name).filter((one) => !/^(API|APP|BASE|SITE|HTTP|HTTPS|WS|LISTEN|PUBLIC|SERVER|URL)$/i.test(one));
}

/** `VITE_BACKEND2_API_URL` → `BACKEND2_API`, `BACKEND2`: longest first. */
function subjects(name: string): readonly string[] {
  const found: string[] = [];
  let rest = name.replace(PUBLIC_PREFIX, '');
  while (SUFFIXES.test(rest)) {
    rest = rest.replace(SUFFIXES, '');
    if (rest !== '') found.push(rest);
  }
  return found;
}
