/** The new service as an entry of a config, made from that of its sibling: which of the fields are taken, and how they change. */
import type { Command, Service } from '../../model/service.ts';
import type { Addition } from './addition.ts';
import { type Renaming, renamed, withName } from './rename.ts';
import { withSecretsBlanked } from './secrets.ts';

/**
 * What a sibling does the same way. Its links, description and labels are its own, and its further ports are taken.
 * `set`: of the new service; `renamed`: with name and port replaced, also inside of texts; `same`: to the letter.
 */
export const FIELDS: Readonly<Record<string, 'set' | 'renamed' | 'same'>> = {
  port: 'set',
  ports: 'set',
  category: 'set',
  description: 'set',
  command: 'renamed',
  cwd: 'renamed',
  host: 'same',
  env: 'renamed',
  envFile: 'renamed',
  dependsOn: 'same',
  ready: 'renamed',
  listener: 'renamed',
  health: 'renamed',
  restart: 'same',
  stop: 'renamed',
  onConflict: 'renamed',
  optional: 'same',
  profiles: 'same',
};

export function renamingOf(sibling: Service, { service, port }: Pick<Addition, 'service' | 'port'>): Renaming {
  return { from: { name: sibling.name, port: sibling.ports[0]?.port ?? 0 }, to: { name: service, port } };
}

/** A text of the sibling's entry as it stands in the new one. */
export function adapted(text: string, renaming: Renaming): string {
  return withSecretsBlanked(renamed(text, renaming));
}

/** Where nothing can be copied: from what the config says of the sibling when it is loaded. */
export function plainEntry(
  addition: Addition,
  sibling: Service | undefined = addition.siblings[0],
): Readonly<Record<string, string | number>> {
  const renaming = sibling && renamingOf(sibling, addition);
  const command = addition.command ?? (sibling?.command && renaming ? commandOf(sibling.command, renaming) : null);
  const folder = sibling && addition.contract.folderOf(sibling);
  const cwd = addition.cwd ?? (sibling && folder ? withName(folder, sibling.name, addition.service) : null);
  return {
    port: addition.port,
    ...(cwd === null ? {} : { cwd }),
    ...(command === null ? {} : { command }),
    ...(addition.category === null ? {} : { category: addition.category }),
    ...(addition.description === null ? {} : { description: addition.description }),
  };
}

/** The port as a reference, so that the next change of it is one change. */
function commandOf(command: Command, renaming: Renaming): string {
  const line = command.kind === 'line' ? command.line : command.argv.join(' ');
  return adapted(line, renaming).replaceAll(new RegExp(`(?<![\\w.])${renaming.to.port}(?!\\w)`, 'g'), '$${port}');
}

/** Of the files that are named in a piece of a config. */
export function filesExist(text: string, { exists }: Addition): boolean {
  return [...text.matchAll(/(["'`])([^"'`]+)\1/g)].every(([, , file = '']) => exists(file));
}
