/**
 * Windows: sockets from `netstat`, processes from PowerShell's CIM, ends by `taskkill`.
 *
 * UNPROVEN: written from manual pages and reports, never run on Windows. The parsers are tested on captured and generated
 * text; it is not proven that the tools print the same. Weaker than Linux: there are no signals (all but SIGKILL ask the
 * program's windows to close, which a console program ignores) and no process groups, and the environment and the working
 * directory of another process cannot be read.
 */
import { homedir } from 'node:os';
import path from 'node:path';
import type { Platform } from '../model/platform.ts';
import type { ProcessId } from '../model/port.ts';
import { acceptsConnections, connectTo } from './accepts-connections.ts';
import { writeFileAtomically } from './atomic-file.ts';
import { type Bindable, canBind } from './bind.ts';
import { CACHES_FOLDERS } from './caches-folder.ts';
import { systemClock } from './clock.ts';
import { ephemeralRangeByCount } from './ephemeral.ts';
import { excludedPorts } from './excluded-ports.ts';
import type { ListenSocket, Machine, OtherSocket, ProcessDetails, ProcessRow, Signal, SignalOutcome } from './machine.ts';
import { type CimRow, parseCim, splitCommandLine } from './parse/cim.ts';
import { type NetstatRow, parseNetstat } from './parse/netstat.ts';
import { requireTool, runTool } from './run.ts';
import { sharedRead } from './shared-read.ts';
import { compareStart, type ReadProcess, requirePid } from './signal.ts';
import { netsh, netstat, powershell, taskkill } from './windows-tools.ts';

const timeoutMs = 5_000;
/** PowerShell needs a second or two to start. */
const powershellTimeoutMs = 20_000;

const milliseconds = '[DateTimeOffset]::new($_.CreationDate.ToUniversalTime()).ToUnixTimeMilliseconds()';
const columns = `@{n='pid';e={[long]$_.ProcessId}},@{n='ppid';e={[long]$_.ParentProcessId}},@{n='name';e={$_.Name}},@{n='start';e={${milliseconds}}},@{n='cpuMs';e={[long](($_.UserModeTime+$_.KernelModeTime)/10000)}},@{n='rss';e={[long]$_.WorkingSetSize}}`;
const detailColumns = `${columns},@{n='commandLine';e={$_.CommandLine}},@{n='executable';e={$_.ExecutablePath}},@{n='user';e={(Invoke-CimMethod -InputObject $_ -MethodName GetOwner).User}}`;

export const win32Platform: Platform = {
  name: 'win32',
  shell: { isPosix: false, argv: (line) => [process.env['ComSpec'] ?? 'cmd.exe', '/d', '/s', '/c', `"${line}"`] },
  programEndings: ['', '.exe', '.cmd', '.bat', '.com'],
  venvPrograms: 'Scripts',
  hasProcessGroups: false,
  processesAreFiles: false,
  lock: 'named-pipe',
  cachesFolder: (env) => CACHES_FOLDERS.win32(env) ?? path.join(homedir(), 'AppData', 'Local'),
  // `start` is a builtin of cmd.exe, which would interpret the address as a command line.
  desktop: { openers: [['rundll32', 'url.dll,FileProtocolHandler']], screenVariables: [] },
  airPlay: null,
  commands: {
    administrator: 'an administrator',
    asAdministrator: (command) => `${command}  as administrator`,
    end: (pids) => `taskkill /F ${pids.map((pid) => `/PID ${pid}`).join(' ')}`,
    listListeners: (port) => `netstat -ano | findstr :${port}`,
    listSockets: (port) => `netstat -anoq | findstr :${port}`,
    reservePort: () => null,
    allowPort: () => null,
    stopUnit: (unit) => `net stop ${unit}`,
  },
  tools: { needed: ['netstat', 'taskkill', 'powershell'], optional: [] },
};

export function win32Machine(): Machine {
  return {
    platform: win32Platform,
    pid: process.pid,
    uid: null,
    clock: systemClock,
    bootId: async () => (await runScript("(Get-CimInstance Win32_OperatingSystem).LastBootUpTime.ToUniversalTime().ToString('o')")).trim(),
    networkNamespace: () => '',
    listenSockets,
    otherSockets,
    holders,
    canBind: canBindHere,
    socketCount: () => null,
    acceptsConnections,
    ephemeralPorts: async () =>
      ephemeralRangeByCount((await runTool(netsh, ['int', 'ipv4', 'show', 'dynamicport', 'tcp'], timeoutMs)).stdout),
    excludedPorts: () => excludedPorts('ipv4'),
    connectTo,
    pids: () => null,
    processes: sharedRead(async () => (await cimRows('', columns)).map(rowOf)),
    process: async (pid) => (await readNow([pid]))(pid),
    sleepsUntilWoken: async () => false,
    details,
    container: async () => null,
    controlGroup: async () => null,
    openFiles: async () => [],
    variable: async () => null,
    processesWithVariable: async () => new Map(),
    userName: async () => null,
    signal: (id, signal) => end(id, signal, []),
    signalGroup: async (_pgid, members, signal) => endAll(members, signal),
    signalTree: (id, signal) => end(id, signal, ['/T']),
    writeFileAtomically,
  };
}

