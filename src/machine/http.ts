/** Sends one HTTP request and reads the beginning of the response, within limits of time and size. Redirects are not followed. */
import type { IncomingMessage } from 'node:http';
import type { LookupFunction } from 'node:net';
import { addressesOf } from '../model/address.ts';
import { codeOf } from '../model/errno.ts';
import type { HttpAnswer, HttpRequest } from '../model/http.ts';
import type { Clock } from './machine.ts';

export interface HttpLimits {
  readonly answerMs: number;
  /** Time for the body. An endless body (server-sent events) is cut off then, and its beginning is returned. */
  readonly bodyMs: number;
  /** 0: the body is not read. */
  readonly bodyLength: number;
}

/** The headers that curl sends: development servers (Vite 3, history fallbacks) answer 404 to a request without `Accept`. */
const HEADERS = { 'user-agent': `devup/${__DEVUP_VERSION__}`, accept: '*/*', 'accept-encoding': 'identity', connection: 'close' };

/** Never rejects. */
export async function askHttp(request: HttpRequest, limits: HttpLimits, clock: Clock, signal?: AbortSignal): Promise<HttpAnswer> {
  const over = new AbortController();
  const leave = () => over.abort();
  if (signal?.aborted) leave();
  signal?.addEventListener('abort', leave, { once: true });
  try {
    const response = await within(clock, limits.answerMs, open(request, over.signal));
    if (response === 'too-late') return { kind: 'none', why: `no answer within ${spoken(limits.answerMs)}` };
    if (typeof response === 'string') return { kind: 'none', why: response };
    const body: string[] = [];
    if (limits.bodyLength > 0) await within(clock, limits.bodyMs, read(response, body, limits.bodyLength));
    return {
      kind: 'answer',
      status: response.statusCode ?? 0,
      headers: headersOf(response),
      body: body.join('').slice(0, limits.bodyLength),
    };
  } finally {
    signal?.removeEventListener('abort', leave);
    over.abort();
  }
}

function spoken(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000} s` : `${Math.round(ms)} ms`;
}

/**
 * Resolves with the response, or with the reason why there is none. `localhost` is asked on both loopback addresses in turn: a
 * resolver may know only one of them, and the server may listen on the other. If no connection succeeds, the first address's error counts:
 * the second family may not exist at all, as in many containers.
 */
async function open(request: HttpRequest, signal: AbortSignal): Promise<IncomingMessage | string> {
  const addresses = addressesOf(new URL(request.url).hostname);
  let refused: string | null = null;
  for (const address of addresses) {
    const answer = await openAt(request, addresses.length > 1 ? address : null, signal);
    if (!(answer instanceof Error)) return answer;
    const why = codeOf(answer) ?? answer.message;
    if (!('syscall' in answer) || answer.syscall !== 'connect') return why;
    refused ??= why;
  }
  return refused ?? 'no address';
}

/** Asks the URL's host at this address; null: at any address that its name resolves to. */
function openAt({ method, url, headers }: HttpRequest, address: string | null, signal: AbortSignal): Promise<IncomingMessage | Error> {
  return new Promise((resolve) => {
    const secure = new URL(url).protocol === 'https:';
    const { request: ask } = process.getBuiltinModule(secure ? 'node:https' : 'node:http');
    const request = ask(url, {
      method,
      agent: false,
      signal,
      headers: { ...HEADERS, ...headers },
      ...(address === null ? {} : { lookup: resolvingTo(address) }),
      // Development certificates are self-signed. The holder of the port is proven otherwise, and no secret is sent.
      ...(secure ? { rejectUnauthorized: false } : {}),
    });
    request.on('error', resolve);
    request.once('response', (response) => {
      // Aborting the request before the response has ended emits an error.
      response.on('error', () => undefined);
      resolve(response);
    });
    request.end();
  });
}

/** Resolves to one address. Given several, Node gives up the first after a quarter of a second, which is too early on a busy machine. */
function resolvingTo(address: string): LookupFunction {
  const family = address.includes(':') ? 6 : 4;
  return (_hostname, { all }, found) => {
    if (all) found(null, [{ address, family }]);
    else found(null, address, family);
  };
}

/** Resolves at the end of the response, at an error, or after `enough` characters. */
function read(response: IncomingMessage, into: string[], enough: number): Promise<void> {
  return new Promise((resolve) => {
    let length = 0;
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      into.push(text);
      length += text.length;
      if (length >= enough) resolve();
    });
    response.once('error', () => resolve());
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
