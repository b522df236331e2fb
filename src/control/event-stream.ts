/**
 * `GET /v1/events`: the session's events as server-sent events. Each client reads the session with `drop`, one event at a time, and
 * only when its socket accepts more. A client that stops reading costs its bounded queue and slows nothing down.
 */
import type { GapEvent } from '../model/event.ts';
import { withoutSecrets } from '../model/secrets.ts';
import { sendFailure, writeText } from './answer.ts';
import type { Exchange, ServerContext } from './exchange.ts';
import { formatEventId, OutputDecoder, parseEventId, type WireEvent, type WireGap } from './protocol.ts';
import { protocolFailure } from './request.ts';

/** Streams the events after `since` or `Last-Event-ID`; without either, from now on. `without=output` leaves output out. */
export async function streamEvents({ context, request, response, query }: Exchange): Promise<void> {
  const requested = query.get('since') ?? request.headers['last-event-id'] ?? null;
  const from = requested === null ? null : parseEventId(String(requested));
  if (requested !== null && !from)
    return sendFailure(context, response, protocolFailure('since must be a number or <session>:<number>').failure);
  const left = new AbortController();
  const leave = () => left.abort();
  response.once('close', leave);
  context.closing.addEventListener('abort', leave, { once: true });
  const isOtherSession = from?.key != null && from.key !== context.key;
  // The events of another session cannot be continued, so the client gets a snapshot of this one.
  const gap = isOtherSession ? await withSnapshot(context, null) : null;
  const since = gap ? gap.seq : from?.seq;
  const events = context.session.events({
    ...(since === undefined ? {} : { since }),
    ...(query.get('without') === 'output' ? { without: 'output' } : {}),
    signal: left.signal,
    pressure: 'drop',
  });
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
  response.flushHeaders();
  const decoder = new OutputDecoder();
  try {
    if (gap && !(await send(context, response, gap))) return;
    for await (const event of events) {
      if (event.type === 'gap' || (event.type === 'notice' && event.notice.kind === 'output-dropped')) decoder.forget();
      const wire = event.type === 'output' ? decoder.decode(event) : event.type === 'gap' ? await withSnapshot(context, event) : event;
      if (!(await send(context, response, wire))) return;
    }
    response.end();
  } finally {
    context.closing.removeEventListener('abort', leave);
    left.abort();
  }
}

async function withSnapshot(context: ServerContext, gap: GapEvent | null): Promise<WireGap> {
  const result = await context.session.snapshot();
  const snapshot = result.ok ? result.value : null;
  return { ...(gap ?? { type: 'gap', missed: 0, seq: snapshot?.seq ?? 0, atMs: snapshot?.session?.startedAtMs ?? 0 }), snapshot };
}

function send(context: ServerContext, response: Exchange['response'], event: WireEvent): Promise<boolean> {
  const masked = event.type === 'output' ? event : withoutSecrets(event, context.secrets ?? []);
  return writeText(response, `id: ${formatEventId(context.key, event.seq)}\ndata: ${JSON.stringify(masked)}\n\n`);
}
