/**
 * macOS: sockets from `lsof`, processes from `ps`.
 *
 * UNPROVEN: written from manual pages and reports, never run on a Mac. The parsers are tested on captured and generated
 * text, and the whole was run once with the lsof and ps of Linux; it is not proven that macOS prints the same. Weaker than
 * Linux: start times are in whole seconds, arguments are joined by blanks, and only root sees the sockets of other users.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Platform } from '../model/platform.ts';
import type { ProcessId } from '../model/port.ts';
import { acceptsConnections, connectTo } from './accepts-connections.ts';
import { writeFileAtomically } from './atomic-file.ts';
import { canBind } from './bind.ts';
import { CACHES_FOLDERS } from './caches-folder.ts';
import { systemClock } from './clock.ts';
import { ephemeralRange } from './ephemeral.ts';
import type { ListenSocket, Machine, OtherSocket, ProcessDetails, ProcessRow } from './machine.ts';
import { type LsofSocket, parseLsof, parseLsofCwd } from './parse/lsof.ts';
import { type PsRow, parsePs, parsePsVariable, psColumns } from './parse/ps.ts';
import { posix, posixCommands } from './posix.ts';
import { requireTool, runTool } from './run.ts';
import { sharedRead } from './shared-read.ts';
import { type ReadProcess, requirePid, signalGroupOf, signalProcess } from './signal.ts';
import { signalTreeOf } from './tree.ts';
import { userName } from './users.ts';

const lsof = ['/usr/sbin/lsof', 'lsof'];
const ps = ['/bin/ps', 'ps'];
const sysctl = ['/usr/sbin/sysctl', 'sysctl'];
const timeoutMs = 2_000;

export const darwinPlatform: Platform = {
  ...posix,
  name: 'darwin',
  processesAreFiles: false,
  lock: 'lock-file',
  cachesFolder: (env) => CACHES_FOLDERS.darwin(env) ?? join(homedir(), 'Library', 'Caches'),
  desktop: { openers: [['open']], screenVariables: [] },
  airPlay: { program: 'ControlCenter', ports: [5000, 7000] },
  commands: {
    ...posixCommands,
    listListeners: (port) => `sudo lsof -nP -iTCP:${port} -sTCP:LISTEN`,
    listSockets: (port) => `sudo lsof -nP -iTCP:${port}`,
    reservePort: () => null,
    allowPort: () => null,
    stopUnit: (unit) => `launchctl bootout ${unit}`,
  },
  tools: { needed: ['sh', 'ps', 'lsof'], optional: ['mkfifo', 'grep'] },
};

export function darwinMachine(): Machine {
  return {
    platform: darwinPlatform,
    pid: process.pid,
    uid: process.geteuid?.() ?? null,
    clock: systemClock,
    bootId: async () => (await requireTool(sysctl, ['-n', 'kern.bootsessionuuid'], timeoutMs)).trim(),
    networkNamespace: () => '',
    listenSockets,
    otherSockets,
    holders,
    canBind,
    socketCount: () => null,
    acceptsConnections,
    ephemeralPorts,
    excludedPorts: async () => [],
    connectTo,
    pids: () => null,
    processes: sharedRead(async () => (await psRows(['-ax'])).filter((row) => row.state !== 'Z').map(rowOf)),
    process: async (pid) => (await readNow([pid]))(pid),
    sleepsUntilWoken: async () => false,
    details,
    container: async () => null,
    controlGroup: async () => null,
    openFiles: async () => [],
    variable: async (pid, name) =>
      parsePsVariable((await runTool(ps, ['-E', '-ww', '-o', 'command=', '-p', String(pid)], timeoutMs)).stdout, name),
    // One ps with all environments costs as much as one ps for each candidate, so all processes are candidates.
    processesWithVariable: async () => new Map((await psRows(['-ax'])).map((row) => [row.pid, { ...rowOf(row), value: null }])),
    userName,
    signal: async (id, signal) => {
      requirePid(id.pid, 'a pid');
      return signalProcess(id, signal, await readNow([id.pid]));
    },
    signalGroup: async (pgid, members, signal) =>
      signalGroupOf(pgid, members, signal, await readNow([process.pid, ...members.map(({ pid }) => pid)])),
    signalTree: async (id, signal) => {
      requirePid(id.pid, 'a pid');
      return signalTreeOf(id, signal, { read: await readNow([id.pid]), clock: systemClock, lister: 'pgrep' });
    },
    writeFileAtomically,
  };
}

async function ephemeralPorts(): Promise<readonly [number, number] | null> {
  const names = ['net.inet.ip.portrange.first', 'net.inet.ip.portrange.last'];
  return ephemeralRange((await runTool(sysctl, ['-n', ...names], timeoutMs)).stdout);
}

/** lsof prints a row for each process that shares a socket (pre-forked workers); the device identifies the socket. */
async function listenSockets(ports?: ReadonlySet<number>): Promise<readonly ListenSocket[]> {
  const sockets = new Map<string, ListenSocket>();
  for (const row of await lsofRows(['-sTCP:LISTEN'])) {
    if (ports?.has(row.port) === false) continue;
    const handle = handleOf(row);
    const pids = new Set([...(sockets.get(handle)?.pids ?? []), row.pid]);
    sockets.set(handle, { port: row.port, address: row.address, uid: row.uid, handle, pids: [...pids], queued: null });
  }
  return [...sockets.values()];
}

