import type { PlatformName } from '../../model/platform.ts';
import type { Command, CommandInput, PlatformCommandInput } from '../../model/service.ts';

export function toCommand(input: CommandInput): Command {
  return typeof input === 'string' ? { kind: 'line', line: input } : { kind: 'argv', argv: input as readonly [string, ...string[]] };
}

/** The command for this platform; null for an external service. */
export function platformCommand(input: PlatformCommandInput | undefined, platform: PlatformName): Command | null {
  if (input === undefined) return null;
  if (typeof input === 'string' || isList(input)) return toCommand(input);
  return toCommand(input[platform] ?? input.default);
}

/** Commands that run the command after them. */
const wrappers = new Set(['exec', 'env', 'nice', 'nohup', 'time', 'command']);

/** Whether the command runs the `postgres` server itself, not a client of it or a script with that name in it. */
export function runsPostgres(command: Command): boolean {
  if (command.kind === 'argv') return programOf(command.argv) === 'postgres';
  return command.line.split(/&&|\|\||[;|&\n]/).some((simple) => programOf(words(simple)) === 'postgres');
}

/**
 * Splits a command line into words, roughly. (`supervisor/service/process/simple-command.ts` reads a simple command exactly, and refuses
 * any other.)
 */
function words(text: string): readonly string[] {
  return (text.match(/"[^"]*"|'[^']*'|[^\s"']+/g) ?? []).map((word) => word.replace(/^(["'])(.*)\1$/, '$2'));
}

function programOf(argv: readonly string[]): string | null {
  const program = argv.find((word) => !wrappers.has(word) && !/^[A-Za-z_]\w*=/.test(word) && !word.startsWith('-'));
  const base = program
    ?.split(/[/\\]/)
    .at(-1)
    ?.replace(/\.exe$/i, '');
  return base === 'postmaster' ? 'postgres' : (base ?? null);
}

function isList(input: PlatformCommandInput): input is readonly string[] {
  return Array.isArray(input);
}
