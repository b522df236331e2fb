/**
 * The config as the rules query it: the owner of a port, and the service that a name, a folder or a command means. A name that matches
 * two services matches none, since a wrong guess would be worse than none.
 */
import { mainPort, type Service, type Stack } from '../model/service.ts';
import { normalName, spellings } from './names.ts';

export interface Contract {
  readonly stack: Stack;
  readonly owner: (port: number) => Service | null;
  /** The service that the first matching name means. */
  readonly named: (names: readonly string[]) => Service | null;
  /** The service of the file's folder; null if several share it, or if the file is in the config's own folder beside several services. */
  readonly ofFolder: (file: string) => Service | null;
  readonly folderOf: (service: Service) => string;
  readonly isFrontend: (service: Service) => boolean;
}

/** Programs that run other programs. */
const RUNNERS = new Set(
  'npm npx pnpm yarn bun bunx node deno python python3 uv poetry pipenv sh bash docker podman php ruby java make'.split(' '),
);
const DATABASES = /^(postgres|mysql|mysqld|mariadb|mongo|mongod|sqlserver|cockroach)$/;

const KIND_ALIASES: Readonly<Record<string, string>> = { mysqld: 'mysql', mariadb: 'mysql', mongod: 'mongo' };

/** Null if it is not a database. */
function databaseKind(name: string): string | null {
  const normal = normalName(name);
  return DATABASES.test(normal) ? (KIND_ALIASES[normal] ?? normal) : null;
}

/** The kind of database; null if it is none or unknown. */
function kindOf(service: Service): string | null {
  return databaseKind(service.name) ?? databaseKind(programOf(service));
}

export function contractOf(stack: Stack): Contract {
  const owners = new Map(stack.services.flatMap((service) => service.ports.map(({ port }) => [port, service] as const)));
  const [prefix = ''] = stack.name.toLowerCase().split(/[^a-z0-9]+/);
  const aliases = aliasesOf(stack, prefix);
  const find = (name: string): Service | null => {
    const exact = stack.services.find((service) => service.name === name) ?? aliases.get(name);
    if (exact) return exact;
    for (const spelling of spellings(name)) {
      const service = aliases.get(normalName(spelling)) ?? aliases.get(normalName(spelling, prefix));
      if (service) return service;
    }
    return null;
  };
  const folderOf = (service: Service) => relative(stack.root, service.cwd);
  const inFolders = new Map<string, Service[]>();
  for (const service of stack.services) inFolders.set(folderOf(service), [...(inFolders.get(folderOf(service)) ?? []), service]);
  const listening = stack.services.filter(({ ports }) => ports.length > 0);
  const withCategory = stack.services.some(({ category }) => category !== null && FRONT.test(category));
  return {
    stack,
    owner: (port) => owners.get(port) ?? null,
    named: (names) => {
      // `db` may mean any database, but if the kind is known as well, a database of another kind is not meant.
      const kind = names.map(databaseKind).find((one) => one !== null) ?? null;
      for (const name of names) {
        const service = find(name);
        if (service && (kind === null || [kind, null].includes(kindOf(service)))) return service;
      }
      return null;
    },
    ofFolder: (file) => {
      for (let folder = parent(file); folder !== ''; folder = parent(folder)) {
        const inside = meantServices(inFolders.get(folder) ?? []);
        if (inside.length > 0) return inside.length === 1 ? (inside[0] as Service) : null;
      }
      return listening.length === 1 ? (listening[0] as Service) : null;
    },
    folderOf,
    isFrontend: (service) =>
      mainPort(service) !== null && (withCategory ? FRONT.test(service.category ?? '') : FRONT_NAME.test(normalName(service.name, prefix))),
  };
}

const FRONT = /^(front[-_ ]?ends?|web|client|ui)( .*)?$/i;
const FRONT_NAME = /^(frontend|web|client|ui|spa|website|portal|dashboard)$/;

/** The service for each of its possible names; names that two services share are left out. */
function aliasesOf(stack: Stack, prefix: string): ReadonlyMap<string, Service> {
  const strong = new Map<string, Service | null>();
  const weak = new Map<string, Service | null>();
  const add = (map: Map<string, Service | null>, name: string, service: Service) => {
    if (name !== '') map.set(name, map.has(name) && map.get(name) !== service ? null : service);
  };
  for (const service of stack.services)
    for (const name of [normalName(service.name), normalName(service.name, prefix)]) add(strong, name, service);
  for (const service of stack.services) {
    for (const script of scriptNames(service, relative(stack.root, service.cwd))) add(weak, script, service);
    if (service.ports.length === 0) continue;
    const folder = relative(stack.root, service.cwd);
    const sharing = meantServices(stack.services.filter(({ cwd }) => cwd === service.cwd));
    if (folder !== '' && sharing.length === 1 && sharing[0] === service) add(weak, normalName(folder.split('/').at(-1) as string), service);
    const program = normalName(programOf(service));
    if (program !== '' && !RUNNERS.has(program)) add(weak, program, service);
    if (DATABASES.test(program) || DATABASES.test(normalName(service.name)))
      for (const word of ['db', 'database', 'sql']) add(weak, word, service);
  }
  return new Map([...weak, ...strong].flatMap(([name, service]) => (service ? [[name, service] as const] : [])));
}

/** The services of one folder that people mean by it: those with a port that are required. */
function meantServices(services: readonly Service[]): readonly Service[] {
  const listening = services.filter(({ ports }) => ports.length > 0);
  const required = listening.filter(({ optional }) => !optional);
  return required.length > 0 ? required : listening;
}

function commandWords(service: Service): readonly string[] {
  if (!service.command) return [];
  return service.command.kind === 'argv' ? service.command.argv : service.command.line.trim().split(/\s+/);
}

function programOf(service: Service): string {
  const program = commandWords(service).find((word) => !/^\w+=/.test(word) && word !== 'exec') ?? '';
  return program.split(/[\\/]/).at(-1) ?? '';
}

/** `npm run dev` in a folder, as the script sources name it: `script:folder:dev`. */
function scriptNames(service: Service, folder: string): readonly string[] {
  const [tool = '', run = '', name = ''] = commandWords(service);
  if (!/^(npm|pnpm|yarn|bun)$/.test(tool)) return [];
  const script = run === 'run' || run === 'run-script' ? name : run;
  return script === '' || script.startsWith('-') ? [] : [scriptName(folder, script)];
}

/** The name of a package.json script for comparisons. */
export function scriptName(folder: string, script: string): string {
  return `script:${folder}:${script}`;
}

/** Uses slashes; a path outside `root` is returned unchanged. */
export function relative(root: string, folder: string): string {
  const [from, to] = [root.replaceAll('\\', '/').replace(/\/$/, ''), folder.replaceAll('\\', '/')];
  return to === from ? '' : to.startsWith(`${from}/`) ? to.slice(from.length + 1) : to;
}

export function parent(path: string): string {
  const at = path.lastIndexOf('/');
  return at === -1 ? '' : path.slice(0, at);
}
