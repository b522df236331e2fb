/**
 * One small request to a control socket, without Node's HTTP client: loading that takes longer than the request, and `status` makes no
 * other. The request is HTTP/1.0, so the response is not chunked and ends with the connection.
 */
import { connect } from 'node:net';
import { type Unanswered, unansweredReason } from './http.ts';
import { VERSION_HEADER } from './protocol.ts';

export interface AskOptions {
  readonly socket: string;
  readonly version: string;
  readonly path: string;
  readonly signal: AbortSignal;
}

export type SocketAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly headers: ReadonlyMap<string, string>; readonly text: string }
  | { readonly kind: 'unanswered'; readonly why: Unanswered };

/** Sends a `GET`, and waits for the answer without a time limit. */
export function ask({ socket, version, path, signal }: AskOptions): Promise<SocketAnswer> {
  return new Promise((resolve, reject) => {
    const connection = connect({ path: socket });
    const chunks: Buffer[] = [];
    const settle = (answer: SocketAnswer) => {
      signal.removeEventListener('abort', aborted);
      connection.destroy();
      resolve(answer);
    };
    const aborted = () => settle({ kind: 'unanswered', why: 'aborted' });
    connection.on('data', (chunk: Buffer) => chunks.push(chunk));
    connection.on('end', () => settle(parseAnswer(Buffer.concat(chunks)) ?? { kind: 'unanswered', why: 'broken-off' }));
    connection.on('error', (error) => {
      const why = unansweredReason(error);
      if (why) settle({ kind: 'unanswered', why });
      else reject(error);
    });
    if (signal.aborted) aborted();
    else signal.addEventListener('abort', aborted);
    connection.write(`GET ${path} HTTP/1.0\r\nhost: localhost\r\n${VERSION_HEADER}: ${version}\r\n\r\n`);
  });
}

/** Null for anything but a complete response: the other side closed too early, or speaks another protocol. */
export function parseAnswer(bytes: Buffer): (SocketAnswer & { readonly kind: 'answer' }) | null {
  const end = bytes.indexOf('\r\n\r\n');
  const [first = '', ...lines] = end === -1 ? [] : bytes.toString('latin1', 0, end).split('\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first)?.[1];
  if (status === undefined) return null;
  const headers = new Map(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
  const body = bytes.subarray(end + 4);
  if (headers.has('transfer-encoding') || headers.get('content-length') !== String(body.length)) return null;
  return { kind: 'answer', status: Number(status), headers, text: body.toString('utf8') };
}
