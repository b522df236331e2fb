/** Finds what a test has left on the machine: processes, held ports, sockets and FIFOs in its folders. */
import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesOfRun, processRow } from '../../scripts/world.mjs';
import { eventually, LOOK_EVERY_MS } from './eventually.ts';
import { isFree } from './ports.ts';

/** How long processes whose parent was just killed may take to disappear. */
const DYING_MS = 3000;

/** The processes that are still alive after the time that a dying process may take. */
export async function strays(marker: string, known: ReadonlyMap<number, number>): Promise<readonly string[]> {
  let found = living(marker, known);
  const deadline = performance.now() + DYING_MS;
  while (found.length > 0 && performance.now() < deadline) {
    await sleep(LOOK_EVERY_MS);
    found = living(marker, known);
  }
  return found;
}

/** Living processes with that marker, or among `known` (pid → start time when it was first seen). */
function living(marker: string, known: ReadonlyMap<number, number>): readonly string[] {
  const marked = processesOfRun(marker).map(({ pid, command }) => `pid ${pid}: ${command}`);
  const remembered = [...known].filter(([pid, start]) => processRow(pid)?.start === start).map(([pid]) => `pid ${pid} (seen before)`);
  return [...marked, ...remembered];
}

/** Kills the processes repeatedly until none is left, since they may fork meanwhile. */
export async function killAll(marker: string, known: ReadonlyMap<number, number>): Promise<void> {
  await eventually(
    () => `these cannot be killed: ${living(marker, known).join('; ')}`,
    () => {
      for (const { pid } of processesOfRun(marker)) kill(pid);
      for (const [pid, start] of known) if (processRow(pid)?.start === start) kill(pid);
      return living(marker, known).length === 0;
    },
    DYING_MS,
  );
}

export async function heldPorts(ports: Iterable<number>): Promise<readonly string[]> {
  const held: string[] = [];
  for (const port of ports) if (!(await isFree(port))) held.push(`port ${port} is still held`);
  return held;
}

/** Sockets and FIFOs in the folder, which only a live session may have. */
export function endpointsLeft(folder: string, except: string): readonly string[] {
  return filesUnder(folder)
    .filter((entry) => entry.isSocket() || entry.isFIFO())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.startsWith(except))
    .map((file) => `${file} was left`);
}

function filesUnder(folder: string): readonly Dirent[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
