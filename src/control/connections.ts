/**
 * At most so many connections at once. Whoever comes when all places are taken gets the place of the one that has been
 * silent longest, so that connections which say nothing keep nobody out; a request under way keeps its place.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export function limitConnections(server: Server, most: number): void {
  const open = new Set<Socket>();
  /** Without a request under way, the longest first. */
  const silent = new Set<Socket>();
  const requests = new Map<Socket, number>();
  const forget = (socket: Socket) => {
    open.delete(socket);
    silent.delete(socket);
    requests.delete(socket);
  };
  server.on('connection', (socket) => {
    socket.once('close', () => forget(socket));
    if (open.size >= most) {
      const [longest = socket] = silent;
      forget(longest);
      longest.destroy();
      if (longest === socket) return;
    }
    open.add(socket);
    silent.add(socket);
  });
  server.on('request', ({ socket }, response) => {
    silent.delete(socket);
    requests.set(socket, (requests.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const left = (requests.get(socket) ?? 0) - 1;
      requests.set(socket, left);
      if (left === 0 && open.has(socket)) silent.add(socket);
    });
  });
}
