/** The clients of container engines in a command of the config: `docker compose up -d && docker compose logs -f` has one. */
import type { Command } from '../../../model/service.ts';
import { type ClientCommand, parseClient } from '../../../processes/engine-client.ts';
import { isAssignment, parseSimpleCommand, type Word } from './simple-command.ts';

export interface DeclaredClient extends ClientCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export function declaredClients(command: Command | null): readonly DeclaredClient[] {
  if (command === null) return [];
  const commands = command.kind === 'argv' ? [{ argv: command.argv, env: {} }] : simpleCommands(command.line);
  return commands.flatMap(({ argv, env }) => {
    const client = parseClient(argv);
    return client ? [{ ...client, argv, env }] : [];
  });
}

/** A guess is good enough, since the engine must agree: an operator inside quotes can only hide a client. */
function simpleCommands(line: string): readonly { readonly argv: readonly string[]; readonly env: Record<string, string> }[] {
  return line.split(/&&|\|\||[;|\n]/).map((piece) => {
    const words = parseSimpleCommand(piece.trim()) ?? [];
    const first = words.findIndex((word) => !isAssignment(word));
    const assigned = words.slice(0, Math.max(first, 0)).map(textOf);
    const program = first < 0 ? [] : words.slice(first).map(textOf);
    const env = Object.fromEntries(assigned.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]));
    return { argv: program[0] === 'exec' ? program.slice(1) : program, env };
  });
}

function textOf({ text, raw }: Word): string {
  return text ?? raw;
}
