/**
 * The fast parser: our own, since loading commander costs more than the rest of `devup status`. It understands exactly
 * what commander understands with the same table, and says null to everything else (a wrong flag, `--help`): commander
 * is then asked, and explains.
 */
import type { Parsed } from './context.ts';
import { type CommandSpec, commandNamed, type FlagSpec, GLOBAL_FLAGS } from './flags.ts';
import { wrongValue } from './values.ts';

export function parse(argv: readonly string[]): Parsed | null {
  const flags: Record<string, string | boolean> = {};
  const reader = new Reader(argv, flags);
  const name = reader.flagsAndWords(GLOBAL_FLAGS, 1);
  if (name === null) return null;
  const [first] = name;
  if (first === undefined) return { command: '', words: [], flags, rest: null };
  const command = commandNamed(first);
  if (!command) return null;
  const split = command.rest ? reader.splitRest() : null;
  const words = reader.flagsAndWords([...command.flags, ...GLOBAL_FLAGS], Number.POSITIVE_INFINITY);
  if (words === null || !fits(command, words)) return null;
  return { command: command.name, words, flags, rest: split };
}

export function fits({ words: { least, most } }: CommandSpec, words: readonly string[]): boolean {
  return words.length >= least && words.length <= most;
}

class Reader {
  #left: string[];
  readonly #flags: Record<string, string | boolean>;

  constructor(argv: readonly string[], flags: Record<string, string | boolean>) {
    this.#left = [...argv];
    this.#flags = flags;
  }

  /** Takes what stands behind the first `--`. */
  splitRest(): readonly string[] | null {
    const at = this.#left.indexOf('--');
    return at === -1 ? null : this.#left.splice(at).slice(1);
  }

  /** Null when something is not understood. Stops after so many words. */
  flagsAndWords(known: readonly FlagSpec[], most: number): readonly string[] | null {
    const words: string[] = [];
    while (this.#left.length > 0 && words.length < most) {
      const arg = this.#left.shift() as string;
      if (arg === '--') return most === 1 ? null : [...words, ...this.#left.splice(0)];
      if (arg.length < 2 || !arg.startsWith('-')) words.push(arg);
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
