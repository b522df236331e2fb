/** The JSON output: one object with `schemaVersion: 1`, or one event per line. Times are ISO 8601 in UTC. */
import { StringDecoder } from 'node:string_decoder';
import type { Event } from '../model/event.ts';
import type { Failure } from '../model/failure.ts';
import type { Holder } from '../model/port.ts';
import type { KilledPort } from '../model/port-report.ts';
import { isSecretName, MASK } from '../model/secret-name.ts';
import { maskSecrets } from '../model/secrets.ts';
import type { ServiceSnapshot, Snapshot } from '../model/session.ts';
import { notice } from './words/notices.ts';
import { NO_VIEWER, type Viewer } from './words/viewer.ts';
import { words } from './words.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** One line of JSON. C1 controls are escaped too, so that it is safe to show on a terminal. */
export function jsonLine(value: JsonObject): string {
  return `${JSON.stringify(value).replace(/[\x7f-\x9f\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

/** `configPath`: the config's path, relative to the folder in which the command was typed. */
export function snapshotJson(snapshot: Snapshot, o: { readonly viewer?: Viewer; readonly configPath?: string } = {}): JsonObject {
  const viewer = o.viewer ?? NO_VIEWER;
  return {
    schemaVersion: 1,
    stack: snapshot.stack,
    id: snapshot.id,
    config: o.configPath ?? snapshot.config,
    session: snapshot.session && {
      pid: snapshot.session.pid,
      startedAt: iso(snapshot.session.startedAtMs),
      version: snapshot.session.version,
    },
    services: snapshot.services.map((service) => serviceJson(service, viewer)),
    ...(snapshot.configProblem ? { configProblem: problemJson(snapshot.configProblem, viewer) } : {}),
  };
}

export function killJson(ports: readonly KilledPort[], viewer: Viewer = NO_VIEWER): JsonObject {
  return {
    schemaVersion: 1,
    ports: ports.map((one) => ({
      port: one.port,
      outcome: one.outcome,
      killed: one.killed.map(({ pid, command, signal }) => ({ pid, command: maskSecrets(command, viewer.secrets), signal })),
      holders: one.holders.map((holder) => holderJson(holder, viewer)),
      problem: one.problem && problemJson(one.problem, viewer),
    })),
  };
}

/** The envelope of a failed command: code, message, why, fix and the failure's facts; the stack only on request. */
export function failureJson(failure: Failure, viewer: Viewer = NO_VIEWER, o: { readonly stack: boolean } = { stack: false }): JsonObject {
  const stack = o.stack && (failure.code === 'E302' || failure.code === 'E306') ? { stack: failure.stack } : {};
  return { schemaVersion: 1, error: { ...errorJson(failure, viewer), ...stack } };
}

function problemJson(failure: Failure, viewer: Viewer = NO_VIEWER): JsonObject {
  const { code, what, why, fix } = words(failure, viewer);
  return { code, message: what, why, fix };
}

export function holderJson(holder: Holder, viewer: Viewer): JsonObject {
  return {
    pid: holder.pid,
    startedAt: iso(holder.startedAtMs),
    command: maskSecrets(holder.command, viewer.secrets),
    cwd: holder.cwd,
    user: holder.user,
    addresses: holder.addresses,
    container: holder.container,
    image: holder.published?.image ?? null,
    composeProject: holder.published?.project ?? null,
    stack: holder.stack && { id: holder.stack.id, service: holder.stack.service },
  };
}

/**
 * Writes the events of one stream as NDJSON. Characters may be split between chunks, so a writer must see its stream from
 * the beginning.
 */
export class EventWriter {
  readonly #viewer: Viewer;
  readonly #decoders = new Map<string, StringDecoder>();

  constructor(viewer: Viewer = NO_VIEWER) {
    this.#viewer = viewer;
  }

  line(event: Event): string {
    return jsonLine(this.#toJson(event));
  }

  #toJson(event: Event): JsonObject {
    const at = iso(event.atMs);
    switch (event.type) {
      case 'state':
        return {
          type: 'state',
          service: event.service,
          at,
          seq: event.seq,
          state: event.state,
          pid: event.pid,
          afterMs: event.afterMs,
          restarts: event.restarts,
          delayMs: event.delayMs,
          problem: event.problem && problemJson(event.problem, this.#viewer),
        };
      case 'output':
        return {
          type: 'output',
          service: event.service,
          at,
          seq: event.seq,
          stream: event.stream,
          offset: event.offset,
          text: this.#decode(event),
        };
      case 'port':
        return {
          type: 'port',
          service: event.service,
          at,
          seq: event.seq,
          port: event.port,
          action: event.action,
          holders: event.holders.map((holder) => holderJson(holder, this.#viewer)),
          ports: event.ports,
        };
      case 'notice': {
        const text =
          event.notice.kind === 'failure' ? words(event.notice.failure, this.#viewer).what : (notice(event, this.#viewer)?.text ?? null);
        return { type: 'notice', service: event.service, at, seq: event.seq, text, notice: facts(event.notice, this.#viewer) };
      }
      case 'gap':
        return { type: 'gap', service: null, at, seq: event.seq, missed: event.missed };
      case 'done':
        return {
          type: 'done',
          service: null,
          at,
          seq: event.seq,
          ok: event.ok,
          exitCode: event.exitCode,
          ...(event.failure ? { error: errorJson(event.failure, this.#viewer) } : {}),
        };
    }
  }

  #decode(event: Extract<Event, { type: 'output' }>): string {
    const key = `${event.stream} ${event.service}`;
    let decoder = this.#decoders.get(key);
    if (!decoder) {
      decoder = new StringDecoder('utf8');
      this.#decoders.set(key, decoder);
    }
    return decoder.write(Buffer.from(event.bytes.buffer, event.bytes.byteOffset, event.bytes.byteLength));
  }
}

function serviceJson(service: ServiceSnapshot, viewer: Viewer): JsonObject {
  return {
    name: service.name,
    state: service.state,
    port: service.port,
    ports: service.ports,
    pid: service.pid,
    startedAt: iso(service.startedAtMs),
    uptimeMs: service.uptimeMs,
    restarts: service.restarts,
    flapping: service.flapping,
    exitCode: service.exitCode,
    cpuPercent: service.cpuPercent,
    memoryBytes: service.memoryBytes,
    url: service.url && maskSecrets(service.url, viewer.secrets),
    links: Object.fromEntries(Object.entries(service.links).map(([title, url]) => [title, maskSecrets(url, viewer.secrets)])),
    category: service.category,
    optional: service.optional,
    stale: service.stale,
    verdict: service.verdict,
    holders: service.holders.map(({ otherConfig, ...holder }) => {
      const json = holderJson(holder, viewer);
      return { port: holder.port, ...json, stack: holder.stack && { ...holder.stack, ...(otherConfig ? { config: otherConfig } : {}) } };
    }),
    problem: service.problem && problemJson(service.problem, viewer),
  };
}

function errorJson(failure: Failure, viewer: Viewer): JsonObject {
  const { kind: _kind, stack: _stack, ...rest } = { stack: null, ...failure };
  return { ...(facts(rest, viewer) as JsonObject), kind: failure.kind, ...problemJson(failure, viewer) };
}

/** Copies facts, with holders in their public form and nested failures as problems. */
function facts(value: unknown, viewer: Viewer): Json {
  if (typeof value === 'string') return maskSecrets(value, viewer.secrets);
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map((one) => facts(one, viewer));
  if (typeof value !== 'object') return null;
  if ('ancestors' in value && 'pid' in value) return holderJson(value as Holder, viewer);
  if ('code' in value && 'kind' in value) return problemJson(value as Failure, viewer);
  if ('path' in value && 'value' in value && isSecretName(String(value.path).replace(/^.*[.[]/, '')))
    return { ...(facts({ ...value, path: null }, viewer) as JsonObject), path: String(value.path), value: MASK };
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, facts(one, viewer)]));
}

function iso(ms: number): string;
function iso(ms: number | null): string | null;
function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
