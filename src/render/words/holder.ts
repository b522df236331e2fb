/** A holder in one line: `python3 (pid 4121, you, 3h12m)  ~/old/medcor  manage.py runserver`. */
import { formatDuration } from '../../model/duration.ts';
import { harmless } from '../../model/harmless.ts';
import type { Holder } from '../../model/port.ts';
import { maskSecrets } from '../../model/secrets.ts';
import { cut } from '../text.ts';
import { containerWords } from './container.ts';
import { NO_VIEWER, type Viewer } from './viewer.ts';

const COMMAND_CELLS = 80;

export function describeHolder(holder: Holder, viewer: Viewer = NO_VIEWER): string {
  const where = holder.published
    ? containerWords(holder.published)
    : holder.container !== null
      ? `container ${harmless(holder.container)}`
      : holder.cwd === null
        ? ''
        : tilde(harmless(holder.cwd), viewer.home);
  return [nameHolder(holder, viewer), where, commandLine(holder, viewer)].filter((part) => part !== '').join('  ');
}

/** A holder without folder and command line: `python3 (pid 4121, you, 3h12m)`. */
export function nameHolder(holder: Holder, viewer: Viewer = NO_VIEWER): string {
  const facts = [`pid ${holder.pid}`];
  const user = userOf(holder, viewer);
  if (user !== null) facts.push(user);
  if (holder.published) facts.push(`container ${harmless(holder.published.name)}`);
  if (holder.startedAtMs !== null && viewer.nowMs !== null) facts.push(formatDuration(Math.max(0, viewer.nowMs - holder.startedAtMs)));
  return `${programName(holder)} (${facts.join(', ')})`;
}

export function nameHolders(holders: readonly Holder[], viewer: Viewer = NO_VIEWER): string {
  const shown = holders.slice(0, 3).map((holder) => nameHolder(holder, viewer));
  return holders.length > shown.length ? `${shown.join(', ')} and ${holders.length - shown.length} more` : shown.join(', ');
}

export function tilde(path: string, home: string | null): string {
  if (home === null || home === '' || home === '/') return path;
  return path === home ? '~' : path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

function programName(holder: Holder): string {
  const name = harmless(holder.name);
  return name === '' ? 'a process' : name;
}

function userOf(holder: Holder, viewer: Viewer): string | null {
  if (holder.uid !== null && holder.uid === viewer.uid) return 'you';
  if (holder.user !== null) return harmless(holder.user);
  return holder.uid === null ? null : `uid ${holder.uid}`;
}

/** The command line, without the program if the process is named after it. */
function commandLine(holder: Holder, viewer: Viewer): string {
  const program = (holder.argv[0] ?? '').split('/').pop() ?? '';
  const shown = program !== '' && program.startsWith(holder.name) ? holder.argv.slice(1).join(' ') : holder.command;
  return cut(maskSecrets(harmless(shown), viewer.secrets), COMMAND_CELLS);
}
