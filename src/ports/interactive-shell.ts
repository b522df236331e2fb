/**
 * People's own programs: a terminal, and the shell in it. Whatever somebody types into a shell is not the shell's doing, and
 * nobody's terminal is closed for a port: the climb to a supervisor stops below it.
 */
import type { Ancestor } from '../model/port.ts';
import { isWorkedIn } from '../processes/shared-programs.ts';

const SHELLS = /^-?(ba|z|da|k|c|tc|fi)?sh$|^(fish|nu|pwsh)$/;
/** With a word that belongs to them. Editors start the shells of their terminals so: `bash --init-file …/shellIntegration-bash.sh`. */
const WITH_WORD = /^(--init-file|--rcfile|[-+][oO])$/;
/** Commands to begin with, after which the shell reads the keyboard; their words cannot be told from a script's. */
const BEGIN_WITH = /^(-C|--init-command|--execute|-[nN]o[eE]xit)$/;

export function isShell({ name }: Pick<Ancestor, 'name'>): boolean {
  return SHELLS.test(name);
}

/** `sh -c …` and `sh script` are programs like any other. */
export function isInteractive(ancestor: Pick<Ancestor, 'name' | 'command'>): boolean {
  return isWorkedIn(ancestor.name) || (isShell(ancestor) && readsTheKeyboard(ancestor.command.split(/\s+/).slice(1)));
}

function readsTheKeyboard([word, ...rest]: readonly string[]): boolean {
  if (word === undefined || word === '') return true;
  if (WITH_WORD.test(word)) return readsTheKeyboard(rest.slice(1));
  if (BEGIN_WITH.test(word)) return true;
  // A script, or `-c`, also as one of several letters.
  return /^[-+]/.test(word) && !/^-[a-z]*c/.test(word) && readsTheKeyboard(rest);
}
