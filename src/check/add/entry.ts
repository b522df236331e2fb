/** The new service as an entry of a config, made from its sibling's: which fields are copied, and how they change. */
import { type Command, commandLine, type Service, type ServiceInput } from '../../model/service.ts';
import type { Addition } from './addition.ts';
import { type Renaming, renameService, replaceName } from './rename.ts';
import { blankSecrets } from './secrets.ts';

/**
 * How the new service takes each field. `set`: from the new service, since the sibling's own ports are already in use; `renamed`:
 * copied with name and port replaced, also within texts; `same`: copied verbatim; `left`: it belongs to the sibling alone.
 */
const FIELDS: { readonly [F in keyof Required<ServiceInput>]: 'set' | 'renamed' | 'same' | 'left' } = {
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
  links: 'left',
  labels: 'left',
  output: 'same',
};

/** Null: the new service does not take the key. */
export function howTaken(key: string): 'set' | 'renamed' | 'same' | null {
  const how = Object.hasOwn(FIELDS, key) ? FIELDS[key as keyof ServiceInput] : 'left';
  return how === 'left' ? null : how;
}

/** The ingredients of an entry that copies its sibling's. */
export interface Copying {
  /** The text of the config. */
  readonly text: string;
  readonly sibling: Service;
  readonly addition: Addition;
}

export function renamingOf(sibling: Service, { service, port }: Pick<Addition, 'service' | 'port'>): Renaming {
  return { from: { name: sibling.name, port: sibling.ports[0]?.port ?? 0 }, to: { name: service, port } };
}

/** A text of the sibling's entry, changed for the new service and without secrets. */
export function adapt(text: string, renaming: Renaming): string {
  return blankSecrets(renameService(text, renaming));
}

/** An entry from the loaded config, for files from which nothing can be copied. */
export function plainEntry(
  addition: Addition,
  sibling: Service | undefined = addition.siblings[0],
): Readonly<Record<string, string | number>> {
  const renaming = sibling && renamingOf(sibling, addition);
  const command = addition.command ?? (sibling?.command && renaming ? commandOf(sibling.command, renaming) : null);
  const folder = sibling && addition.contract.folderOf(sibling);
  const cwd = addition.cwd ?? (sibling && folder ? replaceName(folder, sibling.name, addition.service) : null);
  return {
    port: addition.port,
    ...(cwd === null ? {} : { cwd }),
    ...(command === null ? {} : { command }),
    ...(addition.category === null ? {} : { category: addition.category }),
    ...(addition.description === null ? {} : { description: addition.description }),
  };
}

/** Writes the port as a placeholder, so that it can later be changed in one place. What the config reads as a literal `${` stays one. */
function commandOf(command: Command, renaming: Renaming): string {
  const port = new RegExp(`(?<![\\w.])${renaming.to.port}(?!\\w)`, 'g');
  return adapt(commandLine(command), renaming)
    .replaceAll('${', () => '$${')
    .replaceAll(port, () => '${port}');
}

/** Whether all files exist that a piece of a config names. */
export function filesExist(text: string, { exists }: Addition): boolean {
  return [...text.matchAll(/(["'`])([^"'`]+)\1/g)].every(([, , file = '']) => exists(file));
}
