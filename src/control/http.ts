/** One HTTP request to a control socket. Each has its own connection, since a unix socket costs almost nothing. */
import type { IncomingMessage } from 'node:http';
import { codeOf } from '../model/errno.ts';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { parseObject, VERSION_HEADER } from './protocol.ts';

export interface HttpOptions {
  readonly socket: string;
  readonly version: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: object;
  readonly signal?: AbortSignal;
}

/** Why there is no answer. `nobody`: no process listens (any more); `broken-off`: the connection ended too early. */
export type Unanswered = 'nobody' | 'not-allowed' | 'broken-off' | 'aborted';

export type Response =
  | { readonly kind: 'response'; readonly message: IncomingMessage }
  | { readonly kind: 'unanswered'; readonly why: Unanswered };

const ERRORS: ReadonlyMap<string, Unanswered> = new Map([
  ['ENOENT', 'nobody'],
  ['ECONNREFUSED', 'nobody'],
  ['ENOTSOCK', 'nobody'],
  ['EACCES', 'not-allowed'],
  ['EPERM', 'not-allowed'],
  ['ECONNRESET', 'broken-off'],
  ['EPIPE', 'broken-off'],
  ['EAGAIN', 'broken-off'],
  ['ABORT_ERR', 'aborted'],
]);

/** Resolves with the head of the response, without a time limit. */
export function exchange(options: HttpOptions): Promise<Response> {
  return new Promise((resolve, reject) => {
    const body = options.body === undefined ? null : JSON.stringify(options.body);
    const { request } = process.getBuiltinModule('node:http');
    const outgoing = request({
      socketPath: options.socket,
      method: options.method,
      path: options.path,
      agent: false,
      headers: {
        [VERSION_HEADER]: options.version,
        ...(body === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      },
      ...(options.signal ? { signal: options.signal } : {}),
    });
    outgoing.on('response', (message) => resolve({ kind: 'response', message }));
    // After the response, errors reach the message, too, and are left to its reader.
    outgoing.on('error', (error) => {
      const why = unansweredReason(error);
      if (why) resolve({ kind: 'unanswered', why });
      else reject(error);
    });
    outgoing.end(body ?? undefined);
  });
}

/** Undefined for any other error, which is then a bug in devup. */
export function unansweredReason(error: Error): Unanswered | undefined {
  const code = codeOf(error);
  return ERRORS.get(code ?? '') ?? (code?.startsWith('HPE_') ? 'broken-off' : undefined);
}

/** The whole body; null if the connection broke off before its end. */
async function readBodyText(message: IncomingMessage): Promise<string | null> {
  message.setEncoding('utf8');
  let text = '';
  try {
    for await (const chunk of message) text += chunk;
  } catch (error) {
    if (!isBrokenOff(error)) throw error;
    return null;
  }
  return text;
}

/** Whether reading a message failed because either side ended the connection too early. */
export function isBrokenOff(error: unknown): boolean {
  const code = codeOf(error);
  return code !== null && (ERRORS.has(code) || code === 'ERR_STREAM_PREMATURE_CLOSE' || code.startsWith('HPE_'));
}

/** The body of a 200 as an object; for any other status, the failure in the body. */
export async function readObject(message: IncomingMessage, lost: Failure): Promise<Result<Record<string, unknown>, Failure>> {
  const text = await readBodyText(message);
  return text === null ? fail(lost) : parseAnswerBody(message.statusCode, text);
}

/** Like `readObject`, for a body that was read already. */
export function parseAnswerBody(status: number | undefined, text: string): Result<Record<string, unknown>, Failure> {
  const value = parseObject(text);
  if (!value) return fail({ code: 'E411', kind: 'protocol', message: `${status} without a JSON object` });
  if (status === 200) return ok(value);
  const failure = value['failure'];
  if (typeof failure === 'object' && failure !== null && 'code' in failure) return fail(failure as Failure);
  return fail({ code: 'E411', kind: 'protocol', message: `${status} without a failure` });
}
