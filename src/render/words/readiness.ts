/** Describes which tests of readiness or health are not yet met. */
import { formatHostPort, type HostPort } from '../../model/address.ts';
import type { ContainerProblem } from '../../model/container.ts';
import { formatDuration } from '../../model/duration.ts';
import { harmless } from '../../model/harmless.ts';
import { maskSecrets } from '../../model/secrets.ts';
import type { Replaced, Unmet } from '../../model/unmet.ts';
import { cut } from '../text.ts';
import { nameHolders } from './holder.ts';
import type { Viewer } from './viewer.ts';

/** A clause that follows the service's name, such as `does not listen on 8000`. */
export function unmetClause(unmet: Unmet, viewer: Viewer): string {
  switch (unmet.kind) {
    case 'port':
      return unmet.holders.length > 0
        ? `${unmet.port} is held by ${nameHolders(unmet.holders, viewer)}`
        : `does not listen on ${unmet.port}`;
    case 'container':
      return containerClause(unmet.container, unmet.port, unmet.problem, viewer);
    case 'http':
      return `${harmless(unmet.url)} failed: ${harmless(unmet.got)}${butListens(unmet.listensAt)}`;
    case 'tcp':
      return `nothing accepts connections on ${formatHostPort(unmet)} (${harmless(unmet.got)})${butListens(unmet.listensAt)}`;
    case 'log':
      return unmet.endless
        ? `${harmless(unmet.pattern)} takes too long for a line that it printed: write it without repetitions of repetitions`
        : `nothing it printed matches ${harmless(unmet.pattern)}`;
    case 'command':
      return `\`${harmless(unmet.command)}\` failed: ${harmless(unmet.got)}`;
    case 'exit':
      return 'it has not ended yet';
  }
}

/** `; it listens on [::1]:8000`. */
function butListens(addresses: readonly HostPort[] = []): string {
  return addresses.length === 0 ? '' : `; it listens on ${addresses.map((one) => harmless(formatHostPort(one))).join(' and ')}`;
}

/** `the container db publishes 5433, not 5432`. */
function containerClause(name: string, port: number, problem: ContainerProblem, viewer: Viewer): string {
  const container = `the container ${harmless(name)}`;
  switch (problem.kind) {
    case 'no-engine':
      return `devup cannot tell whether ${container} holds ${port}: none of ${problem.engines.join(', ')} is installed`;
    case 'unknown':
      return problem.asked
        .map(({ engine, said }) => (said === null ? `${engine} has no container ${harmless(name)}` : `${engine} said: ${harmless(said)}`))
        .join('; ');
    case 'not-running':
      return `${container} is not running (${problem.engine}: ${harmless(problem.status)})`;
    case 'publishes-other':
      return problem.ports.length === 0
        ? `${container} publishes no port, not even ${port}`
        : `${container} publishes ${problem.ports.join(' and ')}, not ${port}`;
    case 'nobody':
      return problem.hostNetwork
        ? `no process in ${container} listens on ${port}`
        : `${problem.engine} says that ${container} publishes ${port}, but nothing listens there`;
    case 'stranger':
      return `${port} is held by ${nameHolders(problem.holders, viewer)}, not by ${container}`;
    case 'unseen':
      return `devup cannot see which process holds ${port} for ${container}`;
  }
}

/** All unmet tests with the process: `it runs (pid 5210) but listens on 8001, not 8000`. */
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

/** A deadline in seconds: `60 s`, not `1m`. */
export function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Number((ms / 1000).toFixed(1))} s`;
}

const COMMAND_CELLS = 100;

/** A clause that follows the service's name. */
export function keepsRestarting(replaced: Replaced, viewer: Viewer): string {
  return `${keepsRestartingShort(replaced)}: ${cut(maskSecrets(harmless(replaced.command), viewer.secrets), COMMAND_CELLS)}`;
}

/** Without the command, for a line that also shows what the service printed. */
export function keepsRestartingShort({ times, withinMs }: Replaced): string {
  return `keeps starting a process that ends (at least ${times} times in ${formatDuration(withinMs)})`;
}
