/** What readiness or health still waits for. */
import type { Unmet } from '../../model/failure.ts';
import { harmless } from '../text.ts';
import { nameHolders } from './holder.ts';
import type { Viewer } from './viewer.ts';

/** `does not listen on 8000`: a clause that follows the service. */
export function unmetClause(unmet: Unmet, viewer: Viewer): string {
  switch (unmet.kind) {
    case 'port':
      return unmet.holders.length > 0
        ? `${unmet.port} is held by ${nameHolders(unmet.holders, viewer)}`
        : `does not listen on ${unmet.port}`;
    case 'http':
      return `${harmless(unmet.url)} gave ${harmless(unmet.got)}`;
    case 'log':
      return `nothing it printed matches ${harmless(unmet.pattern)}`;
    case 'command':
      return `\`${harmless(unmet.command)}\` gave ${harmless(unmet.got)}`;
    case 'exit':
      return 'it has not ended yet';
  }
}

/** All of it, with the process that runs: `it runs (pid 5210) but listens on 8001, not 8000`. */
export function unmetReason(o: {
  readonly pid: number | null;
  readonly unmet: readonly Unmet[];
  readonly listensOn: readonly number[];
  readonly viewer: Viewer;
}): string | null {
  const runs = o.pid === null ? 'it runs' : `it runs (pid ${o.pid})`;
  const silent = o.unmet.flatMap((unmet) => (unmet.kind === 'port' && unmet.holders.length === 0 ? [unmet.port] : []));
  const rest = o.unmet.filter((unmet) => unmet.kind !== 'port' || unmet.holders.length > 0).map((unmet) => unmetClause(unmet, o.viewer));
  if (silent.length > 0) {
    const ports = silent.join(' and ');
    rest.unshift(
      o.listensOn.length > 0
        ? `${runs} but listens on ${o.listensOn.join(' and ')}, not ${ports}`
        : `${runs} but does not listen on ${ports}`,
    );
  } else if (rest.length > 0 && o.pid !== null) {
    rest[0] = `${runs} but ${rest[0] as string}`;
  }
  return rest.length === 0 ? null : rest.join('; ');
}

/** A deadline as people say it: `60 s`, not `1m`. */
export function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Number((ms / 1000).toFixed(1))} s`;
}
