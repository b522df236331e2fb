/** Describes a process for users: its command, folder, user and ancestors, and the container, unit or stack that it belongs to. */
import type { Machine, ProcessRow } from '../machine/machine.ts';
import { DEBUG_VARIABLE, parseDebugMarker } from '../model/debugger.ts';
import type { Ancestor, Holder, ProcessId } from '../model/port.ts';
import { MARKER_VARIABLE, parseMarker } from '../model/stack-id.ts';
import { conmonContainer } from './container-proxy.ts';

/** Parents by pid, as of one scan: the services of a stack share theirs, and reading a process costs ten files. */
export type Ancestry = Map<number, { readonly row: ProcessRow; readonly ancestor: Ancestor } | null>;

/** Null when the process is gone. */
export async function describe(
  machine: Machine,
  pid: number,
  addresses: readonly string[],
  ancestry: Ancestry = new Map(),
): Promise<Holder | null> {
  const row = await machine.process(pid);
  if (!row) return null;
  const details = await machine.details(row);
  if (!details) return null;
  const marker = parseMarker((await machine.variable(pid, MARKER_VARIABLE)) ?? '');
  const debug = marker ? null : await debugOf(machine, pid);
  const command = commandOf(details.argv, row);
  const ancestors = await ancestorsOf(machine, row, ancestry);
  return {
    pid: row.pid,
    start: row.start,
    name: row.name,
    command,
    argv: details.argv,
    executable: details.executable,
    cwd: details.cwd,
    uid: details.uid,
    user: details.user,
    startedAtMs: details.startedAtMs,
    addresses,
    ancestors,
    container: details.container ?? (await containerByConmon(machine, [{ name: row.name, command }, ...ancestors])),
    unit: details.unit,
    stack: marker ? { id: marker.stackId, service: marker.service } : null,
    ...(debug ? { debug } : {}),
  };
}

async function debugOf(machine: Machine, pid: number): Promise<Holder['debug'] | null> {
  const marker = parseDebugMarker((await machine.variable(pid, DEBUG_VARIABLE)) ?? '');
  return marker && { ...marker, alive: (await machine.process(marker.by.pid))?.start === marker.by.start };
}

/** The processes that are still alive; a reused pid is left out. */
export async function describeAll(machine: Machine, ids: readonly ProcessId[]): Promise<readonly Holder[]> {
  const ancestry: Ancestry = new Map();
  const described = await Promise.all(ids.map((id) => describe(machine, id.pid, [], ancestry)));
  return described.filter((holder, i) => holder !== null && holder.start === ids[i]?.start) as readonly Holder[];
}

/** For a process that has ended, of which only the name is known. */
export function nameOnly({ pid, start }: ProcessId, name: string): Holder {
  const unknown = { executable: null, cwd: null, uid: null, user: null, startedAtMs: null, container: null, unit: null, stack: null };
  return { pid, start, name, command: name, argv: [], addresses: [], ancestors: [], ...unknown };
}

function commandOf(argv: readonly string[], row: ProcessRow): string {
  return argv.length > 0 ? argv.join(' ') : row.name;
}

async function containerByConmon(machine: Machine, lineage: readonly Pick<Ancestor, 'name' | 'command'>[]): Promise<string | null> {
  if (!lineage.some(({ name }) => name === 'conmon')) return null;
  const self = await machine.process(machine.pid);
  return conmonContainer(lineage, self ? await ancestorsOf(machine, self, new Map()) : []);
}

async function ancestorsOf(machine: Machine, row: ProcessRow, ancestry: Ancestry): Promise<readonly Ancestor[]> {
  const found: Ancestor[] = [];
  const visited = new Set([row.pid]);
  for (let pid = row.ppid; pid > 0 && !visited.has(pid); ) {
    visited.add(pid);
    const known = ancestry.get(pid);
    const parent = known === undefined ? await readAncestor(machine, pid) : known;
    ancestry.set(pid, parent);
    if (!parent) break;
    found.push(parent.ancestor);
    pid = parent.row.ppid;
  }
  return found;
}

async function readAncestor(machine: Machine, pid: number): Promise<{ readonly row: ProcessRow; readonly ancestor: Ancestor } | null> {
  const row = await machine.process(pid);
  if (!row) return null;
  const argv = (await machine.details(row))?.argv ?? [];
  return { row, ancestor: { pid, start: row.start, name: row.name, command: commandOf(argv, row) } };
}
