/** Requests that a client may make of a session: bodies and queries of the routes ⇄ orders. */
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Order } from '../model/session.ts';
import { suggest } from '../model/suggest.ts';
import { parseObject } from './protocol.ts';

export type OrderType = Order['type'];

interface Field {
  /** Undefined: the key is required. */
  readonly fallback: unknown;
  readonly accepts: (value: unknown) => boolean;
  readonly expected: string;
}

const isNameList = (value: unknown) => Array.isArray(value) && value.every((name) => typeof name === 'string');
const listField: Field = { fallback: [], accepts: isNameList, expected: 'a list of names' };
const listOrAllField: Field = {
  fallback: null,
  accepts: (value) => value === null || isNameList(value),
  expected: 'a list of names, or null for all',
};
const booleanField: Field = { fallback: false, accepts: (value) => typeof value === 'boolean', expected: 'true or false' };

function isProcess(value: unknown): boolean {
  const { pid, start } = (value ?? {}) as Record<string, unknown>;
  return Number.isSafeInteger(pid) && typeof start === 'number';
}

/** An order's key without a field here is a compile error. */
const ORDERS: { readonly [T in OrderType]: { readonly [K in Exclude<keyof Extract<Order, { type: T }>, 'type'>]: Field } } = {
  start: {
    services: listOrAllField,
    with: listField,
    profiles: listField,
    noDeps: booleanField,
    onConflict: {
      fallback: null,
      accepts: (value) => value === null || value === 'kill' || value === 'ask' || value === 'fail',
      expected: '"kill", "ask", "fail" or null',
    },
    takeOver: booleanField,
    keepGoing: booleanField,
    timeoutMs: {
      fallback: null,
      accepts: (value) => value === null || (typeof value === 'number' && value >= 0),
      expected: 'milliseconds or null',
    },
  },
  stop: { services: listOrAllField, withDependents: booleanField },
  debug: {
    service: { fallback: undefined, accepts: (value) => typeof value === 'string', expected: 'a name' },
    by: { fallback: undefined, accepts: isProcess, expected: 'the pid and the start time of a process' },
    over: booleanField,
  },
  restart: { services: listOrAllField, withDependents: booleanField },
  shutdown: { how: { fallback: 'ordered', accepts: (value) => value === 'ordered' || value === 'kill', expected: '"ordered" or "kill"' } },
};

/** These orders work across versions, so keys that another version adds must not be refused. */
const FROZEN: ReadonlySet<OrderType> = new Set(['stop', 'shutdown']);

/**
 * Parses the body of an order's route; an empty body means all defaults. Unknown keys are ignored only if the client is `another` version
 * of devup: a person who misspells `services` must not stop all services. Fails with E411.
 */
export function parseOrder(type: OrderType, body: string, version: 'ours' | 'another' = 'ours'): Result<Order, Failure> {
  const given = body.trim() === '' ? {} : parseObject(body);
  if (!given) return protocolFailure('the body must be a JSON object');
  const fields: Readonly<Record<string, Field>> = ORDERS[type];
  const command: Record<string, unknown> = { type };
  for (const [key, field] of Object.entries(fields)) command[key] = field.fallback;
  for (const [key, value] of Object.entries(given)) {
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (!field) {
      if (version === 'another' && FROZEN.has(type)) continue;
      const meant = suggest(key, Object.keys(fields));
      return protocolFailure(`unknown key ${JSON.stringify(key)}${meant ? `: did you mean ${JSON.stringify(meant)}?` : ''}`);
    }
    if (!field.accepts(value)) return protocolFailure(`${key} must be ${field.expected}`);
    command[key] = value;
  }
  const missing = Object.keys(fields).find((key) => command[key] === undefined);
  if (missing !== undefined) return protocolFailure(`${missing} is missing`);
  return ok(command as unknown as Order);
}

/** Selects lines of a service's log. */
export interface LogFilter {
  /** The number of last lines; null: all. */
  readonly lines: number | null;
  /** Wall clock, milliseconds since 1970. */
  readonly sinceMs: number | null;
  readonly grep: RegExp | null;
}

export function formatLogQuery(query: LogFilter): string {
  const parameters = new URLSearchParams();
  if (query.lines !== null) parameters.set('n', String(query.lines));
  if (query.sinceMs !== null) parameters.set('since', String(query.sinceMs));
  if (query.grep) parameters.set('grep', query.grep.source);
  if (query.grep?.flags) parameters.set('flags', query.grep.flags);
  return parameters.toString();
}

/** Parses `n` (lines), `since` (milliseconds since 1970, or a date), `grep` and its `flags`. Fails with E411. */
export function parseLogQuery(parameters: URLSearchParams): Result<LogFilter, Failure> {
  for (const key of parameters.keys()) {
    if (!['n', 'since', 'grep', 'flags'].includes(key)) return protocolFailure(`unknown parameter ${JSON.stringify(key)}`);
  }
  const n = parameters.get('n');
  if (n !== null && !/^\d{1,9}$/.test(n)) return protocolFailure('n must be a number of lines');
  const since = parameters.get('since');
  const sinceMs = since === null ? null : /^\d+$/.test(since) ? Number(since) : Date.parse(since);
  if (Number.isNaN(sinceMs)) return protocolFailure('since must be milliseconds since 1970 or a date');
  const grep = parameters.get('grep');
  try {
    return ok({
      lines: n === null ? null : Number(n),
      sinceMs,
      grep: grep === null ? null : new RegExp(grep, parameters.get('flags') ?? ''),
    });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return protocolFailure(error.message);
  }
}

export function protocolFailure(message: string): { readonly ok: false; readonly failure: Failure } {
  return fail({ code: 'E411', kind: 'protocol', message });
}
