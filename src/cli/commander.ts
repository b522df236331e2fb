/**
 * The whole command line, by commander, from the same table as the fast parser: what is asked for, and what is wrong with
 * what was typed, with a suggestion. Nothing is run from here.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { Failure } from '../model/failure.ts';
import { suggest } from '../model/suggest.ts';
import type { Parsed } from './context.ts';
import { COMMANDS, commandNamed, GLOBAL_FLAGS } from './flags.ts';
import { helpText, usageWords } from './help.ts';
import { splitRest, withValue } from './parse.ts';
import type { CommandSpec, FlagSpec } from './specs/spec.ts';
import { wrongValue } from './values.ts';

export type Understood =
  | { readonly kind: 'parsed'; readonly parsed: Parsed }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'version' }
  | { readonly kind: 'failure'; readonly failure: Failure };

type Given = Record<string, string | boolean>;

/** `columns`: of the terminal that help is laid out for. */
export function understand(argv: readonly string[], columns?: number): Understood {
  const flags: Given = {};
  // Commander cannot tell `run web -- npm test` from `run web npm test`.
  const { before, rest } = splitRest(argv);
  let parsed: Parsed = { command: '', words: [], flags, rest: null };
  let printed = '';
  const print = (text: string) => {
    printed += text;
  };
  const program = programWith(flags, print, columns, (command, words) => {
    parsed = { command: command.name, words, flags, rest: command.rest ? rest : null };
  });
  try {
    program.parse([...before], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.version') return { kind: 'version' };
    // Nothing but global flags: commander shows its help as an error then.
    if (error.code === 'commander.help' && error.exitCode === 1) return { kind: 'parsed', parsed };
    if (error.code === 'commander.helpDisplayed' || error.code === 'commander.help') return { kind: 'help', text: printed };
    return { kind: 'failure', failure: usageFailure(error, argv) };
  }
  return { kind: 'parsed', parsed };
}

function programWith(
  flags: Given,
  print: (text: string) => void,
  columns: number | undefined,
  chosen: (command: CommandSpec, words: readonly string[]) => void,
): Command {
  const program = new Command('devup');
  program
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: () => undefined })
    .option('--version', 'print the version')
    .on('option:version', () => {
      throw new CommanderError(0, 'commander.version', '');
    })
    .helpOption('-h, --help');
  program.helpInformation = () => helpText(null, columns);
  addFlags(program, GLOBAL_FLAGS, flags);
  for (const spec of COMMANDS) {
    const command = program.command(spec.name).helpOption('-h, --help');
    command.copyInheritedSettings(program).helpInformation = () => helpText(spec.name, columns);
    if (spec.words.most > 0) command.argument(usageWords(spec).trim());
    addFlags(command, [...spec.flags, ...GLOBAL_FLAGS.filter(({ long }) => !spec.flags.some((own) => own.long === long))], flags);
    command.action(() => chosen(spec, command.args));
  }
  return program;
}

function addFlags(command: Command, specs: readonly FlagSpec[], flags: Given): void {
  for (const spec of specs) {
    const value = spec.value ? ` <${spec.value.name}>` : '';
    const option = new Option(`${spec.short ? `-${spec.short}, ` : ''}--${spec.long}${value}`, spec.summary);
    const { kind } = spec.value ?? {};
    if (kind) {
      option.argParser((text) => {
        const wrong = wrongValue(kind, text);
        if (wrong !== null) throw new InvalidArgumentError(wrong);
        flags[spec.long] = withValue(spec, flags[spec.long], text);
        return text;
      });
    }
    command.addOption(option);
    if (!kind) {
      command.on(`option:${option.name()}`, () => {
        flags[spec.long] = true;
      });
    }
  }
}

/** Commander's message without its `error:`, and its suggestion; or ours, for words of other tools. */
function usageFailure(error: CommanderError, argv: readonly string[]): Failure {
  const [first = '', ...more] = error.message.replace(/^error: /, '').split('\n');
  const meant = /\(Did you mean (?:one of )?([^,?]+)/.exec(more.join('\n'))?.[1] ?? null;
  const message = inOurWords(first.replace(/\.$/, ''));
  const command = argv.map(commandNamed).find((spec) => spec !== null)?.name;
  const unknown = /^unknown command '(.*)'$/.exec(first)?.[1];
  if (unknown !== undefined) {
    const known = COMMANDS.find(({ elsewhere }) => elsewhere.includes(unknown))?.name ?? meant;
    return { code: 'E001', kind: 'usage', message, suggestion: known === null ? null : `devup ${known}` };
  }
  return { code: 'E001', kind: 'usage', message, suggestion: meant ?? dashesForgotten(error, argv), ...(command && { command }) };
}

/** `option '--timeout <duration>' argument 'soon' is invalid. it must be …` → `--timeout cannot be 'soon': it must be …`. */
function inOurWords(message: string): string {
  return message
    .replace(
      /^option '(?:-\w, )?(--[\w-]+).*?' argument ('.*') is invalid\. /s,
      (_, flag: string, value: string) => `${flag} cannot be ${value}: `,
    )
    .replace(/^option '(?:-\w, )?(--[\w-]+) (<.*>)' argument missing$/, '$1 needs its $2')
    .replace(/^missing required argument '(.*)'$/, 'the <$1> is missing');
}

/** `devup exec web ls`: the command line belongs behind `--`. */
function dashesForgotten(error: CommanderError, argv: readonly string[]): string | null {
  const name = argv.find((arg) => commandNamed(arg) !== null);
  const command = name === undefined ? null : commandNamed(name);
  if (error.code === 'commander.unknownOption') {
    const flag = /'(.+)'/.exec(error.message)?.[1] ?? '';
    const known = [...(command?.flags ?? []), ...GLOBAL_FLAGS].map(({ long }) => `--${long}`);
    return suggest(flag, known);
  }
  if (error.code !== 'commander.excessArguments' || !command?.rest) return null;
  const words = argv.slice(argv.indexOf(command.name) + 1);
  return `devup ${command.name} ${words.slice(0, command.words.most).join(' ')} -- ${words.slice(command.words.most).join(' ')}`;
}
