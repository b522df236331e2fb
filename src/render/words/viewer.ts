import type { ProposedCommands } from '../../model/platform.ts';

/** The reader, whom paths, users and ages are shown relative to. */
export interface Viewer {
  /** Shown as `~`; null: paths are not shortened. */
  readonly home: string | null;
  /** Shown as `you`. */
  readonly uid: number | null;
  /** Wall clock in milliseconds since 1970; null: ages are not shown. */
  readonly nowMs: number | null;
  /** The commands of the reader's system; null: only commands of POSIX are proposed. */
  readonly commands: ProposedCommands | null;
  /** Masked everywhere; see `Secrets`. */
  readonly secrets?: Iterable<string>;
}

export const NO_VIEWER: Viewer = { home: null, uid: null, nowMs: null, commands: null };

/** The command as an administrator would type it; in the form of POSIX if the system is not known. */
export function asAdministrator(command: string, { commands }: Viewer): string {
  return commands?.asAdministrator(command) ?? `sudo ${command}`;
}

export function endCommand(pids: readonly (number | string)[], how: 'ask' | 'force', { commands }: Viewer): string {
  return commands?.end(pids, how) ?? `kill ${how === 'force' ? '-9 ' : ''}${pids.join(' ')}`;
}

/** The text of a failure. */
export interface Words {
  /** The failure in a few words, without a full stop. */
  readonly what: string;
  readonly why: string | null;
  /** The command to type or the change to make. */
  readonly fix: string | null;
  /** Lines below the failure: a config's problems, refused ports, a service's last output. */
  readonly details?: readonly string[];
}
