/** Linux's facts about processes: trees, memory, CPU time, listeners. */
import { readdirSync, readFileSync } from 'node:fs';
import { processRow } from '../../scripts/world.mjs';

const GONE = ['ENOENT', 'ESRCH', 'EACCES', 'EPERM'];

/** `root` and all its descendants that are alive. */
export function treeOf(root) {
  const rows = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => processRow(Number(name)))
    .filter((row) => row !== null);
  const tree = new Set([root]);
  for (let size = 0; size !== tree.size; ) {
    size = tree.size;
    for (const row of rows) if (tree.has(row.ppid)) tree.add(row.pid);
  }
  return rows.filter((row) => tree.has(row.pid)).map((row) => row.pid);
}

/** `{ rssMiB, pssMiB }` of all these processes together. PSS divides memory among the processes that map it. */
export function memoryOf(pids) {
  const sum = (pattern) => pids.reduce((total, pid) => total + Number(pattern.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0), 0) / 1024;
  return { rssMiB: sum(/^Rss:\s+(\d+)/m), pssMiB: sum(/^Pss:\s+(\d+)/m) };
}

/** CPU milliseconds that these processes have used so far, in all threads, without those of children. */
export function cpuMsOf(pids) {
  return pids.flatMap(threadsOf).reduce((total, file) => total + Number(read(file).split(' ')[0] || 0) / 1e6, 0);
}

function threadsOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}/schedstat`);
  } catch (error) {
    if (GONE.includes(error.code)) return [];
    throw error;
  }
}

/** All TCP ports that have a listener. */
export function listeningPorts() {
  const ports = new Set();
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const row of read(file).split('\n').slice(1)) {
      const [, local, , state] = row.trim().split(/\s+/);
      if (state === '0A') ports.add(Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16));
    }
  }
  return ports;
}

/** The empty text for a process that is gone or another user's. */
function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (GONE.includes(error.code)) return '';
    throw error;
  }
}
