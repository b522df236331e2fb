/** The port that the next service of a range gets, according to the config alone: the port may be held on this machine. */
import type { PortRange } from './port-range.ts';
import type { Stack } from './service.ts';

/** Why a new service does not get a port. */
export type UnusablePort =
  | { readonly kind: 'declared'; readonly by: string }
  | { readonly kind: 'outside'; readonly category: string; readonly range: PortRange }
  | { readonly kind: 'other-range'; readonly category: string; readonly range: PortRange }
  | { readonly kind: 'no-range'; readonly category: string | null; readonly known: readonly string[]; readonly suggestion: string | null }
  | { readonly kind: 'full'; readonly category: string; readonly range: PortRange };

/** The service that declares the port, main or not; null if none does. */
export function declarerOf(port: number, { services }: Pick<Stack, 'services'>): string | null {
  return services.find(({ ports }) => ports.some((one) => one.port === port))?.name ?? null;
}

/** The lowest port that no service declares and that browsers open; null if there is none. */
export function nextUndeclaredPort({ from, to }: PortRange, stack: Pick<Stack, 'services'>): number | null {
  const taken = new Set(stack.services.flatMap(({ ports }) => ports.map(({ port }) => port)));
  for (let port = from; port <= to; port++) if (!taken.has(port) && !isBlockedByBrowsers(port)) return port;
  return null;
}

export function isBlockedByBrowsers(port: number): boolean {
  return BLOCKED.has(port);
}

/** The bad ports of the Fetch standard (https://fetch.spec.whatwg.org/#port-blocking). */
const BLOCKED = new Set([
  1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115, 117,
  119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636,
  989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);
