/** Failures of a command line (E001), with a suggestion of what was probably meant. */
import type { Failure } from '../../model/failure.ts';
import { editDistance, suggest } from '../../model/suggest.ts';
import { COMMANDS, commandNamed, GLOBAL_FLAGS } from '../specs/command-table.ts';
import type { CommandSpec, FlagSpec } from '../specs/spec.ts';

export function unknownCommand(name: string): Failure {
  const fromElsewhere = COMMANDS.find(({ otherNames }) => otherNames.includes(name))?.name;
  const known = fromElsewhere ?? similar(name, ['help', ...COMMANDS.map((command) => command.name)]);
  return { code: 'E001', kind: 'usage', message: `unknown command '${name}'`, suggestion: known === null ? null : `devup ${known}` };
}

/** `command`: null for a flag before the command's name. */
export function unknownFlag(flag: string, command: CommandSpec | null, argv: readonly string[]): Failure {
  const meant = command ?? commandIn(argv);
  const own = [...(command?.flags ?? []), ...GLOBAL_FLAGS].map(({ long }) => long);
  const near = flag.startsWith('--') ? similar(flag.slice(2), [...own, 'help', ...(command ? [] : ['version'])]) : null;
  const any = [...(meant?.flags ?? []), ...GLOBAL_FLAGS].map(({ long }) => `--${long}`);
  return usage(`unknown option '${flag}'`, near === null ? suggest(flag, any) : `--${near}`, meant);
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

/** Suggests `--` for a command line such as `devup exec web ls`. */
export function tooManyWords(command: CommandSpec, count: number, argv: readonly string[]): Failure {
  const { most } = command.words;
  const message = `too many arguments for '${command.name}'. Expected ${most} argument${most === 1 ? '' : 's'} but got ${count}`;
  if (!command.rest) return usage(message, null, command);
  const words = argv.slice(argv.indexOf(command.name) + 1);
  return usage(message, `devup ${command.name} ${words.slice(0, most).join(' ')} -- ${words.slice(most).join(' ')}`, command);
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
