/** Processes that tests left behind, found by the marker of a test run in their environment (Linux only; elsewhere none). */
import { readdirSync, readFileSync } from 'node:fs';

export const RUN_VARIABLE = 'DEVUP_TEST_RUN';

/** Living processes whose environment says `DEVUP_TEST_RUN=<run>…`, without this one and without `except`. */
export function processesOfRun(run, except = new Set()) {
  const found = [];
  for (const name of entries('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid || except.has(pid)) continue;
    const environment = read(`/proc/${pid}/environ`);
    if (!environment?.split('\0').some((entry) => entry.startsWith(`${RUN_VARIABLE}=${run}`))) continue;
    const row = processRow(pid);
    if (row) found.push({ ...row, command: read(`/proc/${pid}/cmdline`)?.split('\0').join(' ').trim() ?? '' });
  }
  return found;
}

/** `{ pid, ppid, start }` of a living process; null when it is gone or a zombie. `start` is in clock ticks since boot. */
export function processRow(pid) {
  const stat = read(`/proc/${pid}/stat`);
  if (!stat) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? null : { pid, ppid: Number(fields[1]), start: Number(fields[19]) };
}

/** Null for a process that is gone, or another user's. */
function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(error.code)) return null;
    throw error;
  }
}

function entries(folder) {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}
