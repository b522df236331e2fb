/** Linux: everything from `/proc`; no `ps`, `lsof` or `ss` is needed. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Platform } from '../model/platform.ts';
import { acceptsConnections, connectTo } from './accepts-connections.ts';
import { writeFileAtomically } from './atomic-file.ts';
import { canBindBoth } from './bind.ts';
import { CACHES_FOLDERS } from './caches-folder.ts';
import { systemClock } from './clock.ts';
import { ephemeralRange } from './ephemeral.ts';
import { container, controlGroup, details, processesWithVariable, variable } from './linux/details.ts';
import { holders } from './linux/holders.ts';
import { processes, processNow } from './linux/processes.ts';
import { allPids, openFiles, readLink, readText } from './linux/read.ts';
import { sleepsUntilWokenNow } from './linux/sleeping.ts';
import { listenSockets, otherSockets, socketCount } from './linux/sockets.ts';
import type { Machine } from './machine.ts';
import { posix, posixCommands } from './posix.ts';
import { sharedRead } from './shared-read.ts';
import { signalGroupOf, signalProcess } from './signal.ts';
import { keepSpares } from './spare-descriptors.ts';
import { signalTreeOf } from './tree.ts';
import { userName } from './users.ts';

export const linuxPlatform: Platform = {
  ...posix,
  name: 'linux',
  processesAreFiles: true,
  lock: 'abstract-socket',
  cachesFolder: (env) => CACHES_FOLDERS.linux(env) ?? join(homedir(), '.cache'),
  desktop: { openers: [['xdg-open'], ['wslview']], screenVariables: ['DISPLAY', 'WAYLAND_DISPLAY', 'BROWSER', 'WSL_DISTRO_NAME'] },
  airPlay: null,
  commands: {
    ...posixCommands,
    listListeners: (port) => `sudo ss -ltnp 'sport = :${port}'`,
    listSockets: (port) => `sudo ss -tanp 'sport = :${port}'`,
    reservePort: (port) => `sudo sysctl net.ipv4.ip_local_reserved_ports=${port}`,
    allowPort: (port) => `sudo sysctl net.ipv4.ip_unprivileged_port_start=${port}`,
    stopUnit: (unit, owner) => `${owner === 'root' ? 'sudo systemctl' : 'systemctl --user'} stop ${unit}`,
  },
  tools: { needed: ['sh', 'grep'], optional: ['mkfifo', 'ps', 'lsof', 'ss'] },
};

export function linuxMachine(): Machine {
  keepSpares();
  const allProcesses = sharedRead(() => processes());
  return {
    platform: linuxPlatform,
    pid: process.pid,
    uid: process.geteuid?.() ?? null,
    clock: systemClock,
    bootId: async () => (readText('/proc/sys/kernel/random/boot_id') ?? '').trim(),
    networkNamespace: () => readLink('/proc/self/ns/net') ?? '',
    listenSockets,
    socketCount,
    otherSockets,
    holders,
    canBind: canBindBoth,
    acceptsConnections,
    ephemeralPorts: async () => ephemeralRange(readText('/proc/sys/net/ipv4/ip_local_port_range') ?? ''),
    excludedPorts: async () => [],
    connectTo,
    pids: allPids,
    processes: (except) => (except ? processes(except) : allProcesses()),
    process: async (pid) => processNow(pid),
    sleepsUntilWoken: async (child, pid) => sleepsUntilWokenNow(child, pid),
    details,
    container,
    controlGroup,
    openFiles: async (pid) => openFiles(pid),
    variable,
    processesWithVariable,
    userName,
    signal: async (id, signal) => signalProcess(id, signal, processNow),
    signalGroup: async (pgid, members, signal) => signalGroupOf(pgid, members, signal, processNow),
    signalTree: (id, signal) => signalTreeOf(id, signal, { read: processNow, clock: systemClock, lister: 'ps' }),
    writeFileAtomically,
  };
}
