/**
 * Probes a port by binding it on four addresses. Fewer are not enough: on Linux, 127.0.0.1 can be bound beside a listener
 * on ::1 or on the address of a network card.
 */
import { createServer } from 'node:net';
import { errnoOf } from '../model/errno.ts';

const addresses = ['127.0.0.1', '::1', '0.0.0.0', '::'];
/** The address family, or its loopback address, does not exist on this machine. */
const missing = ['EAFNOSUPPORT', 'EADDRNOTAVAIL'];

export type Bindable = { readonly free: true } | { readonly free: false; readonly errno: string; readonly address: string };

/** Binds one address after the other, since `::` and 0.0.0.0 exclude each other. Each socket is closed before the promise settles. */
export async function canBind(port: number): Promise<Bindable> {
  for (const address of addresses) {
    const errno = await bindError(address, port);
    if (errno !== null && !missing.includes(errno)) return { free: false, errno, address };
  }
  return { free: true };
}

/**
 * On Linux, a socket of both families conflicts with every holder of the port, on any address. If it can be bound, so can
 * the four addresses; if not, they are probed to learn which one is taken.
 */
export async function canBindBoth(port: number): Promise<Bindable> {
  return (await bindsBoth(port)) ? { free: true } : canBind(port);
}

/** Without a host, Node binds both families, or IPv4 alone if that fails. */
function bindsBoth(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, exclusive: true }, () => {
      const address = server.address();
      const both = typeof address === 'object' && address?.address === '::';
      server.close(() => resolve(both));
    });
  });
}

function bindError(host: string, port: number): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      try {
        resolve(errnoOf(error));
      } catch (unexpected) {
        reject(unexpected);
      }
    });
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}
