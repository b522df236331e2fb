/** Facts that Linux and macOS share. */
import type { Platform, ProposedCommands } from '../model/platform.ts';

export const posix = {
  shell: { isPosix: true, argv: (line) => ['sh', '-c', line] },
  programEndings: [''],
  venvPrograms: 'bin',
  hasProcessGroups: true,
} as const satisfies Partial<Platform>;

/** Proposed commands that Linux and macOS share. */
export const posixCommands = {
  administrator: 'root',
  asAdministrator: (command) => `sudo ${command}`,
  end: (pids, how) => `kill ${how === 'force' ? '-9 ' : ''}${pids.join(' ')}`,
} as const satisfies Partial<ProposedCommands>;