async function otherSockets(ports: ReadonlySet<number>): Promise<readonly OtherSocket[]> {
  const rows = (await lsofRows([])).filter((row) => row.state !== 'LISTEN' && ports.has(row.port));
  return rows.map((row) => ({
    port: row.port,
    address: row.address,
    remote: row.remote ?? '',
    state: ['ESTABLISHED', 'SYN_SENT', 'SYN_RCVD'].includes(row.state) ? 'connected' : 'closing',
    uid: row.uid,
    handle: handleOf(row),
  }));
}

async function holders(handles: ReadonlySet<string>, among?: Iterable<number>): Promise<ReadonlyMap<string, readonly number[]>> {
  const allowed = among === undefined ? null : new Set(among);
  const found = new Map<string, Set<number>>();
  if (handles.size === 0) return new Map();
  for (const row of await lsofRows([])) {
    const handle = handleOf(row);
    if (!handles.has(handle) || allowed?.has(row.pid) === false) continue;
    found.set(handle, (found.get(handle) ?? new Set()).add(row.pid));
  }
  return new Map([...found].map(([handle, pids]) => [handle, [...pids]]));
}

function handleOf(row: LsofSocket): string {
  return row.device ?? `${row.pid}/${row.descriptor}`;
}

/** lsof exits with 1 if it lists nothing, but also if it could not read one of many files, so its output is used in both cases. */
async function lsofRows(selection: readonly string[]): Promise<readonly LsofSocket[]> {
  const { exitCode, stdout, stderr } = await runTool(lsof, ['-nP', '-w', '-iTCP', ...selection, '-F0pufdtnT'], timeoutMs);
  if (exitCode === null || exitCode > 1)
    throw new Error(`lsof cannot tell who listens: ${stderr.trim() || `no answer in ${timeoutMs} ms`}`);
  return parseLsof(stdout);
}

/** ps exits with 1 if none of the requested processes exists. */
async function psRows(selection: readonly string[]): Promise<readonly PsRow[]> {
  const { exitCode, stdout, stderr } = await runTool(ps, [...selection, '-o', psColumns], timeoutMs);
  if (exitCode === null || exitCode > 1) throw new Error(`ps cannot list processes: ${stderr.trim() || `no answer in ${timeoutMs} ms`}`);
  return parsePs(stdout);
}

/** Reads all these processes with one ps. */
async function readNow(pids: readonly number[]): Promise<ReadProcess> {
  const rows = pids.length === 0 ? [] : await psRows(['-p', pids.join(',')]);
  const living = new Map(rows.filter((row) => row.state !== 'Z').map((row) => [row.pid, rowOf(row)]));
  return (pid) => living.get(pid) ?? null;
}

function rowOf(row: PsRow): ProcessRow {
  const { pid, ppid, pgid, name, cpuMs, residentBytes } = row;
  return { pid, start: row.startedAtMs / 1000, ppid, pgid, sid: 0, stopped: row.state === 'T', name, cpuMs, residentBytes };
}

async function details({ pid, start }: ProcessId): Promise<ProcessDetails | null> {
  const [args, executable, folder] = await Promise.all([
    runTool(ps, ['-ww', '-o', 'args=', '-p', String(pid)], timeoutMs),
    runTool(ps, ['-ww', '-o', 'comm=', '-p', String(pid)], timeoutMs),
    runTool(lsof, ['-nP', '-w', '-a', '-d', 'cwd', '-p', String(pid), '-F0fn'], timeoutMs),
  ]);
  const row = (await psRows(['-p', String(pid)])).find((each) => each.state !== 'Z');
  if (row === undefined || row.startedAtMs / 1000 !== start) return null;
  return {
    argv: args.stdout
      .trimEnd()
      .split(' ')
      .filter((word) => word !== ''),
    executable: executable.stdout.trimEnd() || null,
    cwd: parseLsofCwd(folder.stdout),
    uid: row.uid,
    user: await userName(row.uid),
    startedAtMs: row.startedAtMs,
    container: null,
    unit: null,
  };
}
