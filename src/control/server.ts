/**
 * Serves a session on its control socket: HTTP/1.1 + JSON, for devup's own commands, agents, scripts and `curl`. Only the user can open the
 * socket (folder 0700, socket 0600), so there is no other login. The caller holds the stack's lock, so a file at the socket's path is
 * stale.
 */
import { chmodSync, unlinkSync } from 'node:fs';
import type { Server as HttpServer, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { codeOf, isErrno } from '../model/errno.ts';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { Connections } from './connections.ts';
import type { Endpoint } from './endpoint.ts';
import type { ServeOptions, ServerContext } from './exchange.ts';
import { route } from './routes.ts';

export interface ControlServer {
  /**
   * Accepts no new requests. Queued events (`done` among them) and answers in progress get 500 ms, then every connection is closed. End
   * the session's events first.
   */
  close(): Promise<void>;
}

const FLUSH_MS = 500;

/** Fails with E406 if the socket cannot be created. */
export async function serve(options: ServeOptions): Promise<Result<ControlServer, Failure>> {
  const closing = new AbortController();
  // Each reader of events listens.
  process.getBuiltinModule('node:events').setMaxListeners(0, closing.signal);
  const running = new Set<ServerResponse>();
  const context: ServerContext = { ...options, closing: closing.signal, stopping: false, requests: 0 };
  let http: HttpServer | null = null;
  // A client that half-closes its connection still expects its answer.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    http ??= httpServer(context, running);
    http.emit('connection', socket);
  });
  const failure = await listen(server, options.endpoint);
  if (failure) return fail(failure);
  return ok({
    async close() {
      context.stopping = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      http?.close();
      const flushed = Promise.all([...running].map((response) => new Promise((resolve) => response.once('close', resolve))));
      const timer = new AbortController();
      await Promise.race([flushed, options.clock.sleep(FLUSH_MS, timer.signal).catch(ifAborted(timer.signal))]);
      timer.abort();
      closing.abort();
      http?.closeAllConnections();
      await closed;
    },
  });
}

/**
 * Created for the first client: loading Node's HTTP takes a millisecond, which every start would wait for, and 0.7 MiB. The HTTP server
 * never listens itself: the listening server hands connections to it, and emitting `listening` starts its timeouts.
 */
function httpServer(context: ServerContext, running: Set<ServerResponse>): HttpServer {
  const server = process
    .getBuiltinModule('node:http')
    .createServer(
      { maxHeaderSize: 16 * 1024, headersTimeout: 5000, requestTimeout: 5000, keepAliveTimeout: 5000, connectionsCheckingInterval: 1000 },
      (request, response) => {
        response.on('error', () => response.destroy());
        connections.answer(request, response, () => {
          running.add(response);
          response.once('close', () => running.delete(response));
          return route(context, request, response);
        });
      },
    );
  const connections = new Connections(server);
  server.on('clientError', refuseMalformed);
  server.emit('listening');
  return server;
}

function ifAborted(signal: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (!signal.aborted) throw error;
  };
}

function listen(server: Server, endpoint: Endpoint): Promise<Failure | null> {
  return new Promise((resolve, reject) => {
    const refused = (error: unknown) => {
      const errno = codeOf(error);
      if (errno === null) return reject(error);
      resolve({ code: 'E406', kind: 'folder-not-writable', folder: endpoint.folder ?? endpoint.socket, errno });
    };
    server.once('error', refused);
    try {
      if (endpoint.folder !== null) removeStale(endpoint.socket);
      bindPrivately(() => {
        server.listen({ path: endpoint.socket, exclusive: true }, () => {
          server.off('error', refused);
          // If a connection cannot be accepted (EMFILE), only its client is affected; the session continues.
          server.on('error', () => {});
          resolve(null);
        });
        if (endpoint.folder !== null && server.listening) chmodSync(endpoint.socket, 0o600);
      });
    } catch (error) {
      refused(error);
    }
  });
}

function removeStale(socket: string): void {
  try {
    unlinkSync(socket);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
}

/** `listen` binds the socket synchronously, so the umask affects nothing else in this process. */
function bindPrivately(bind: () => void): void {
  // Windows has no umask; setting it there only affects the read-only bit.
  const before = process.umask(0o077);
  try {
    bind();
  } finally {
    process.umask(before);
  }
}

/** Answers input that never became a request: invalid, too long, or too slow. */
function refuseMalformed(error: Error, socket: Duplex): void {
  const code = codeOf(error);
  if (!socket.writable || code === 'ECONNRESET') return void socket.destroy();
  const status =
    code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`, () => socket.destroy());
}
