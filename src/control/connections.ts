/**
 * Limits the number of connections. Beyond the limit, a new connection replaces the one that has been idle longest, so that idle
 * connections keep no client out. A connection with a request in progress is never replaced.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export function limitConnections(server: Server, max: number): void {
  const open = new Set<Socket>();
  /** Connections without a request in progress, longest idle first. */
  const idle = new Set<Socket>();
  const requests = new Map<Socket, number>();
  const forget = (socket: Socket) => {
    open.delete(socket);
    idle.delete(socket);
    requests.delete(socket);
  };
  server.on('connection', (socket) => {
    socket.once('close', () => forget(socket));
    if (open.size >= max) {
      const [longestIdle = socket] = idle;
      forget(longestIdle);
      longestIdle.destroy();
      if (longestIdle === socket) return;
    }
    open.add(socket);
    idle.add(socket);
  });
  server.on('request', ({ socket }, response) => {
    idle.delete(socket);
    requests.set(socket, (requests.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const left = (requests.get(socket) ?? 0) - 1;
      requests.set(socket, left);
      if (left === 0 && open.has(socket)) idle.add(socket);
    });
  });
}
