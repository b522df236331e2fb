/** The addresses in a text, as targets of connections. */
import type { PortReference } from '../../model/drift.ts';
import type { Places } from '../places.ts';
import { addressesIn, isLocal, lineAround } from './scan.ts';

export interface TargetContext {
  readonly places: Places;
  /** The ports of a host, if the file declares them (compose, Kubernetes). */
  readonly portsOf?: (host: string) => readonly number[] | undefined;
  /** Other host names may lead to something in between (a Service's port in front of the container's). */
  readonly looseHosts?: boolean;
}

/** `from`: the text's offset in its file. */
export function targetsIn(text: string, from: number, { places, portsOf, looseHosts }: TargetContext): readonly PortReference[] {
  return addressesIn(text).map(({ host, port, from: start, to }) => {
    const named = !isLocal(host);
    const allowed = named ? portsOf?.(host) : undefined;
    const loose = named && looseHosts === true && !allowed;
    return {
      kind: 'port',
      use: 'target',
      place: places(from + start, from + to),
      port,
      host,
      names: named ? [host] : [],
      text: lineAround(text, start),
      ...(allowed ? { allowed } : {}),
      ...(loose ? { loose: true } : {}),
    };
  });
}
