/** A command line, from its words to its exit code. The same program in every bundle, which differ in the commands they hold. */
import type { Invocation } from '../app/context.ts';
import { type InternalWord, LAUNCHED_WORD, RELOAD_WORD } from '../app/internal-words.ts';
import type { Flags, Parsed } from './context.ts';
import { contextFor, contextIn } from './context-for.ts';
import { helpText } from './parse/help.ts';
import { parse, splitRest } from './parse/parse.ts';
import { guarded } from './run-guarded.ts';
import { RUNNERS } from './runners.ts';
import { done } from './screen/finish.ts';
import { screen } from './screen/screen.ts';

/** Resolves with the exit code. */
export async function main(invocation: Invocation): Promise<number> {
  const [first, ...more] = invocation.argv;
  if (first === LAUNCHED_WORD || first === RELOAD_WORD) return runInternal(first, { ...invocation, argv: more });
  const line = parse(invocation.argv);
  const flags = line.kind === 'parsed' ? line.parsed.flags : outputFlags(invocation.argv);
  const context = contextFor(invocation, flags);
  // What is said without a folder is said all the same.
  const shown = screen(flags, context.ok ? context.value : contextIn('/', invocation));
  switch (line.kind) {
    case 'help':
    case 'version':
      await shown.out.write(line.kind === 'help' ? helpText(line.command, process.stdout.columns) : `${__DEVUP_VERSION__}\n`);
      return done(shown, null);
    case 'failure':
      return done(shown, line.failure);
    case 'parsed':
      return context.ok ? guarded(RUNNERS[line.parsed.command], line.parsed, context.value) : done(shown, context.failure);
  }
}

/** The flags that say how to tell what is wrong with a command line. What stands behind `--` is another program's. */
function outputFlags(argv: readonly string[]): Flags {
  const { before } = splitRest(argv);
  return { json: before.includes('--json'), 'no-color': before.includes('--no-color') };
}

/** The working directory is already the right one, whatever `-C` says. */
async function runInternal(word: InternalWord, invocation: Invocation): Promise<number> {
  const context = contextFor(invocation, {});
  if (!context.ok) throw new Error('the working directory needs no check');
  return guarded(RUNNERS[word], word === RELOAD_WORD ? wordsOnly(invocation.argv) : startOf(invocation.argv), context.value);
}

function wordsOnly(words: readonly string[]): Parsed {
  return { command: '', words, flags: {}, rest: null };
}

function startOf(argv: readonly string[]): Parsed {
  const line = parse(argv);
  if (line.kind !== 'parsed') throw new Error(`not understood by the launched process: ${argv.join(' ')}`);
  return line.parsed;
}