async function listenSockets(ports?: ReadonlySet<number>): Promise<readonly ListenSocket[]> {
  const rows = (await netstatRows()).filter((row) => row.remote === null && ports?.has(row.port) !== false);
  return rows.map((row) => ({ port: row.port, address: row.address, uid: null, handle: handleOf(row), pids: [row.pid], queued: null }));
}

async function otherSockets(ports: ReadonlySet<number>): Promise<readonly OtherSocket[]> {
  const rows = (await netstatRows()).filter((row) => row.remote !== null && ports.has(row.port));
  return rows.map((row) => ({
    port: row.port,
    address: row.address,
    remote: row.remote ?? '',
    state: row.pid !== 0 && /^(ESTABLISHED|SYN_\w+)$/.test(row.state) ? 'connected' : 'closing',
    uid: null,
    handle: row.pid === 0 ? null : handleOf(row),
  }));
}

async function holders(handles: ReadonlySet<string>, among?: Iterable<number>): Promise<ReadonlyMap<string, readonly number[]>> {
  const allowed = among === undefined ? null : new Set(among);
  const found = new Map<string, readonly number[]>();
  if (handles.size === 0) return found;
  for (const row of await netstatRows()) {
    if (row.pid !== 0 && handles.has(handleOf(row)) && allowed?.has(row.pid) !== false) found.set(handleOf(row), [row.pid]);
  }
  return found;
}

/** On Windows two processes may listen on one address, so the pid is part of the handle. */
function handleOf(row: NetstatRow): string {
  return `${row.pid}/${row.address}/${row.port}/${row.remote ?? ''}`;
}

async function netstatRows(): Promise<readonly NetstatRow[]> {
  return parseNetstat(await requireTool(netstat, ['-ano'], timeoutMs));
}

/** Windows reports EACCES also for ports that it has reserved; the errno is `EXCLUDED` then. */
async function canBindHere(port: number): Promise<Bindable> {
  const answer = await canBind(port);
  if (answer.free || answer.errno !== 'EACCES') return answer;
  for (const family of ['ipv4', 'ipv6'] as const) {
    const ranges = await excludedPorts(family);
    if (ranges.some(([from, to]) => from <= port && port <= to)) return { ...answer, errno: 'EXCLUDED' };
  }
  return answer;
}

async function cimRows(filter: string, select: string): Promise<readonly CimRow[]> {
  const where = filter === '' ? '' : ` -Filter "${filter}"`;
  const script = `Get-CimInstance Win32_Process${where} | Where-Object { $_.CreationDate } | Select-Object ${select} | ConvertTo-Json -Compress`;
  return parseCim(await runScript(script));
}

function runScript(script: string): Promise<string> {
  const utf8 = '[Console]::OutputEncoding = [Text.UTF8Encoding]::new($false)';
  return requireTool(powershell, ['-NoProfile', '-NonInteractive', '-Command', `${utf8}; ${script}`], powershellTimeoutMs);
}

async function readNow(pids: readonly number[]): Promise<ReadProcess> {
  const valid = pids.filter((pid) => Number.isSafeInteger(pid) && pid > 0);
  const rows = valid.length === 0 ? [] : await cimRows(valid.map((pid) => `ProcessId=${pid}`).join(' OR '), columns);
  const living = new Map(rows.map((row) => [row.pid, rowOf(row)]));
  return (pid) => living.get(pid) ?? null;
}

function rowOf({ pid, ppid, name, startedAtMs, cpuMs, residentBytes }: CimRow): ProcessRow {
  return { pid, start: startedAtMs, ppid, pgid: 0, sid: 0, stopped: false, name, cpuMs, residentBytes };
}

async function details({ pid, start }: ProcessId): Promise<ProcessDetails | null> {
  requirePid(pid, 'a pid');
  const [row] = await cimRows(`ProcessId=${pid}`, detailColumns);
  if (row === undefined || row.startedAtMs !== start) return null;
  const { commandLine, executable, user, startedAtMs } = row;
  return { argv: splitCommandLine(commandLine ?? ''), executable, cwd: null, uid: null, user, startedAtMs, container: null, unit: null };
}

async function end(id: ProcessId, signal: Signal, flags: readonly string[]): Promise<SignalOutcome> {
  requirePid(id.pid, 'a pid');
  const found = compareStart(id, await readNow([id.pid]));
  if (found !== 'same') return found;
  // Windows has no equivalent of these signals, and asking the program to close would be wrong.
  if (['SIGCONT', 'SIGSTOP', 'SIGUSR1', 'SIGUSR2'].includes(signal)) return 'sent';
  const force = signal === 'SIGKILL' ? ['/F'] : [];
  const { exitCode, stderr } = await runTool(taskkill, ['/PID', String(id.pid), ...flags, ...force], timeoutMs);
  if (exitCode === 0) return 'sent';
  const after = compareStart(id, await readNow([id.pid]));
  if (after !== 'same') return after;
  // taskkill exits with 128 for a console program, which can only be ended by force: that is the sender's next step.
  return exitCode === 128 || exitCode === null || !/denied/i.test(stderr) ? 'sent' : 'denied';
}

/** Ends every member with its descendants, since Windows has no process groups. */
async function endAll(members: readonly ProcessId[], signal: Signal): Promise<SignalOutcome> {
  const outcomes: SignalOutcome[] = [];
  for (const member of members) outcomes.push(await end(member, signal, ['/T']));
  return (['sent', 'denied', 'reused'] as const).find((outcome) => outcomes.includes(outcome)) ?? 'gone';
}
