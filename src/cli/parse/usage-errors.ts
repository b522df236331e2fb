/** Failures of a command line (E001), with a suggestion of what was probably meant. */
import type { Failure } from '../../model/failure.ts';
import { shellWord } from '../../model/shell-word.ts';
import { editDistance, suggest } from '../../model/suggest.ts';
import { aliasesOf, COMMANDS, commandNamed, GLOBAL_FLAGS } from '../specs/command-table.ts';
import type { CommandSpec, FlagSpec } from '../specs/spec.ts';

/** `words`: what follows the name on the command line. */
export function unknownCommand(name: string, words: readonly string[]): Failure {
  const line = name === 'version' ? '--version' : (lineOfOtherTool(name, words) ?? lineOfSimilar(name, words));
  return { code: 'E001', kind: 'usage', message: `unknown command '${name}'`, suggestion: line === null ? null : `devup ${line}` };
}

function lineOfOtherTool(name: string, words: readonly string[]): string | null {
  for (const command of COMMANDS) {
    const meant = command.otherNames.find((other) => (typeof other === 'string' ? other : other[0]) === name);
    if (meant !== undefined) return [lineOf(command, words), ...(typeof meant === 'string' ? [] : [meant[1]])].join(' ');
  }
  return null;
}

function lineOfSimilar(name: string, words: readonly string[]): string | null {
  const known = similar(name, ['help', ...COMMANDS.flatMap((command) => [command.name, ...aliasesOf(command)])]);
  const command = known === null ? null : commandNamed(known);
  return command ? lineOf(command, words) : known;
}

/** The command with the words as typed, unless it takes fewer. */
function lineOf(command: CommandSpec, words: readonly string[]): string {
  return [command.name, ...(words.length > command.words.most && !command.rest ? [] : words.map(shellWord))].join(' ');
}

/** `command`: null for a flag before the command's name. */
export function unknownFlag(flag: string, command: CommandSpec | null, argv: readonly string[]): Failure {
  const meant = command ?? commandIn(argv);
  const own = [...(command?.flags ?? []), ...GLOBAL_FLAGS].flatMap(namesOf);
  const near = flag.startsWith('--') ? similar(flag.slice(2), [...own, 'help', ...(command ? [] : ['version'])]) : null;
  const any = [...(meant?.flags ?? []), ...GLOBAL_FLAGS].flatMap(namesOf).map((name) => `--${name}`);
  return usage(`unknown option '${flag}'`, near === null ? suggest(flag, any) : `--${near}`, meant);
}

function namesOf({ long, alias }: FlagSpec): readonly string[] {
  return alias === undefined ? [long] : [long, alias];
}

export function missingValue(flag: FlagSpec, argv: readonly string[]): Failure {
  return usage(`--${flag.long} needs its <${flag.value?.name}>`, null, commandIn(argv));
}

/** `wrong`: a sentence on what the value must be. */
export function valueRefused(flag: FlagSpec, text: string, wrong: string, argv: readonly string[]): Failure {
  return usage(`--${flag.long} cannot be '${text}': ${wrong}`, null, commandIn(argv));
}

export function missingWords(command: CommandSpec): Failure {
  return usage(`the <${command.words.name}> is missing`, null, command);
}

export function tooManyWords(command: CommandSpec, count: number): Failure {
  const { most } = command.words;
  const message = `too many arguments for '${command.name}'. Expected ${most} argument${most === 1 ? '' : 's'} but got ${count}`;
  return usage(message, null, command);
}

function usage(message: string, suggestion: string | null, command: CommandSpec | null): Failure {
  return { code: 'E001', kind: 'usage', message, suggestion, ...(command && { command: command.name }) };
}

function commandIn(argv: readonly string[]): CommandSpec | null {
  return argv.map(commandNamed).find((command) => command !== null) ?? null;
}

/** The most similar word: at most three letters differ, and less than 60 %. The limit is generous, since a suggestion is never run. */
function similar(word: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let least = 3;
  for (const candidate of known.toSorted()) {
    const differing = editDistance(word, candidate);
    const isNearer = best === null ? differing <= least : differing < least;
    if (!isNearer || differing >= Math.max(word.length, candidate.length) * 0.6) continue;
    best = candidate;
    least = differing;
  }
  return best;
}
