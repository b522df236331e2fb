/** The routes of the control socket work with the served session and one request. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Failure } from '../model/failure.ts';
import type { LogLine } from '../model/log-line.ts';
import type { Session } from '../model/session.ts';
import type { Endpoint } from './endpoint.ts';
import type { LogFilter } from './request.ts';

export interface LogRequest extends LogFilter {
  readonly service: string;
}

export interface ServeOptions {
  readonly session: Session;
  /** `ensureFolder` must have created its folder. */
  readonly endpoint: Endpoint;
  readonly version: string;
  /** The session's key, with which event ids begin. At most 64 characters, no colon. */
  readonly key: string;
  readonly readLogs: (request: LogRequest) => AsyncIterable<LogLine>;
  readonly clock: { sleep(ms: number, signal?: AbortSignal): Promise<void> };
  /** The sentences for a failure, for people who read the JSON. */
  readonly describe?: (failure: Failure) => { readonly what: string; readonly why: string | null; readonly fix: string | null };
  /** Values to mask in all answers, except in the output of services. */
  readonly secrets?: Iterable<string>;
}

export interface ServerContext extends ServeOptions {
  /** Aborted just before the connections are closed. */
  readonly closing: AbortSignal;
  /** True once the session has ended: orders are refused. */
  stopping: boolean;
  /** Requests in progress, without those of the frozen routes. */
  requests: number;
}

export interface Exchange {
  readonly context: ServerContext;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** The `{name}` in the path; '' without one. */
  readonly service: string;
}
