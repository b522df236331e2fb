/** Facts that Linux and macOS share. */
import { homedir } from 'node:os';
import path from 'node:path';
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

/** `$XDG_CACHE_HOME`, or `inHome` in the home directory. */
export function cachesIn(env: Readonly<Record<string, string | undefined>>, ...inHome: readonly string[]): string {
  const base = env['XDG_CACHE_HOME'];
  return base && path.isAbsolute(base) ? base : path.join(env['HOME'] || homedir(), ...inHome);
}
