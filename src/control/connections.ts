/**
 * Limits the connections, and what a client can ask for on each. Beyond the limit, a new connection replaces the one that has waited
 * longest for its client: for a request, for the rest of one, or for an answer to be read. So clients that do nothing keep no other out. A
 * connection for which the session is at work is never replaced.
 *
 * The requests of a connection are answered one after the other, and no more when its client has gone: a client may send thousands at once.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export const MOST_CONNECTIONS = 256;
/** Requests that may be in progress at once, without those of the frozen routes: with these, somebody can always see and stop the session. */
export const MOST_REQUESTS = 128;
/** Then the connection is closed. devup's own clients ask once. */
const MOST_PER_CONNECTION = 100;

export class Connections {
  readonly #open = new Set<Socket>();
  /** Connections that wait for their client, longest first. */
  readonly #waiting = new Set<Socket>();
  readonly #turns = new Map<Socket, Promise<void>>();
  readonly #counts = new Map<Socket, number>();

  constructor(server: Server) {
    server.on('connection', (socket) => this.#add(socket));
  }

  /** Answers a request in its turn. */
  answer(request: IncomingMessage, response: ServerResponse, answer: () => Promise<void>): void {
    const { socket } = request;
    const count = (this.#counts.get(socket) ?? 0) + 1;
    if (!this.#open.has(socket) || count > MOST_PER_CONNECTION) return;
    this.#counts.set(socket, count);
    if (count === MOST_PER_CONNECTION) response.setHeader('connection', 'close');
    const before = this.#turns.get(socket) ?? Promise.resolve();
    const turn = before.then(async () => {
      if (socket.destroyed) return void response.destroy();
      this.#isBusyOnceComplete(request);
      await answer();
      if (!this.#open.has(socket)) return;
      this.#waiting.delete(socket);
      this.#waiting.add(socket);
      await isTaken(response);
    });
    this.#turns.set(socket, turn);
  }

  #add(socket: Socket): void {
    socket.once('close', () => this.#forget(socket));
    if (this.#open.size >= MOST_CONNECTIONS) {
      const [longest = socket] = this.#waiting;
      this.#forget(longest);
      longest.destroy();
      if (longest === socket) return;
    }
    this.#open.add(socket);
    this.#waiting.add(socket);
  }

  #forget(socket: Socket): void {
    this.#open.delete(socket);
    this.#waiting.delete(socket);
    this.#turns.delete(socket);
    this.#counts.delete(socket);
  }

  #isBusyOnceComplete(request: IncomingMessage): void {
    const { socket, headers } = request;
    const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
    if (hasBody) request.once('end', () => this.#waiting.delete(socket));
    else this.#waiting.delete(socket);
  }
}

/** Resolves when the system has taken all of it, or the connection is closed. */
function isTaken(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (response.writableFinished || response.closed) resolve();
    else response.once('finish', resolve).once('close', resolve);
  });
}
