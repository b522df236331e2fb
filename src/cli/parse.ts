/**
 * The fast parser: our own, since loading commander costs more than the rest of `devup status`. It understands exactly
 * what commander understands with the same table, and says null to everything else (a wrong flag, `--help`): commander
 * is then asked, and explains.
 */
import type { Parsed } from './context.ts';
import { commandNamed, GLOBAL_FLAGS } from './flags.ts';
import type { CommandSpec, FlagSpec } from './specs/spec.ts';
import { wrongValue } from './values.ts';

export function parse(argv: readonly string[]): Parsed | null {
  const { before, rest } = splitRest(argv);
  const flags: Record<string, string | boolean> = {};
  const reader = new Reader(before, flags);
  const name = reader.flagsAndWords(GLOBAL_FLAGS, 1);
  if (name === null) return null;
  const [first] = name;
  if (first === undefined) return { command: '', words: [], flags, rest: null };
  const command = commandNamed(first);
  const words = command && reader.flagsAndWords([...command.flags, ...GLOBAL_FLAGS], Number.POSITIVE_INFINITY);
  if (!command || !words || !fits(command, words)) return null;
  return { command: command.name, words, flags, rest };
}

/** Takes off what stands behind the first `--` of a command that runs another program. */
export function splitRest(argv: readonly string[]): { readonly before: readonly string[]; readonly rest: readonly string[] | null } {
  const reader = new Reader(argv, {});
  const [name] = reader.flagsAndWords(GLOBAL_FLAGS, 1) ?? [];
  const at = reader.literal || !commandNamed(name ?? '')?.rest ? -1 : argv.indexOf('--', argv.length - reader.left);
  return at === -1 ? { before: argv, rest: null } : { before: argv.slice(0, at), rest: argv.slice(at + 1) };
}

export function fits({ words: { least, most } }: CommandSpec, words: readonly string[]): boolean {
  return words.length >= least && words.length <= most;
}

class Reader {
  #left: string[];
  readonly #flags: Record<string, string | boolean>;
  /** A `--` was read: all that is left is words. */
  literal = false;

  constructor(argv: readonly string[], flags: Record<string, string | boolean>) {
    this.#left = [...argv];
    this.#flags = flags;
  }

  /** How many are not read yet. */
  get left(): number {
    return this.#left.length;
  }

  /** Null when something is not understood. Stops after so many words. */
  flagsAndWords(known: readonly FlagSpec[], most: number): readonly string[] | null {
    const words: string[] = [];
    while (this.#left.length > 0 && words.length < most) {
      const arg = this.#left.shift() as string;
      if (this.literal || arg.length < 2 || !arg.startsWith('-')) words.push(arg);
      else if (arg === '--') this.literal = true;
      else if (!(arg.startsWith('--') ? this.#long(arg.slice(2), known) : this.#short(arg.slice(1), known))) return null;
    }
    return words;
  }

  #long(text: string, known: readonly FlagSpec[]): boolean {
    const equals = text.indexOf('=');
    const flag = known.find(({ long }) => long === (equals === -1 ? text : text.slice(0, equals)));
    if (!flag) return false;
    if (flag.value) return this.#value(flag, equals === -1 ? this.#left.shift() : text.slice(equals + 1));
    return equals === -1 && this.#alone(flag);
  }

  /** `-f`, `-n 5`, `-n5`, `-fn5`. */
  #short(text: string, known: readonly FlagSpec[]): boolean {
    const flag = known.find(({ short }) => short === text[0]);
    if (!flag) return false;
    const more = text.slice(1);
    if (flag.value) return this.#value(flag, more === '' ? this.#left.shift() : more);
    return this.#alone(flag) && (more === '' || this.#short(more, known));
  }

  #alone(flag: FlagSpec): boolean {
    this.#flags[flag.long] = true;
    return true;
  }

  #value(flag: FlagSpec, text: string | undefined): boolean {
    if (text === undefined || !flag.value || wrongValue(flag.value.kind, text) !== null) return false;
    this.#flags[flag.long] = withValue(flag, this.#flags[flag.long], text);
    return true;
  }
}

/** The last one counts, but of a list all do. */
export function withValue(flag: FlagSpec, before: string | boolean | undefined, text: string): string {
  return flag.value?.kind === 'list' && typeof before === 'string' ? `${before},${text}` : text;
}
