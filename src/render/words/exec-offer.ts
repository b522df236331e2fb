/** The line that offers `devup exec` to somebody whose `devup run` failed in the wrong folder. */
import { harmless } from '../../model/harmless.ts';
import { shellWord } from '../../model/shell-word.ts';

export function execOffered({ service, found }: { readonly service: string; readonly found: string }, command: readonly string[]): string {
  const typed = command.map((word) => shellWord(harmless(word))).join(' ');
  return `${harmless(found)} is in the folder of ${service}, not here. There:  devup exec ${service} -- ${typed}\n`;
}
