/** Request and response bodies of the control socket, bounded in both directions. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Failure, FailureCode } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import { withoutSecrets } from '../model/secrets.ts';
import type { ServerContext } from './exchange.ts';
import type { WireError } from './protocol.ts';
import { protocolFailure } from './request.ts';

const BODY_LIMIT_BYTES = 1024 * 1024;

/** Codes that are missing here get 422: understood, but not possible. */
const STATUS: { readonly [C in FailureCode]?: number } = { E001: 400, E002: 404, E003: 400, E404: 409, E411: 400, E412: 503, E470: 500 };

export function sendJson(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent || response.destroyed) return;
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
}

/** Sends a failure as `{ error, failure }`. If the headers of a stream are sent already, the response is cut off instead. */
export function sendFailure(
  context: ServerContext,
  response: ServerResponse,
  failure: Failure,
  status: number = STATUS[failure.code] ?? 422,
): void {
  if (response.headersSent) return void response.destroy();
  const words = context.describe?.(failure) ?? { what: failure.kind, why: null, fix: null };
  const error = { code: failure.code, message: words.what, why: words.why, fix: words.fix };
  const body: WireError = { schemaVersion: 1, ...withoutSecrets({ error, failure }, context.secrets ?? []) };
  // A body that was too long or not wanted is still unread, so the connection closes rather than parse it as the next request.
  const { req } = response;
  if (!req.complete && (req.headers['content-length'] !== undefined || req.headers['transfer-encoding'] !== undefined))
    response.setHeader('connection', 'close');
  sendJson(response, status, body);
}

/** The body as text; null if the client left before sending all of it. Fails with E411 beyond 1 MiB, and reads no further. */
export function readBody(request: IncomingMessage): Promise<Result<string | null, Failure>> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= BODY_LIMIT_BYTES) return void chunks.push(chunk);
      chunks.length = 0;
      request.pause();
      request.removeAllListeners('data');
      resolve(protocolFailure(`the body is longer than ${BODY_LIMIT_BYTES} bytes`));
    });
    request.on('end', () => resolve(ok(Buffer.concat(chunks).toString('utf8'))));
    request.on('error', () => resolve(ok(null)));
    request.on('close', () => resolve(ok(null)));
  });
}

const LINES_HEAD = { 'content-type': 'application/x-ndjson; charset=utf-8', 'cache-control': 'no-store' };

/** Sends one JSON value per line. A client that stops reading pauses the source; one that leaves ends it. */
export async function streamLines(response: ServerResponse, lines: AsyncIterable<object>): Promise<void> {
  for await (const line of lines) {
    if (!response.headersSent) response.writeHead(200, LINES_HEAD);
    if (!(await writeText(response, `${JSON.stringify(line)}\n`))) return;
  }
  if (!response.headersSent) response.writeHead(200, LINES_HEAD);
  response.end();
}

/** Resolves with true when more may be written, or with false when the client is gone. */
export function writeText(response: ServerResponse, text: string): Promise<boolean> {
  if (response.destroyed) return Promise.resolve(false);
  // Writes bytes, because Node 26 emits no `drain` after text beyond ASCII (since https://github.com/nodejs/node/pull/62936).
  if (response.write(Buffer.from(text))) return Promise.resolve(true);
  return new Promise((resolve) => {
    const drained = () => settle(true);
    const gone = () => settle(false);
    const settle = (alive: boolean) => {
      response.off('drain', drained);
      response.off('close', gone);
      resolve(alive);
    };
    response.once('drain', drained);
    response.once('close', gone);
  });
}
