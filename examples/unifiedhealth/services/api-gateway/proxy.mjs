/** Passes a request on to another service, and its answer back, as streams. */
import { request as call } from 'node:http';
import { pipeline } from 'node:stream';
import { send } from '../../../default/lib/service.mjs';

/** Headers of one connection, not of the message: each side has its own. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** 502 when the service at `upstream` (a URL) does not answer; a client that goes away ends the call. */
export function proxy(request, response, upstream) {
  const outgoing = call({
    host: upstream.hostname,
    port: upstream.port,
    method: request.method,
    path: request.url,
    headers: { ...endToEnd(request.headers), host: upstream.host, 'x-forwarded-for': request.socket.remoteAddress },
  });
  outgoing.on('response', (answer) => {
    // The gateway itself says who may call it.
    const { vary, 'access-control-allow-origin': _, ...headers } = endToEnd(answer.headers);
    response.writeHead(answer.statusCode, headers);
    pipeline(answer, response, () => {});
  });
  outgoing.on('error', (error) => {
    if (response.headersSent || response.destroyed) return response.destroy();
    send(response, 502, { error: `no answer from ${upstream.host}: ${error.code ?? error.message}` });
  });
  response.on('close', () => outgoing.destroy());
  request.pipe(outgoing);
}

function endToEnd(headers) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)));
}
