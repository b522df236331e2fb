/** The text of `--help`, made from the table of commands. Examples come first, because most people look for a command line to adapt. */
import { aliasesOf, COMMANDS, commandNamed, GLOBAL_FLAGS } from '../specs/command-table.ts';
import type { CommandSpec, FlagSpec } from '../specs/spec.ts';

const DESCRIPTION = 'Starts the services of a project on the ports that its config promises.';
const EXAMPLES: CommandSpec['examples'] = [
  ['devup start', 'the whole stack, in the foreground'],
  ['devup start -d', 'the same in the background'],
  ['devup status', 'what runs, and who holds the ports'],
  ['devup kill 8002', 'free a port'],
  ['devup stop', 'stop everything'],
];
const VERSION: FlagSpec = { long: 'version', summary: 'print the version' };
const HELP: FlagSpec = { long: 'help', short: 'h', summary: 'show this help' };

/** Width of the help in a pipe or a file. */
const DEFAULT_COLUMNS = 80;
/** Text is not wrapped to fewer columns. */
const MIN_COLUMNS = 40;

/** The help, if the command line only asks for help on devup or one command; null if the parser must read it. */
export function helpAsked(argv: readonly string[], columns?: number): string | null {
  const [name, flag] = argv.length === 1 ? [null, argv[0]] : [argv[0] ?? '', argv[1]];
  if (argv.length > 2 || (flag !== '--help' && flag !== '-h') || (name !== null && !commandNamed(name))) return null;
  return helpText(name, columns);
}

/** The help of `devup --help` or `devup <name> --help`. */
export function helpText(name: string | null, columns: number = DEFAULT_COLUMNS): string {
  const command = name === null ? null : commandNamed(name);
  return command ? commandHelp(command, columns) : wholeHelp(columns);
}

function wholeHelp(columns: number): string {
  const commands: Item[] = COMMANDS.map((spec) => [`${spec.name} [options]${usageWords(spec)}`, spec.summary]);
  const groups: HelpPage['groups'] = [
    ['Options', [VERSION, ...GLOBAL_FLAGS, HELP].map(itemOf)],
    ['Commands', [...commands, ['help [command]', 'show the help of a command']]],
  ];
  return pageText({ examples: EXAMPLES, usage: 'devup [options] [command]', description: DESCRIPTION, groups }, columns).concat(
    '\n`devup <command> --help` says more about a command.\n',
  );
}

function commandHelp(spec: CommandSpec, columns: number): string {
  const aliases = aliasesOf(spec).map((alias) => `devup ${alias}`);
  const description = `${spec.summary}${aliases.length > 0 ? ` (also: ${aliases.join(', ')})` : ''}`;
  const global = GLOBAL_FLAGS.filter(({ long }) => !spec.flags.some((own) => own.long === long));
  const groups: HelpPage['groups'] = [
    ['Options', [...spec.flags, HELP].map(itemOf)],
    ['Global options', global.map(itemOf)],
  ];
  return pageText({ examples: spec.examples, usage: `devup ${spec.name} ${usageOf(spec)}`, description, groups }, columns);
}

const REST: Readonly<Record<string, string>> = { false: '', true: ' -- <command…>', optional: ' [-- <command…>]' };

function usageOf(spec: CommandSpec): string {
  return `[options]${usageWords(spec)}${REST[String(spec.rest)]}`;
}

/** ` <port...>`, ` [service]`; '' for a command without words. */
function usageWords({ words: { name, least, most } }: CommandSpec): string {
  const many = most > 1 ? '...' : '';
  return most === 0 ? '' : least > 0 ? ` <${name}${many}>` : ` [${name}${many}]`;
}

type Item = readonly [term: string, text: string];

function itemOf({ long, short, value, summary }: FlagSpec): Item {
  return [`${short ? `-${short}, ` : ''}--${long}${value ? ` <${value.name}>` : ''}`, summary];
}

interface HelpPage {
  readonly examples: CommandSpec['examples'];
  readonly usage: string;
  readonly description: string;
  readonly groups: readonly (readonly [heading: string, items: readonly Item[]])[];
}

function pageText({ examples, usage, description, groups }: HelpPage, columns: number): string {
  const widestExample = Math.max(...examples.map(([typed]) => typed.length));
  const widest = Math.max(...groups.flatMap(([, items]) => items.map(([term]) => term.length)));
  const parts = [
    examples.map(([typed, does]) => `  ${typed.padEnd(widestExample)}  # ${does}`),
    [`Usage: ${usage}`],
    wrap(description, columns),
    ...groups.map(([heading, items]) => [`${heading}:`, ...items.flatMap((item) => itemLines(item, widest, columns))]),
  ];
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function itemLines([term, text]: Item, widest: number, columns: number): readonly string[] {
  const [first = '', ...more] = wrap(text, columns - widest - 4);
  return [`  ${term.padEnd(widest)}  ${first}`, ...more.map((line) => ' '.repeat(widest + 4) + line)];
}

function wrap(text: string, columns: number): readonly string[] {
  if (columns < MIN_COLUMNS) return [text];
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= columns) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
