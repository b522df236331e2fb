/** E1xx: services that fail during or after their start. */
import type { ContainerNames } from '../../model/container-names.ts';
import type { DebuggedService } from '../../model/debugger.ts';
import { formatDuration } from '../../model/duration.ts';
import type { FailureOf } from '../../model/failure.ts';
import { harmless } from '../../model/harmless.ts';
import type { Install } from '../../model/install.ts';
import { shellWord } from '../../model/shell-word.ts';
import { containerWords, stopContainerCommand } from './container.ts';
import { foregroundAdvice, leftReason } from './daemons.ts';
import { nameHolder, nameHolders, tilde } from './holder.ts';
import { portStateWords } from './ports.ts';
import { keepsRestarting, seconds, unmetClause, unmetReason } from './readiness.ts';
import { asAdministrator, endCommand, type Viewer, type Words } from './viewer.ts';

export function serviceExited(f: FailureOf<'E101'>, viewer: Viewer): Words {
  const byItself = f.exitCode === 0 && !f.beforeReady;
  const [container] = f.containers ?? [];
  const what = `${f.service} ${exitWords(f)}${f.beforeReady ? ' before it was ready' : ''}`;
  if (f.left) {
    const [why, fix] = [leftReason(f.left, f.service, viewer), foregroundAdvice(f.left, f.service)];
    return { what, why, fix, details: lastLines(f.lastLines) };
  }
  return {
    what,
    why: byItself
      ? 'it ended by itself'
      : f.exitCode === 127
        ? 'a program in its command line was not found'
        : (firstError(f) ?? whatItPrinted(f.lastLines)),
    fix: container
      ? `its command left the ${containerWords(container)} in the background, which was stopped: start it without -d, so that the command stays while the container runs`
      : byItself
        ? `devup logs ${f.service}  then  devup start ${f.service}`
        : f.install
          ? `${installCommand(f.install, viewer)}  then  devup start ${f.service}`
          : `devup logs ${f.service}`,
    details: lastLines(f.lastLines),
  };
}

function installCommand({ command, folder }: Install, { home }: Viewer): string {
  const shown = tilde(harmless(folder), home);
  // A shell expands `~` only outside quotes.
  return `cd ${shellWord(shown) === shown ? shown : shellWord(harmless(folder))} && ${command}`;
}

/** A shell, like most programs that run another program, exits with 128 + n when signal n has ended that program. */
function exitWords({ signal, exitCode }: FailureOf<'E101'>): string {
  if (signal !== null) return `was ended by ${signal}`;
  if (exitCode === null) return 'ended; its exit code is not known, since it ran in the background';
  const below = SIGNALS[exitCode - 128];
  return `exited with code ${exitCode}${below === undefined ? '' : ` (${below} ended a process of it)`}`;
}

const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  6: 'SIGABRT',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  15: 'SIGTERM',
};

export function commandNotFound(f: FailureOf<'E102'>, viewer: Viewer): Words {
  const path = [...new Set(f.path)].map((folder) => tilde(harmless(folder), viewer.home));
  const place = f.service === null ? 'the command after --' : `\`command\` of ${f.service} in the config`;
  const correct = `install this program, or correct ${place}`;
  return {
    what: `${cannotStart(f.service)}${harmless(f.command)} was not found`,
    why: path.length === 0 ? 'PATH is empty' : `it is in none of the ${path.length} folders searched`,
    fix: f.install
      ? `${installCommand(f.install, viewer)}  if it comes with the packages of ${f.service ?? 'this folder'}; otherwise ${correct}`
      : correct,
    details: path,
  };
}

/** A command after `--` belongs to no service. */
function cannotStart(service: string | null): string {
  return service === null ? '' : `${service} cannot start: `;
}

export function cwdMissing(f: FailureOf<'E103'>, viewer: Viewer): Words {
  return {
    what: `${f.service} cannot start: its folder is missing`,
    why: `${tilde(harmless(f.cwd), viewer.home)} does not exist or is not a folder`,
    fix: `create it, or correct \`cwd\` of ${f.service} in the config`,
  };
}

