/**
 * The client's end of `GET /v1/events`. The request is sent at once, so that no event between the call and the first read is missed. The
 * socket is read no faster than the caller reads events.
 *
 * The iteration never throws and never ends silently: if the stream ends without a `done`, or the connection is lost, the last event is a
 * notice with the failure (E410). The reader does not reconnect; callers do that with `since`.
 */
import type { IncomingMessage } from 'node:http';
import type { Event } from '../model/event.ts';
import type { Failure } from '../model/failure.ts';
import { isBrokenOff } from './http.ts';
import { parseEvent } from './protocol.ts';

export interface EventStreamReaderOptions {
  /** Requests the events. Returns a failure if the session refuses or does not answer, and null if `signal` was aborted. */
  readonly open: (signal: AbortSignal) => Promise<{ readonly message: IncomingMessage } | { readonly failure: Failure } | null>;
  readonly lost: Failure;
  readonly signal: AbortSignal | undefined;
}

export interface EventStreamReader extends AsyncIterable<Event> {
  /** Resolves when the session has begun to queue events for this reader, or has refused the request. */
  readonly opened: Promise<unknown>;
}

export function readEvents(options: EventStreamReaderOptions): EventStreamReader {
  const leaving = new AbortController();
  const leave = () => leaving.abort();
  if (options.signal?.aborted) leave();
  else options.signal?.addEventListener('abort', leave, { once: true });
  const opened = options.open(leaving.signal);
  const events = read(options, opened, leaving.signal);
  return {
    opened,
    [Symbol.asyncIterator]: () => ({
      next: () => events.next(),
      // A generator's `return` would have to wait until a pending `next` has got data from the socket.
      return() {
        leave();
        return events.return(undefined);
      },
    }),
  };

  async function* read(
    { lost, signal }: EventStreamReaderOptions,
    opening: typeof opened,
    left: AbortSignal,
  ): AsyncGenerator<Event, undefined> {
    let seq = 0;
    let atMs = 0;
    const notice = (failure: Failure): Event => ({ type: 'notice', service: null, notice: { kind: 'failure', failure }, seq, atMs });
    try {
      const stream = await opening;
      if (!stream) return;
      if ('failure' in stream) return void (yield notice(stream.failure));
      let done = false;
      let last: Event['type'] | null = null;
      for await (const json of messages(stream.message)) {
        if (left.aborted) return;
        if (json === null) {
          if (last !== 'done') yield notice(lost);
          return;
        }
        const event = parseEvent(json);
        if (!event) return void (yield notice({ code: 'E411', kind: 'protocol', message: `not an event: ${json.slice(0, 80)}` }));
        ({ seq, atMs } = event);
        last = event.type;
        done ||= last === 'done';
        yield event;
      }
      if (!done && !left.aborted) yield notice(lost);
    } finally {
      signal?.removeEventListener('abort', leave);
      leave();
    }
  }
}

/** The `data` of each message. The last value is null if the connection broke off. */
async function* messages(stream: IncomingMessage): AsyncGenerator<string | null, undefined> {
  // `require` is synchronous: if a connection broke off during an asynchronous import, the data that it had sent would be lost.
  const { createParser } = require('eventsource-parser') as typeof import('eventsource-parser');
  const read: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => read.push(data) });
  stream.setEncoding('utf8');
  try {
    for await (const chunk of stream as AsyncIterable<string>) {
      parser.feed(chunk);
      yield* read.splice(0);
    }
  } catch (error) {
    if (!isBrokenOff(error)) throw error;
    yield null;
  }
}
