/** A `Session` in another process, reached through its control socket. Orders have no time limit: a start waits for readiness. */
import type { IncomingMessage } from 'node:http';
import type { Event } from '../model/event.ts';
import type { Failure } from '../model/failure.ts';
import type { LogLine } from '../model/log-line.ts';
import { fail, ok, type Result } from '../model/result.ts';
import {
  EMPTY_REPLY,
  type EventsOptions,
  type Order,
  type Reply,
  type Session,
  type Snapshot,
  type SnapshotOptions,
} from '../model/session.ts';
import { readEvents } from './event-stream-reader.ts';
import { exchange, isBrokenOff, readObject } from './http.ts';
import type { LockIdentity } from './lock-identity.ts';
import { BRIEF_PATH, formatEventId, parseObject, SESSION_PATH } from './protocol.ts';
import { formatLogQuery, type LogFilter } from './request.ts';

export interface RemoteOptions {
  /** The stack's id, for messages. */
  readonly stack: string;
  readonly socket: string;
  /** This process's version. */
  readonly version: string;
  /** The session's key; null if it reported none. */
  readonly key: string | null;
  readonly holder: LockIdentity;
  /** The snapshot taken while connecting. */
  readonly first: Snapshot;
}

/** Carries an expected failure out of an iteration. */
export class FailureError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.code);
    this.failure = failure;
  }
}

export class RemoteSession implements Session {
  readonly #options: RemoteOptions;
  readonly #closed = new AbortController();
  /** Readers for which the session may not have begun to queue events. */
  readonly #opening = new Set<Promise<unknown>>();

  constructor(options: RemoteOptions) {
    this.#options = options;
  }

  /** The pid, version, user and start time of the session's process. */
  get holder(): LockIdentity {
    return this.#options.holder;
  }

  /** The snapshot taken while connecting: enough for callers that need only one. */
  get first(): Snapshot {
    return this.#options.first;
  }

  async snapshot({ brief = false }: SnapshotOptions = {}): Promise<Result<Snapshot, Failure>> {
    const answer = await this.#ask('GET', brief ? BRIEF_PATH : SESSION_PATH);
    if (!answer.ok) return answer;
    const { schemaVersion: _, ...snapshot } = answer.value;
    return ok(snapshot as unknown as Snapshot);
  }

  /** See `readEvents`: never throws, and without a `done` the last event is a notice with the failure. `pressure` is always `drop`. */
  events(options: EventsOptions = {}): AsyncIterable<Event> {
    const { key } = this.#options;
    const query = new URLSearchParams(options.without ? { without: options.without } : {});
    if (options.since !== undefined) query.set('since', key === null ? String(options.since) : formatEventId(key, options.since));
    const reader = readEvents({
      open: (signal) => this.#stream(`/v1/events?${query}`, AbortSignal.any([signal, this.#closed.signal])),
      lost: this.#lost(),
      signal: options.signal ? AbortSignal.any([options.signal, this.#closed.signal]) : this.#closed.signal,
    });
    this.#opening.add(reader.opened);
    void reader.opened.finally(() => this.#opening.delete(reader.opened));
    return reader;
  }

  /** Has no time limit. The effects of an order reach every reader whose `events` was called before. */
  async send(order: Order): Promise<Result<Reply, Failure>> {
    await Promise.all(this.#opening);
    const { type, ...body } = order;
    const answer = await this.#ask('POST', `/v1/${type}`, body);
    if (!answer.ok) return answer;
    const { schemaVersion: _, ...reply } = answer.value;
    return ok({ ...EMPTY_REPLY, ...reply });
  }

  /** The lines on disk. Iterating throws a `FailureError` (E410) if the session ends in between. */
  async logs(service: string, query: LogFilter): Promise<Result<AsyncIterable<LogLine>, Failure>> {
    const stream = await this.#stream(`/v1/services/${encodeURIComponent(service)}/logs?${formatLogQuery(query)}`, this.#closed.signal);
    if (!stream) return fail(this.#lost());
    if ('failure' in stream) return fail(stream.failure);
    return ok(logLines(stream.message, this.#lost()));
  }

  /** Ends all readers and requests of this client. The session, and orders in progress, continue. */
  close(): void {
    this.#closed.abort();
  }

  async #ask(method: 'GET' | 'POST', path: string, body?: object): Promise<Result<Record<string, unknown>, Failure>> {
    const { socket, version } = this.#options;
    const response = await exchange({ socket, version, method, path, signal: this.#closed.signal, ...(body ? { body } : {}) });
    return response.kind === 'response' ? readObject(response.message, this.#lost()) : fail(this.#lost());
  }

  /** Null if `signal` was aborted. */
  async #stream(path: string, signal: AbortSignal): Promise<{ readonly message: IncomingMessage } | { readonly failure: Failure } | null> {
    const { socket, version } = this.#options;
    const response = await exchange({ socket, version, method: 'GET', path, signal });
    if (response.kind === 'unanswered') return response.why === 'aborted' ? null : { failure: this.#lost() };
    if (response.message.statusCode === 200) return { message: response.message };
    const refused = await readObject(response.message, this.#lost());
    return { failure: refused.ok ? this.#lost() : refused.failure };
  }

  #lost(): Failure {
    return { code: 'E410', kind: 'session-lost', stack: this.#options.stack };
  }
}

async function* logLines(message: IncomingMessage, lost: Failure): AsyncGenerator<LogLine, undefined> {
  message.setEncoding('utf8');
  let held = '';
  try {
    for await (const chunk of message as AsyncIterable<string>) {
      const lines = (held + chunk).split('\n');
      held = lines.pop() as string;
      for (const line of lines) {
        const value = parseObject(line);
        if (!value || typeof value['text'] !== 'string')
          throw new FailureError({ code: 'E411', kind: 'protocol', message: `not a line of a log: ${line.slice(0, 80)}` });
        yield value as unknown as LogLine;
      }
    }
  } catch (error) {
    throw isBrokenOff(error) ? new FailureError(lost) : error;
  }
}
