/** One line for each notice and port event; null for those that are not shown. */
import { formatDuration } from '../../model/duration.ts';
import type { NoticeEvent, PortEvent, RecordFault } from '../../model/event.ts';
import type { LostGrace } from '../../model/graces.ts';
import { harmless } from '../../model/harmless.ts';
import { maskSecrets } from '../../model/secrets.ts';
import { containerWords } from './container.ts';
import { TIE_WORDS } from './daemons.ts';
import { describeHolder, nameHolder, nameHolders, tilde } from './holder.ts';
import { takeOverWords } from './other-stack.ts';
import { keepsRestarting } from './readiness.ts';
import { NO_VIEWER, type Viewer } from './viewer.ts';

export interface Notice {
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
}

const FORCED_WORDS: Readonly<Record<LostGrace, string>> = {
  over: ' that did not end in time',
  cut: ', whose time to end was cut short',
  none: ' that stayed behind',
};

export function notice(event: NoticeEvent, viewer: Viewer = NO_VIEWER): Notice | null {
  const { notice: facts, service } = event;
  const of = service === null ? '' : ` of ${service}`;
  switch (facts.kind) {
    case 'leftover-reclaimed':
      return {
        level: 'warning',
        text: `ended leftovers${of} from an earlier session: ${[...(facts.processes.length > 0 ? [nameHolders(facts.processes, viewer)] : []), ...(facts.containers ?? []).map(containerWords)].join(', ')}`,
      };
    case 'forced':
      return { level: 'warning', text: `killed processes${of}${FORCED_WORDS[facts.grace]}: ${nameHolders(facts.processes, viewer)}` };
    case 'left-alive':
      return {
        level: 'warning',
        text: `left processes${of} running, since not only this stack uses them: ${nameHolders(facts.processes, viewer)}`,
      };
    case 'still-starting':
      return {
        level: 'info',
        text: `${service} is still starting after ${formatDuration(facts.afterMs)}: ${lastLine(facts.lastLine, viewer)}`,
      };
    case 'keeps-restarting':
      return { level: 'warning', text: `${service} ${keepsRestarting(facts, viewer)}` };
    case 'daemon-left':
      return { level: 'warning', text: `left what may be a daemon${of} running: ${nameHolders(facts.processes, viewer)}` };
    case 'daemon-adopted':
      return {
        level: 'info',
        text: `${service ?? 'a service'} goes on as a daemon, ${nameHolder(facts.process, viewer)} on ${facts.port}: ${TIE_WORDS[facts.tie]}`,
      };
    case 'taking-over':
      return { level: 'warning', text: `stopping ${takeOverWords(facts, viewer)}: ${service ?? 'a service'} needs its port` };
    case 'taken-over':
      return {
        level: 'warning',
        text:
          facts.services.length === 0
            ? `nothing had to be stopped for ${service ?? 'a service'}`
            : `stopped ${takeOverWords(facts, viewer)}`,
      };
    case 'dependency-lost':
      return { level: 'warning', text: `${service ?? 'a service'} keeps running without ${facts.dependency}, which it needs` };
    case 'log-degraded':
      return {
        level: 'warning',
        text: `the log ${tilde(harmless(facts.file), viewer.home)} cannot be written (${logTrouble(facts.errno)}); the service keeps running, but its log has a gap`,
      };
    case 'log-restored':
      return { level: 'info', text: `the log ${tilde(harmless(facts.file), viewer.home)} can be written again` };
    case 'record-degraded':
      return {
        level: 'warning',
        text: `${tilde(harmless(facts.file), viewer.home)} cannot be written (${logTrouble(facts.errno)}); if devup is killed, the next start may miss leftovers`,
      };
    case 'record-ignored':
      return { level: facts.fault === 'other-boot' ? 'info' : 'warning', text: recordIgnored(facts.file, facts.fault, viewer) };
    case 'output-dropped':
      return { level: 'warning', text: dropped(facts.lines, service) };
    case 'stopping':
      return { level: 'info', text: facts.signal === null ? 'stopping' : `${facts.signal}: stopping (repeat to kill at once)` };
    case 'use-detach':
      return { level: 'info', text: 'a running stack cannot be suspended; to keep your terminal, start it with -d' };
    case 'running-as-root':
      return {
        level: 'warning',
        text: `running as root: every service runs as root${facts.configOwner === null ? '' : `, and ${harmless(facts.configOwner)}, who owns the config, decides what they do`}`,
      };
    case 'failure':
      return null;
  }
}

/** `waiting for web, db to end (2 s)` */
export function stillStopping(services: readonly string[], sinceMs: number): Notice {
  return { level: 'info', text: `waiting for ${services.map(harmless).join(', ')} to end (${formatDuration(sinceMs)})` };
}

/** The service's last line of output. */
export function lastLine(line: string | null, viewer: Viewer): string {
  return line === null ? 'it has printed nothing' : maskSecrets(harmless(line.trim()), viewer.secrets);
}

const FAULTS: Readonly<Record<RecordFault, string>> = {
  'cut-off': 'it is empty or cut off',
  'no-record': 'it is not a record of a session',
  'other-boot': 'the machine has restarted since',
  'other-user': 'it belongs to another user, or only another user may read it',
  'no-file': 'a link or a folder is in its place',
};

export function recordIgnored(file: string, fault: RecordFault, viewer: Viewer): string {
  const found = fault === 'other-boot' ? '' : '; leftovers of an earlier session are found by their markers';
  return `${tilde(harmless(file), viewer.home)} is ignored: ${FAULTS[fault]}${found}`;
}

/** `12 lines dropped`. */
export function dropped(lines: number, service: string | null): string {
  return `${lines} ${lines === 1 ? 'line' : 'lines'}${service === null ? '' : ` of ${service}`} dropped: this reader is slower than the output (all of it is in the log)`;
}

export function portNotice(event: PortEvent, viewer: Viewer = NO_VIEWER): Notice | null {
  const [only] = event.holders;
  const who =
    event.holders.length === 1 && only
      ? describeHolder(only, viewer)
      : event.holders.length === 0
        ? 'a process that cannot be seen'
        : nameHolders(event.holders, viewer);
  switch (event.action) {
    case 'freeing':
      return { level: 'warning', text: `${event.port} ${event.service}  held by ${who}; freeing it` };
    case 'freed':
      return { level: 'info', text: `${event.port} ${event.service}  is free now` };
    case 'adopted':
      return { level: 'info', text: `${event.port} ${event.service}  already served by ${who}; devup uses it as it is` };
    case 'listens-elsewhere':
      return { level: 'warning', text: `${event.service} ${listensElsewhere(event)}` };
    case 'foreign':
      return { level: 'error', text: `${event.port} ${event.service}  is held by ${who}, not by ${event.service}` };
    case 'lost':
      return { level: 'warning', text: `${event.service} runs but no longer listens on ${event.port}` };
    case 'stuck':
      return { level: 'warning', text: `${event.service} listens on ${event.port} but accepts no connections` };
  }
}

/** A clause that follows the service's name. */
export function listensElsewhere({ port, ports }: PortEvent): string {
  return `listens on ${ports.join(' and ')}, not ${port}`;
}

function logTrouble(errno: string): string {
  const known: Readonly<Record<string, string>> = {
    ENOSPC: 'the disk is full',
    EDQUOT: 'your quota is used up',
    EACCES: 'no permission',
    EROFS: 'read-only file system',
    ELOOP: 'a symbolic link is in its place',
    EISDIR: 'a folder is in its place',
    ENOBUFS: 'the disk is slower than the output',
  };
  return known[errno] ?? errno;
}
