/** The table of `devup status`, with links and problems below it. */
import { formatDuration } from '../model/duration.ts';
import { harmless } from '../model/harmless.ts';
import { maskSecrets } from '../model/secrets.ts';
import { countsAsReady } from '../model/service-state.ts';
import type { PortHolder, ServiceSnapshot, Snapshot } from '../model/session.ts';
import { STATE_STYLES } from './state.ts';
import { painter } from './style.ts';
import { table } from './table.ts';
import { nameHolder, tilde } from './words/holder.ts';
import { stackFolder } from './words/other-stack.ts';
import { NO_VIEWER, type Viewer } from './words/viewer.ts';
import { formatFailure, words } from './words.ts';

const NONE = '-';

export interface StatusTableOptions {
  readonly colour: boolean;
  readonly viewer?: Viewer;
  /** The session does not answer, so that only the ports are known. */
  readonly isSilent?: boolean;
}

export function statusTable(snapshot: Snapshot, o: StatusTableOptions): string {
  const viewer = o.viewer ?? NO_VIEWER;
  const paint = painter(o.colour);
  const rows = snapshot.services.map((service) => {
    const look =
      service.verdict === 'foreign' || service.verdict === 'unidentified'
        ? { ...STATE_STYLES[service.state], colour: 'red' as const }
        : STATE_STYLES[service.state];
    return [
      harmless(service.name),
      service.port === null ? NONE : String(service.port),
      o.isSilent
        ? '? unknown'
        : paint(look.colour, `${look.glyph} ${look.word}${service.stale ? ' (stale)' : ''}${service.flapping ? ' (flapping)' : ''}`),
      pidOf(service),
      owner(service, viewer),
      service.uptimeMs === null ? NONE : formatDuration(service.uptimeMs),
      service.cpuPercent === null ? NONE : `${Math.round(service.cpuPercent)}%`,
      service.memoryBytes === null ? NONE : formatBytes(service.memoryBytes),
    ];
  });
  const columns = ['SERVICE', 'PORT', 'STATE', 'PID', 'OWNER', 'UP', 'CPU', 'MEM'].map((title) => ({
    title,
    right: title === 'CPU' || title === 'MEM',
  }));
  const top = o.isSilent ? `${harmless(snapshot.stack)}  does not answer\n` : header(snapshot, viewer);
  return `${top}${table(columns, rows)}${marks(snapshot.services)}${links(snapshot, viewer)}${problems(snapshot, viewer, o.colour)}`;
}

/** Rounded for reading: `96M`, `1.2G`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'K', 'M', 'G', 'T'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 10 && unit > 2 ? value.toFixed(1) : Math.round(value)}${units[unit]}`;
}

function header(snapshot: Snapshot, viewer: Viewer): string {
  const { session } = snapshot;
  if (!session) return `${harmless(snapshot.stack)}  not running\n`;
  const since = viewer.nowMs === null ? '' : `, ${formatDuration(Math.max(0, viewer.nowMs - session.startedAtMs))}`;
  return `${harmless(snapshot.stack)}  running (pid ${session.pid}${since})\n`;
}

/** The pid of the service's own process, or else of its port's holder. */
function pidOf(service: ServiceSnapshot): string {
  return String(service.pid ?? service.holders[0]?.pid ?? NONE);
}

function owner(service: ServiceSnapshot, viewer: Viewer): string {
  // The holder that decided the verdict.
  const holder = service.holders.find(({ verdict }) => verdict === service.verdict) ?? service.holders[0];
  const text = ownerOf(service, holder, viewer);
  return holder === undefined || holder.port === service.port || service.verdict === 'ours' ? text : `${text} on ${holder.port}`;
}

function ownerOf(service: ServiceSnapshot, holder: PortHolder | undefined, viewer: Viewer): string {
  if (service.state === 'debugging' && (service.verdict === 'free' || service.verdict === 'ours')) return 'devup debug';
  switch (service.verdict) {
    case 'free':
      return service.pid === null ? NONE : 'devup';
    case 'ours':
      return holder?.container ? `devup (container ${harmless(holder.container)})` : 'devup';
    case 'leftover':
      return holder?.container ? `devup (leftover container ${harmless(holder.container)})` : 'devup (leftover)';
    case 'sibling':
      return holder?.stack ? `${harmless(holder.stack.service)} (of this stack)` : 'another service';
    case 'other':
      return holder?.stack ? `${harmless(holder.stack.service)} (${otherStack(holder, viewer)})` : 'another stack';
    case 'external':
      return holder ? `${harmless(holder.name)} (external)` : 'external';
    case 'foreign':
      return holder ? `FOREIGN ${nameHolder(holder, viewer)}` : 'FOREIGN';
    case 'unidentified':
      return 'UNKNOWN';
  }
}

/** The folder of the other stack, which tells two checkouts apart. */
function otherStack({ otherConfig }: PortHolder, viewer: Viewer): string {
  return otherConfig === undefined ? 'other stack' : tilde(stackFolder(otherConfig), viewer.home);
}

/** Explains the words in brackets that stand behind a state. */
function marks(services: readonly ServiceSnapshot[]): string {
  const names = (marked: (service: ServiceSnapshot) => boolean) => services.filter(marked).map(({ name }) => harmless(name));
  const stale = names((service) => service.stale);
  const flapping = names((service) => service.flapping);
  const lines = [
    ...(stale.length > 0 ? [`(stale)     runs with an earlier config; apply the changes:  devup restart ${stale.join(' ')}`] : []),
    ...(flapping.length > 0 ? [`(flapping)  has become ready and failed again and again:  devup logs ${flapping.join(' ')}`] : []),
  ];
  return lines.length === 0 ? '' : `\n${lines.join('\n')}\n`;
}

/** Links of services that are up; the links of other services would lead nowhere. */
function links(snapshot: Snapshot, viewer: Viewer): string {
  const rows = snapshot.services
    .filter(({ state }) => countsAsReady(state))
    .flatMap(({ name, links }) => Object.entries(links).map(([title, url]) => [name, title, url] as const))
    .map(([name, title, url], i, all) => [
      name === all[i - 1]?.[0] ? '' : harmless(name),
      harmless(title),
      maskSecrets(harmless(url), viewer.secrets),
    ]);
  return rows.length === 0 ? '' : `\n${table([{ title: 'LINKS' }, { title: '' }, { title: '' }], rows)}`;
}

function problems(snapshot: Snapshot, viewer: Viewer, colour: boolean): string {
  const paint = painter(colour);
  const lines = snapshot.services.flatMap((service) => {
    if (!service.problem) return [];
    const { code, what, why, fix } = words(service.problem, viewer);
    return [`${paint('yellow', '!')} ${code} ${what}${why === null ? '' : `: ${why}`}${fix === null ? '' : `\n  fix  ${fix}`}`];
  });
  const config = snapshot.configProblem ? formatFailure(snapshot.configProblem, { viewer, colour }) : '';
  return `${lines.length > 0 ? `\n${lines.join('\n')}\n` : ''}${config === '' ? '' : `\n${config}`}`;
}