export function notReady(f: FailureOf<'E104'>, viewer: Viewer): Words {
  const port = f.unmet.find((unmet) => unmet.kind === 'port');
  const published = f.unmet.flatMap((unmet) => (unmet.kind === 'port' ? unmet.holders : [])).find((one) => one.published)?.published;
  const moved = port !== undefined && port.holders.length === 0 && f.listensOn.length > 0;
  return {
    what: `${f.service} did not become ready in ${seconds(f.timeoutMs)}`,
    why: joined(
      unmetReason({ pid: f.pid, unmet: f.unmet, listensOn: f.listensOn, viewer }),
      f.replaced ? `it ${keepsRestarting(f.replaced, viewer)}` : null,
      firstError(f),
    ),
    fix: moved
      ? `make it listen on ${port.port} (its environment has PORT=${port.port}; use \${port} in its command), or change the port of ${f.service} in the config`
      : published
        ? `if the ${containerWords(published)} is ${f.service}, say so in its config: ${listenerAdvice(published)}`
        : `devup logs ${f.service}  or, if it only needs more time, raise ready.timeout of ${f.service}`,
    details: lastLines(f.lastLines),
  };
}

function listenerAdvice(container: ContainerNames): string {
  return `listener: { container: '${harmless(container.name)}' }, stop: { command: '${stopContainerCommand(container)}' }`;
}

export function spawnFailed(f: FailureOf<'E105'>): Words {
  const permission = f.errno === 'EACCES' || f.errno === 'EPERM';
  const full = f.errno === 'EAGAIN' || f.errno === 'ENOMEM' || f.errno === 'EMFILE' || f.errno === 'ENFILE';
  return {
    what: `${cannotStart(f.service)}${harmless(f.command)} could not be run`,
    // Node's own message ends with the code.
    why: f.message.includes(f.errno) ? harmless(f.message) : `${f.errno}: ${harmless(f.message)}`,
    fix: permission
      ? `make it executable: chmod +x ${shellWord(harmless(f.command))}`
      : f.errno === 'EMFILE'
        ? 'raise the limit of open files: ulimit -n 4096, or start fewer services'
        : full
          ? 'the system is out of processes, files or memory: see ulimit -a, and close what you do not need'
          : f.service === null
            ? 'correct the command after --'
            : `correct \`command\` of ${f.service} in the config`,
  };
}

export function dependencyFailed(f: FailureOf<'E106'>): Words {
  const word = { ready: 'ready', started: 'started', completed: 'completed' }[f.condition];
  return {
    what: `${f.service} was not started`,
    why: `${f.service} waits until ${f.dependency} is ${word}, but ${f.dependency} has ended`,
    fix: `devup logs ${f.dependency}  then  devup start ${f.service}`,
  };
}

export function portLost(f: FailureOf<'E107'>): Words {
  const runs = f.pid === null ? 'its process runs' : `it runs (pid ${f.pid})`;
  return {
    what: `${f.service} runs but no longer listens on ${f.port}`,
    why:
      f.listensOn.length > 0
        ? `${runs} but listens on ${f.listensOn.join(' and ')}, not ${f.port}`
        : `${runs} without a listener, perhaps after a crash or a reload that failed`,
    fix: `devup logs ${f.service}  then  devup restart ${f.service}  (it is ready again by itself once it listens)`,
  };
}

export function portForeign(f: FailureOf<'E108'>, viewer: Viewer): Words {
  const published = f.holders.find((one) => one.published)?.published;
  return {
    what: `${f.port}, the port of ${f.service}, is held by another process`,
    why: f.holders.length > 0 ? nameHolders(f.holders, viewer) : 'its holder cannot be seen',
    fix: `devup kill ${f.port}  then  devup restart ${f.service}${published ? `  or, if the container is ${f.service}: ${listenerAdvice(published)}` : ''}`,
  };
}

export function portStuck(f: FailureOf<'E117'>): Words {
  const runs = f.pid === null ? 'its process runs' : `it runs (pid ${f.pid})`;
  return {
    what: `${f.service} listens on ${f.port} but accepts no connections (an error after a reload, a breakpoint, or one long request)`,
    why: `${runs}; clients have waited for seconds, and none was accepted`,
    fix: `devup logs ${f.service}  (it is ready again by itself once it accepts)`,
  };
}

export function healthFailed(f: FailureOf<'E109'>, viewer: Viewer): Words {
  return {
    what: `${f.service} failed its health check ${f.retries} ${f.retries === 1 ? 'time' : 'times in a row'}`,
    why: unmetClause(f.unmet, viewer),
    fix: `devup logs ${f.service}  or  devup restart ${f.service}`,
  };
}

export function survivors(f: FailureOf<'E110'>, viewer: Viewer): Words {
  const held = f.ports.filter((state) => state.kind !== 'free');
  const force = endCommand(
    f.survivors.map((holder) => holder.pid),
    'force',
    viewer,
  );
  return {
    what: `${f.service} did not stop completely`,
    why:
      f.survivors.length > 0
        ? `still alive: ${f.survivors.map((holder) => nameHolder(holder, viewer)).join(', ')}`
        : `still held: ${held.map((state) => state.port).join(', ')}`,
    fix: f.survivors.length > 0 ? asAdministrator(force, viewer) : held.map((state) => `devup kill ${state.port}`).join('  '),
    details: [
      ...f.survivors.map((holder) => `${nameHolder(holder, viewer)}  ${harmless(holder.command)}`),
      ...held.map((state) => portStateWords(state, viewer)),
    ],
  };
}

