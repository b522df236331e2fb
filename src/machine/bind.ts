/**
 * Is a port free? Asked by binding it, on all four addresses that matter: on Linux a listener on ::1 or on a network
 * card's address lets 127.0.0.1 be bound, so that fewer probes would call a port free although it has a listener.
 */
import { createServer } from 'node:net';
import { errnoOf } from '../model/errno.ts';

const addresses = ['127.0.0.1', '::1', '0.0.0.0', '::'];
/** The family, or its loopback address, does not exist here. */
const missing = ['EAFNOSUPPORT', 'EADDRNOTAVAIL'];

export type Bindable = { readonly free: true } | { readonly free: false; readonly errno: string; readonly address: string };

/** One address after the other (`::` and 0.0.0.0 exclude each other); each is closed again before the promise settles. */
export async function canBind(port: number): Promise<Bindable> {
  for (const address of addresses) {
    const errno = await bindError(address, port);
    if (errno !== null && !missing.includes(errno)) return { free: false, errno, address };
  }
  return { free: true };
}

/**
 * Linux: a socket of both families collides with every holder of the port, on any address, so where it can be bound, the
 * other four can. Where not, they say what is in the way.
 */
export async function canBindBoth(port: number): Promise<Bindable> {
  return (await bindsBoth(port)) ? { free: true } : canBind(port);
}

/** Without a host Node binds both families, or IPv4 alone where that fails. */
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
