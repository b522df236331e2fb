/** One line for what changes no state, and for what happens to ports. Null: nothing worth a line. */
import type { NoticeEvent, PortEvent, RecordFault } from '../../model/event.ts';
import { harmless } from '../text.ts';
import { describeHolder, nameHolders, tilde } from './holder.ts';
import { NOBODY, type Viewer } from './viewer.ts';

export interface Notice {
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
}

export function notice(event: NoticeEvent, viewer: Viewer = NOBODY): Notice | null {
  const { notice: facts, service } = event;
  const of = service === null ? '' : ` of ${service}`;
  switch (facts.kind) {
    case 'leftover-reclaimed':
      return { level: 'warning', text: `ended what an earlier session left behind${of}: ${nameHolders(facts.processes, viewer)}` };
    case 'forced':
      return { level: 'warning', text: `killed${of}, since it did not end in time: ${nameHolders(facts.processes, viewer)}` };
    case 'left-alive':
      return {
        level: 'warning',
        text: `left alive${of}, since it is used by more than this stack: ${nameHolders(facts.processes, viewer)}`,
      };
    case 'dependency-lost':
      return { level: 'warning', text: `${service ?? 'a service'} runs on without ${facts.dependency}, which it needs` };
    case 'log-degraded':
      return {
        level: 'warning',
        text: `the log ${tilde(harmless(facts.file), viewer.home)} cannot be written (${logTrouble(facts.errno)}); the service goes on, its log has a gap`,
      };
    case 'log-restored':
      return { level: 'info', text: `the log ${tilde(harmless(facts.file), viewer.home)} is written again` };
    case 'record-degraded':
      return {
        level: 'warning',
        text: `${tilde(harmless(facts.file), viewer.home)} cannot be written (${logTrouble(facts.errno)}); should devup be killed, the next start may not know what it left`,
      };
    case 'record-ignored':
      return { level: facts.fault === 'other-boot' ? 'info' : 'warning', text: recordIgnored(facts.file, facts.fault, viewer) };
    case 'output-dropped':
      return { level: 'warning', text: dropped(facts.lines, service) };
    case 'stopping':
      return { level: 'info', text: facts.signal === null ? 'stopping' : `${facts.signal}: stopping (again to kill at once)` };
    case 'use-detach':
      return { level: 'info', text: 'a running stack cannot be put to sleep; to have the terminal back, start it with -d' };
    case 'running-as-root':
      return {
        level: 'warning',
        text: `running as root: every service runs as root, too${facts.configOwner === null ? '' : `, and ${harmless(facts.configOwner)}, who owns the config, decides what they do`}`,
      };
    case 'failure':
      return null;
  }
}

const FAULTS: Readonly<Record<RecordFault, string>> = {
  'cut-off': 'it is empty or cut off',
  'no-record': 'it does not say what a record says',
  'other-boot': 'the machine was started anew since',
  'other-user': 'another user wrote it, or may alone read it',
  'no-file': 'a link or a folder is in its place',
};

export function recordIgnored(file: string, fault: RecordFault, viewer: Viewer): string {
  const found = fault === 'other-boot' ? '' : '; what an earlier session left is found by its marks';
  return `${tilde(harmless(file), viewer.home)} is ignored: ${FAULTS[fault]}${found}`;
}

/** `12 lines dropped`. */
export function dropped(lines: number, service: string | null): string {
  return `${lines} ${lines === 1 ? 'line' : 'lines'}${service === null ? '' : ` of ${service}`} dropped: this reader is slower than the output (all of it is in the log)`;
}

export function portNotice(event: PortEvent, viewer: Viewer = NOBODY): Notice | null {
  const [only] = event.holders;
  const who =
    event.holders.length === 1 && only
      ? describeHolder(only, viewer)
      : event.holders.length === 0
        ? 'somebody who cannot be seen'
        : nameHolders(event.holders, viewer);
  switch (event.action) {
    case 'freeing':
      return { level: 'warning', text: `${event.port} ${event.service}  held by ${who}; freeing it` };
    case 'freed':
      return { level: 'info', text: `${event.port} ${event.service}  is free now` };
    case 'adopted':
      return { level: 'info', text: `${event.port} ${event.service}  already served by ${who}; it is used as it is` };
    case 'listens-elsewhere':
      return { level: 'warning', text: `${event.service} listens on ${event.ports.join(' and ')}, not ${event.port}` };
    case 'foreign':
      return { level: 'error', text: `${event.port} ${event.service}  is held by somebody else: ${who}` };
    case 'lost':
      return { level: 'warning', text: `${event.service} runs but no longer listens on ${event.port}` };
  }
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