export function startCancelled(f: FailureOf<'E115'>): Words {
  return {
    what: 'the start was cancelled',
    why: `by ${f.by === null ? 'its launcher, which is gone' : harmless(f.by)}`,
    fix: 'devup start',
  };
}

export function externalNotReady(f: FailureOf<'E111'>, viewer: Viewer): Words {
  return {
    what: `${f.service}, which runs outside devup, was not ready in ${seconds(f.timeoutMs)}`,
    why:
      unmetReason({ pid: null, unmet: f.unmet, listensOn: [], viewer })?.replace(/^it runs but does not listen/, 'nothing listens') ?? null,
    fix: `start ${f.service} yourself (it has no \`command\` in the config), then  devup start`,
  };
}

export function restartsExhausted(f: FailureOf<'E112'>, last: Words): Words {
  return {
    what: `${f.service} failed ${f.max === 0 ? 'at once' : `after ${f.max} restarts in a row`}`,
    why: last.why === null || last.why === LAST_LINES_FOLLOW ? last.what : `${last.what}: ${last.why}`,
    fix: `devup logs ${f.service}  then  devup start ${f.service}`,
    ...(last.details ? { details: last.details } : {}),
  };
}

export function stopCommandFailed(f: FailureOf<'E113'>): Words {
  if (f.ofEngine)
    return {
      what: `a container of ${f.service} may still run`,
      why: `\`${harmless(f.command)}\` failed: ${harmless(f.got)}`,
      fix: `when the engine answers again, type  ${harmless(f.command)}`,
    };
  return {
    what: `the stop command of ${f.service} failed`,
    why: `\`${harmless(f.command)}\` failed: ${harmless(f.got)}`,
    fix: `correct \`stop.command\` of ${f.service} in the config; the remaining processes were ended with signals`,
  };
}

export function startTimeout(f: FailureOf<'E114'>, problems: readonly Words[]): Words {
  const known = problems.length > 0 ? `: ${problems.map(({ what }) => what).join('; ')}` : '';
  return {
    what: `the stack was not ready in ${seconds(f.timeoutMs)}`,
    why: f.waitingFor.length > 0 ? `still waiting for ${f.waitingFor.join(', ')}${known}` : null,
    fix: `raise --timeout, or see  devup logs ${f.waitingFor[0] ?? ''}`.trimEnd(),
  };
}

export function beingDebugged(f: FailureOf<'E118'>, viewer: Viewer): Words {
  const { waiting, kept } = f;
  const needs = (names: readonly string[], then: string) =>
    names.length === 0 ? '' : `; ${names.join(', ')} ${names.length === 1 ? 'needs' : 'need'} it${then}`;
  const others = `${needs(waiting, '')}${needs(kept, kept.length === 1 ? ', so it was not restarted' : ', so they were not restarted')}`;
  const [first] = f.services;
  const end = `end the command on its terminal${first ? `, or  ${endCommand([first.pid], 'ask', viewer)}` : ''}`;
  return {
    what: `${f.services.map((one) => nameDebugged(one, viewer)).join(' and ')}${f.services.length === 1 ? ' is' : ' are'} being debugged on another terminal`,
    why: `devup leaves a debugged service alone${others}`,
    fix: waiting.length === 0 ? end : `${end}  or, without it,  devup start --no-deps ${waiting.join(' ')}`,
  };
}

/** `api (devup debug, pid 4121, 3m12s)` */
export function nameDebugged({ service, pid, sinceMs }: DebuggedService, { nowMs }: Viewer): string {
  const age = nowMs === null ? '' : `, ${formatDuration(Math.max(0, nowMs - sinceMs))}`;
  return `${service} (devup debug, pid ${pid}${age})`;
}

export const LAST_LINES_FOLLOW = 'see its last lines';

function whatItPrinted(lines: readonly string[]): string {
  return lines.length === 0 ? 'it printed nothing' : LAST_LINES_FOLLOW;
}

function firstError({ firstError }: { readonly firstError?: string }): string | null {
  return firstError === undefined ? null : `first error: ${harmless(firstError)}`;
}

function joined(...clauses: readonly (string | null)[]): string | null {
  const said = clauses.filter((clause) => clause !== null);
  return said.length === 0 ? null : said.join('; ');
}

function lastLines(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `│ ${harmless(line.replaceAll('\t', '    '))}`);
}
