/** A command line → a command, a request for help or the version, or a failure (E001). Runs nothing. */
import type { Failure } from '../../model/failure.ts';
import type { Flags, Parsed } from '../context.ts';
import { commandNamed, GLOBAL_FLAGS } from '../specs/command-table.ts';
import type { CommandSpec, FlagSpec } from '../specs/spec.ts';
import { missingValue, missingWords, tooManyWords, unknownCommand, unknownFlag, valueRefused } from './usage-errors.ts';
import { wrongValue } from './values.ts';

type WritableFlags = { -readonly [Name in keyof Flags]: Flags[Name] };

export type CommandLine =
  | { readonly kind: 'parsed'; readonly parsed: Parsed }
  /** `command`: the name of a command, or null for the help of devup. */
  | { readonly kind: 'help'; readonly command: string | null }
  | { readonly kind: 'version' }
  | { readonly kind: 'failure'; readonly failure: Failure };

export function parse(argv: readonly string[]): CommandLine {
  const { before, rest } = splitRest(argv);
  const flags: WritableFlags = {};
  const reader = new Reader(before, argv, flags);
  const [name, ...others] = reader.read(null);
  if (reader.outcome) return reader.outcome;
  if (name === 'help') return help(reader.left[0]);
  const command = commandNamed(name ?? '');
  const words = command ? reader.read(command) : [];
  const program = reader.left.length > 0 ? [...reader.left, ...(rest ? ['--', ...rest] : [])] : rest;
  if (reader.outcome) return reader.outcome;
  if (reader.asksHelp) return { kind: 'help', command: command?.name ?? null };
  if (name !== undefined && !command) return failed(unknownCommand(name, others));
  if (reader.unknown !== null) return failed(unknownFlag(reader.unknown, command, argv));
  if (!command) return { kind: 'parsed', parsed: { command: '', words, flags, rest: null } };
  if (words.length < command.words.least) return failed(missingWords(command));
  if (words.length > command.words.most) return failed(tooManyWords(command, words.length));
  return { kind: 'parsed', parsed: { command: command.name, words, flags, rest: program } };
}

/** Splits off the words after the first `--` of a command that runs another program. The program may begin before it. */
export function splitRest(argv: readonly string[]): { readonly before: readonly string[]; readonly rest: readonly string[] | null } {
  const reader = new Reader(argv, argv, {});
  const [name = ''] = reader.read(null);
  const at = reader.literal || !commandNamed(name)?.rest ? -1 : argv.indexOf('--', argv.length - reader.left.length);
  return at === -1 ? { before: argv, rest: null } : { before: argv.slice(0, at), rest: argv.slice(at + 1) };
}

/** `devup help [command]`. */
function help(topic: string | undefined): CommandLine {
  if (topic === undefined || isFlag(topic)) return { kind: 'help', command: null };
  return commandNamed(topic) ? { kind: 'help', command: topic } : failed(unknownCommand(topic, []));
}

function failed(failure: Failure): CommandLine {
  return { kind: 'failure', failure };
}

/** Reads from left to right. A wrong value ends the reading; an unknown flag does not, because `--help` may follow. */
class Reader {
  readonly #left: string[];
  readonly #argv: readonly string[];
  readonly #flags: WritableFlags;
  /** Set after `--`: everything that follows is a word. */
  literal = false;
  asksHelp = false;
  /** The first unknown flag. */
  unknown: string | null = null;
  /** Set when the reading has ended early. */
  outcome: CommandLine | null = null;

  /** `argv`: the whole command line, for messages. */
  constructor(toRead: readonly string[], argv: readonly string[], flags: WritableFlags) {
    this.#left = [...toRead];
    this.#argv = argv;
    this.#flags = flags;
  }

  /** The unread arguments. */
  get left(): readonly string[] {
    return this.#left;
  }

  /** Reads the words of a command. If the command is still unknown, reads up to its name, or everything if the first word is not a name. */
  read(command: CommandSpec | null): readonly string[] {
    const known = command ? [...command.flags, ...GLOBAL_FLAGS] : GLOBAL_FLAGS;
    const words: string[] = [];
    while (this.#left.length > 0 && !this.outcome) {
      const arg = this.#left.shift() as string;
      if (!this.literal && arg === '--') this.literal = true;
      else if (!this.literal && isFlag(arg) && !(command && isNegativeNumber(arg))) this.outcome = this.#flag(arg, known, command);
      // A word after an unknown flag may be the value of that flag.
      else if (this.unknown === null && !this.asksHelp) {
        // `devup exec web ls`: the second word begins the program's command line, and flags after it are the program's.
        if (command?.rest && words.length === command.words.most) {
          this.#left.unshift(arg);
          break;
        }
        words.push(arg);
        if (!command && words.length === 1 && (arg === 'help' || commandNamed(arg))) break;
      }
    }
    return words;
  }

  #flag(arg: string, known: readonly FlagSpec[], command: CommandSpec | null): CommandLine | null {
    const equals = arg.startsWith('--') ? arg.indexOf('=') : -1;
    const name = equals === -1 ? arg : arg.slice(0, equals);
    const flag = known.find((one) => isNameOf(one, name));
    if (flag?.value && equals !== -1) return this.#value(flag, arg.slice(equals + 1));
    if (flag && equals === -1) return flag.value ? this.#value(flag, this.#left.shift()) : this.#set(flag);
    const first = arg.startsWith('--') ? undefined : known.find(({ short }) => short !== undefined && short === arg[1]);
    if (first?.value) return this.#value(first, arg.slice(2));
    if (first) {
      // `-fn5` is `-f -n5`.
      this.#set(first);
      this.#left.unshift(`-${arg.slice(2)}`);
      return null;
    }
    if (arg === '--help' || arg === '-h') this.asksHelp = true;
    else if (arg === '--version' && !command) return { kind: 'version' };
    else this.unknown ??= arg;
    return null;
  }

  #set(flag: FlagSpec): null {
    this.#flags[flag.long] = true;
    return null;
  }

  #value(flag: FlagSpec, text: string | undefined): CommandLine | null {
    if (!flag.value) return null;
    if (text === undefined) return failed(missingValue(flag, this.#argv));
    const wrong = wrongValue(flag.value.kind, text);
    if (wrong !== null) return failed(valueRefused(flag, text, wrong, this.#argv));
    const before = this.#flags[flag.long];
    // The last value wins, but lists are joined.
    this.#flags[flag.long] = flag.value.kind === 'list' && typeof before === 'string' ? `${before},${text}` : text;
    return null;
  }
}

function isNameOf({ long, alias, short }: FlagSpec, name: string): boolean {
  return name === `--${long}` || (alias !== undefined && name === `--${alias}`) || (short !== undefined && name === `-${short}`);
}

function isFlag(arg: string): boolean {
  return arg.length > 1 && arg.startsWith('-');
}

function isNegativeNumber(arg: string): boolean {
  return /^-(\d+|\d*\.\d+)(e[+-]?\d+)?$/.test(arg);
}
