/** One HTTP request and the beginning of its answer, bounded in time and size. Redirects are not followed. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Ask, HttpRequest } from '../../check/live/answer.ts';
import type { Clock } from '../../machine/machine.ts';

const ANSWER_WITHIN_MS = 5000;
/** A page that goes on for ever (server-sent events) is judged by what came until then. */
const BODY_WITHIN_MS = 1000;
const BODY_LIMIT = 64 * 1024;

export function askOver(clock: Clock): Ask {
  return async (asked) => {
    const over = new AbortController();
    const response = await within(clock, ANSWER_WITHIN_MS, open(asked, over.signal));
    try {
      if (response === 'too-late') return { kind: 'none', why: `no answer within ${ANSWER_WITHIN_MS / 1000} s` };
      if (typeof response === 'string') return { kind: 'none', why: response };
      const body: string[] = [];
      await within(clock, BODY_WITHIN_MS, read(response, body));
      return { kind: 'answer', status: response.statusCode ?? 0, headers: headersOf(response), body: body.join('').slice(0, BODY_LIMIT) };
    } finally {
      over.abort();
    }
  };
}

/** Why there is no answer, in a word. */
function open({ method, url, headers }: HttpRequest, signal: AbortSignal): Promise<IncomingMessage | string> {
  return new Promise((resolve) => {
    const secure = url.startsWith('https:');
    const request = (secure ? httpsRequest : httpRequest)(url, {
      method,
      agent: false,
      signal,
      headers: { 'user-agent': 'devup', 'accept-encoding': 'identity', connection: 'close', ...headers },
      // Certificates of development are self-signed, and nothing secret is sent.
      ...(secure ? { rejectUnauthorized: false } : {}),
    });
    request.on('error', (error) => resolve('code' in error ? String(error.code) : error.message));
    request.once('response', resolve);
    request.end();
  });
}

/** Until its end, an error, or enough. */
function read(response: IncomingMessage, into: string[]): Promise<void> {
  return new Promise((resolve) => {
    let length = 0;
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      into.push(text);
      length += text.length;
      if (length >= BODY_LIMIT) resolve();
    });
    response.on('error', () => resolve());
    response.once('end', resolve);
    response.once('close', resolve);
  });
}

async function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T | 'too-late'> {
  const done = new AbortController();
  const late = clock.sleep(ms, done.signal).then(
    () => 'too-late' as const,
    () => 'too-late' as const,
  );
  const first = await Promise.race([work, late]);
  done.abort();
  return first;
}

function headersOf({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}
