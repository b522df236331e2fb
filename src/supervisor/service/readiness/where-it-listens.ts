/**
 * Adds the addresses on which a service listens to a test that asked another address: the wrong port, `127.0.0.1` for a server on `::1`, or
 * the address of a network.
 */

import type { ListenSocket } from '../../../machine/machine.ts';
import { formatHostPort, type HostPort, receives, targetOf } from '../../../model/address.ts';
import type { Unmet } from '../../../model/unmet.ts';

/** Whether a kind asks an address. */
const ASKS = {
  port: false,
  container: false,
  http: true,
  tcp: true,
  log: false,
  command: false,
  exit: false,
} as const satisfies { readonly [K in Unmet['kind']]: boolean };
type AskingKind = { [K in Unmet['kind']]: (typeof ASKS)[K] extends true ? K : never }[Unmet['kind']];
type Asked = Extract<Unmet, { kind: AskingKind }>;

/** Errors of a connection that was not accepted, although the service may listen at another address. */
const NOT_CONNECTED = /^(ECONNREFUSED|EADDRNOTAVAIL|EHOSTUNREACH|ENETUNREACH|EAFNOSUPPORT)$/;

export function isAsked(unmet: Unmet): unmet is Asked {
  return ASKS[unmet.kind];
}

/** Returns the test unchanged if it reached a listener of the service, or if the service has none. */
export function addListeners(unmet: Asked, sockets: readonly ListenSocket[]): Asked {
  const target = unmet.kind === 'http' ? targetOf(unmet.url) : unmet;
  const listensAt: readonly HostPort[] = sockets.map(({ address, port }) => ({ host: address, port }));
  const isReached = target === null || (!NOT_CONNECTED.test(unmet.got) && listensAt.some((one) => receives(one, target)));
  return isReached || listensAt.length === 0 ? unmet : { ...unmet, listensAt: inOrder(listensAt) };
}

/** Each address once: workers may listen on the same one with sockets of their own. */
function inOrder(addresses: readonly HostPort[]): readonly HostPort[] {
  const byText = new Map(addresses.map((one) => [formatHostPort(one), one]));
  return [...byText.values()].sort((a, b) => a.port - b.port || a.host.localeCompare(b.host));
}
