/** Ports that cause trouble for any program. The sentences are made in `render/words/port-trouble.ts`. */

import { isLoopback } from './address.ts';
import { isBlockedByBrowsers } from './allocation.ts';

/** Ports that the operating system itself uses or reserves. Ranges include both ends. */
export interface PortFacts {
  /** Used for outgoing connections; null if the system does not reveal it. */
  readonly ephemeral: readonly [number, number] | null;
  /** Windows: reserved for Hyper-V and others, and refused to programs. */
  readonly excluded: readonly (readonly [number, number])[];
  /** macOS: its AirPlay Receiver listens there. */
  readonly airPlayPorts: readonly number[];
}

export type PortTrouble =
  /** The port lies in this range of `PortFacts`. */
  | { readonly kind: 'excluded' | 'ephemeral'; readonly range: readonly [number, number] }
  /** The port is below 1024. */
  | { readonly kind: 'privileged' }
  | { readonly kind: 'blocked' }
  | { readonly kind: 'airplay' }
  /** The service listens on these addresses too, which other machines can reach. */
  | { readonly kind: 'reachable'; readonly addresses: readonly string[] };

/** The words for a trouble: why, as a clause, and what to do about it. */
export type DescribeTrouble = (trouble: PortTrouble) => { readonly why: string; readonly fix: string };

export function portTroubles(port: number, { ephemeral, excluded, airPlayPorts }: PortFacts): readonly PortTrouble[] {
  const found: PortTrouble[] = [];
  const setAside = excluded.find((range) => isIn(port, range));
  if (setAside) found.push({ kind: 'excluded', range: setAside });
  if (ephemeral && isIn(port, ephemeral)) found.push({ kind: 'ephemeral', range: ephemeral });
  if (port < 1024) found.push({ kind: 'privileged' });
  if (isBlockedByBrowsers(port)) found.push({ kind: 'blocked' });
  if (airPlayPorts.includes(port)) found.push({ kind: 'airplay' });
  return found;
}

/** The trouble of a service that only this machine should reach, if one of its addresses can be reached from elsewhere; otherwise null. */
export function reachableTrouble(addresses: readonly string[]): PortTrouble | null {
  const open = addresses.filter((address) => !isLoopback(address));
  return open.length === 0 ? null : { kind: 'reachable', addresses: open };
}

function isIn(port: number, [from, to]: readonly [number, number]): boolean {
  return from <= port && port <= to;
}
