/**
 * Recognises terminals and interactive shells. The user, not the shell, started the commands that were typed, and freeing a port must not
 * close a terminal, so the climb to a supervisor stops below the shell.
 */
import type { Ancestor } from '../model/port.ts';
import { isWorkedIn } from '../processes/shared-programs.ts';

const SHELLS = /^-?(ba|z|da|k|c|tc|fi)?sh$|^(fish|nu|pwsh)$/;
/** Options that take a value. Editors start the shells of their terminals with one: `bash --init-file …/shellIntegration-bash.sh`. */
const WITH_WORD = /^(--init-file|--rcfile|[-+][oO])$/;
/** Options with a command that the shell runs before it reads the keyboard. The words of that command look like a script's name. */
const BEGIN_WITH = /^(-C|--init-command|--execute|-[nN]o[eE]xit)$/;

export function isShell({ name }: Pick<Ancestor, 'name'>): boolean {
  return SHELLS.test(name);
}

/** False for `sh -c …` and `sh script`, which are programs like any other. */
export function isInteractive(ancestor: Pick<Ancestor, 'name' | 'command'>): boolean {
  return isWorkedIn(ancestor.name) || (isShell(ancestor) && readsTheKeyboard(ancestor.command.split(/\s+/).slice(1)));
}

function readsTheKeyboard([word, ...rest]: readonly string[]): boolean {
  if (word === undefined || word === '') return true;
  if (WITH_WORD.test(word)) return readsTheKeyboard(rest.slice(1));
  if (BEGIN_WITH.test(word)) return true;
  // False for a script, and for `-c`, which may stand among other letters (`-lc`).
  return /^[-+]/.test(word) && !/^-[a-z]*c/.test(word) && readsTheKeyboard(rest);
}
