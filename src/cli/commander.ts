/**
 * The whole command line, by commander, from the same table as the fast parser: help, and what is wrong with what was
 * typed, with a suggestion. Nothing is run from here.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { Failure } from '../model/failure.ts';
import { suggest } from '../model/suggest.ts';
import type { Parsed } from './context.ts';
import { COMMANDS, type CommandSpec, commandNamed, type FlagSpec, GLOBAL_FLAGS } from './flags.ts';
import { splitRest, withValue } from './parse.ts';
import { wrongValue } from './values.ts';

export type Understood =
  | { readonly kind: 'parsed'; readonly parsed: Parsed }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'version' }
  | { readonly kind: 'failure'; readonly failure: Failure };

type Given = Record<string, string | boolean>;

export function understand(argv: readonly string[]): Understood {
  const flags: Given = {};
  // Commander cannot tell `run web -- npm test` from `run web npm test`.
  const { before, rest } = splitRest(argv);
  let parsed: Parsed = { command: '', words: [], flags, rest: null };
  let printed = '';
  const print = (text: string) => {
    printed += text;
  };
  const program = programWith(flags, print, (command, words) => {
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

/** What `devup --help`, or `devup <name> --help`, prints. */
export function helpText(name: string | null): string {
  const understood = understand(name === null ? ['--help'] : [name, '--help']);
  return understood.kind === 'help' ? understood.text : '';
}

function programWith(
  flags: Given,
  print: (text: string) => void,
  chosen: (command: CommandSpec, words: readonly string[]) => void,
): Command {
  const program = new Command('devup');
  program
    .description('Starts the services of a project on the ports that its config promises.')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: () => undefined })
    .option('--version', 'print the version')
    .on('option:version', () => {
      throw new CommanderError(0, 'commander.version', '');
    })
    .helpOption('-h, --help', 'show this help')
    .addHelpText(
      'before',
      examples([
        ['devup start', 'the whole stack, in the foreground'],
        ['devup start -d', 'the same in the background'],
        ['devup status', 'what runs, and who holds the ports'],
        ['devup kill 8002', 'free a port'],
        ['devup stop', 'stop everything'],
      ]),
    )
    .addHelpText('after', '\n`devup <command> --help` says more of each.');
  addFlags(program, GLOBAL_FLAGS, flags, null);
  for (const spec of COMMANDS) {
    const command = program.command(spec.name).description(spec.summary).helpOption('-h, --help', 'show this help');
    command.copyInheritedSettings(program).addHelpText('before', examples(spec.examples));
    if (spec.words.most > 0) command.argument(argumentOf(spec));
    command.usage(`[options]${spec.words.most > 0 ? ` ${argumentOf(spec)}` : ''}${spec.rest ? ' -- <command…>' : ''}`);
    addFlags(command, spec.flags, flags, null);
    addFlags(
      command,
      GLOBAL_FLAGS.filter(({ long }) => !spec.flags.some((own) => own.long === long)),
      flags,
      'Global options:',
    );
    command.action(() => chosen(spec, command.args));
  }
  return program;
}

function argumentOf({ words: { name, least, most } }: CommandSpec): string {
  const many = most > 1 ? '...' : '';
  return least > 0 ? `<${name}${many}>` : `[${name}${many}]`;
}

function addFlags(command: Command, specs: readonly FlagSpec[], flags: Given, group: string | null): void {
  for (const spec of specs) {
    const value = spec.value ? ` <${spec.value.name}>` : '';
    const option = new Option(`${spec.short ? `-${spec.short}, ` : ''}--${spec.long}${value}`, spec.summary);
    if (group) option.helpGroup(group);
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

/** Examples first: most people look for one to change. */
function examples(lines: readonly (readonly [string, string])[]): string {
  const widest = Math.max(...lines.map(([typed]) => typed.length));
  return `${lines.map(([typed, does]) => `  ${typed.padEnd(widest)}  # ${does}`).join('\n')}\n`;
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
