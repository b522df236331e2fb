/** Runs a command line and resolves with its exit code. Every bundle contains this program, with different commands. */
import type { Invocation } from '../app/context.ts';
import { type InternalWord, LAUNCHED_WORD, RELOAD_WORD } from '../app/internal-words.ts';
import type { Flags, Parsed } from './context.ts';
import { contextFor, contextIn } from './context-for.ts';
import { helpText } from './parse/help.ts';
import { parse, splitRest } from './parse/parse.ts';
import { runReportingBugs } from './run-reporting-bugs.ts';
import { RUNNERS } from './runners.ts';
import { finish } from './screen/finish.ts';
import { screen } from './screen/screen.ts';
import { ignoreHangUps } from './signals.ts';

/** Resolves with the exit code. */
export async function main(invocation: Invocation): Promise<number> {
  const [first, ...more] = invocation.argv;
  if (first === LAUNCHED_WORD || first === RELOAD_WORD) return runInternal(first, { ...invocation, argv: more });
  const line = parse(invocation.argv);
  const flags = line.kind === 'parsed' ? line.parsed.flags : outputFlags(invocation.argv);
  const context = contextFor(invocation, flags);
  if (context.ok && context.value.survivesHangUp) ignoreHangUps();
  // Help and usage errors are printed even without a working directory.
  const shown = screen(flags, context.ok ? context.value : contextIn('/', invocation));
  switch (line.kind) {
    case 'help':
    case 'version':
      await shown.out.write(line.kind === 'help' ? helpText(line.command, process.stdout.columns) : `${__DEVUP_VERSION__}\n`);
      return finish(shown, null);
    case 'failure':
      return finish(shown, line.failure);
    case 'parsed':
      return context.ok ? runReportingBugs(RUNNERS[line.parsed.command], line.parsed, context.value) : finish(shown, context.failure);
  }
}

/** The output flags of a command line that could not be parsed. Words after `--` belong to another program. */
function outputFlags(argv: readonly string[]): Flags {
  const { before } = splitRest(argv);
  return { json: before.includes('--json'), 'no-color': before.includes('--no-color') };
}

/** The launcher has already applied `-C`: the working directory is right. */
async function runInternal(word: InternalWord, invocation: Invocation): Promise<number> {
  const context = contextFor(invocation, {});
  if (!context.ok) throw new Error('the working directory needs no check');
  if (context.value.survivesHangUp) ignoreHangUps();
  return runReportingBugs(RUNNERS[word], word === RELOAD_WORD ? wordsOnly(invocation.argv) : startOf(invocation.argv), context.value);
}

function wordsOnly(words: readonly string[]): Parsed {
  return { command: '', words, flags: {}, rest: null };
}

function startOf(argv: readonly string[]): Parsed {
  const line = parse(argv);
  if (line.kind !== 'parsed') throw new Error(`not understood by the launched process: ${argv.join(' ')}`);
  return line.parsed;
}
