/** The programs of the list in `shared-programs.ts` that a service's command itself runs, and which are therefore the service. */
import type { Command } from '../model/service.ts';
import { exactProgramKind, type ProgramKind } from './shared-programs.ts';

/** Programs that run the program in their arguments. */
const RUNNERS = new Set(
  'exec env nohup setsid nice ionice time stdbuf unbuffer command xvfb-run dbus-run-session dumb-init tini npx bunx pnpx pnpm yarn npm bun dlx run uv uvx pipx poetry pdm hatch conda mamba micromamba mise direnv dotenv dotenvx foreman sudo doas timeout watch entr nodemon'.split(
    ' ',
  ),
);
const SHELL = /^(ba|z|da|k|fi)?sh$/;

/** Only words in the place of a program count: in `vite --open firefox`, the browser is opened. */
export function declaredKinds(command: Command | null): ReadonlySet<ProgramKind> {
  if (command === null) return new Set();
  const found = new Set<ProgramKind>();
  if (command.kind === 'line') addFromLine(command.line, found);
  else addFromWords(command.argv, found);
  return found;
}

function addFromLine(line: string, found: Set<ProgramKind>): void {
  for (const part of line.split(/[;&|()\n`]+/)) addFromWords(part.trim().split(/\s+/), found);
}

function addFromWords(words: readonly string[], found: Set<ProgramKind>): void {
  for (const [index, word] of words.entries()) {
    const plain = word.replace(/^["']+|["']+$/g, '');
    if (plain === '' || plain.startsWith('-') || /^[A-Za-z_]\w*=/.test(plain)) continue;
    const name = plain.replace(/^.*[\\/]/, '');
    const kind = exactProgramKind(name);
    if (kind !== null) found.add(kind);
    // The words of `sh -c '…'` are a line of their own; an unquoted line has them as separate words.
    else if (SHELL.test(name))
      addFromLine(
        words
          .slice(index + 1)
          .join(' ')
          .replace(/["']/g, ' '),
        found,
      );
    else if (RUNNERS.has(name)) continue;
    return;
  }
}
