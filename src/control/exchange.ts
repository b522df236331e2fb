/** What the routes of the control socket work with: the session that is served, and one request to it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Failure } from '../model/failure.ts';
import type { LogLine } from '../model/log-line.ts';
import type { Order, Session } from '../model/session.ts';
import type { Endpoint } from './endpoint.ts';
import type { LogFilter } from './request.ts';

export interface LogRequest extends LogFilter {
  readonly service: string;
}

export interface ServeOptions {
  readonly session: Session;
  /** Its folder has been made by `ensureFolder`. */
  readonly endpoint: Endpoint;
  readonly version: string;
  /** The session's own: event ids begin with it. At most 64 characters, no colon. */
  readonly key: string;
  readonly readLogs: (request: LogRequest) => AsyncIterable<LogLine>;
  readonly clock: { sleep(ms: number, signal?: AbortSignal): Promise<void> };
  /** The sentences of a failure, for people who read the JSON. */
  readonly describe?: (failure: Failure) => { readonly what: string; readonly why: string | null; readonly fix: string | null };
  /** Values that are hidden in all that is told, but in what services print. */
  readonly secrets?: Iterable<string>;
  /** A client went away before its command was over; the command goes on. */
  readonly onClientGone?: (command: Order) => void;
}

export interface ServerContext extends ServeOptions {
  /** The connections are about to be closed. */
  readonly closing: AbortSignal;
  /** The session has ended: no new commands. */
  stopping: boolean;
}

export interface Exchange {
  readonly context: ServerContext;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** The `{name}` of the path; '' without one. */
  readonly service: string;
}
