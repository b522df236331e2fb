/** Exit codes of commands that do not stand for a failure or the end of a session. */
import { constants } from 'node:os';
import type { CommandExit } from '../app/run/terminal-command.ts';
import type { Failure } from '../model/failure.ts';

const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

/** The shell's exit codes for a command that is not found or not executable; undefined for other failures. */
export function shellExitCode({ code }: Failure): number | undefined {
  return code === 'E102' ? NOT_FOUND : code === 'E105' ? NOT_EXECUTABLE : undefined;
}

/** The command's own exit code, or 128 plus the number of the signal that ended it, as in a shell. */
export function exitCodeOfCommand(exit: CommandExit): number {
  switch (exit.by) {
    case 'itself':
      return exit.status;
    case 'signal':
      return 128 + constants.signals[exit.signal];
    case 'nothing':
      return NOT_FOUND;
    default:
      return exit satisfies never;
  }
}

/** Exit code for drift, which is not a failure of the command. */
export const DRIFT = 6;
