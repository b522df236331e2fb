/**
 * Figures of a live session (memory, log bytes), and the sizes of the tests, which `DEVUP_TEST_LONG=1` raises to the promised
 * ones.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { stackId } from '../../../src/model/stack-id.ts';
import { eventually } from '../../rig/eventually.ts';
import type { Rig } from '../../rig/rig.ts';
import { status } from '../ports/answers.ts';

export const LONG = process.env['DEVUP_TEST_LONG'] === '1';
export const MIB = 1024 * 1024;

/** The folder of the stack beside its config. */
export function stackFolder(rig: Rig): string {
  return join(rig.root, '.devup', stackId(join(rig.root, 'orchestrator.config.json')));
}

export function logFile(rig: Rig, service: string): string {
  return join(stackFolder(rig), 'logs', `${service}.log`);
}

/** All parts of a service's log, oldest first. */
export function rawLog(rig: Rig, service: string): Buffer {
  const folder = join(stackFolder(rig), 'logs');
  const number = (file: string) => Number(/\.log\.(\d+)$/.exec(file)?.[1] ?? 0);
  const parts = readdirSync(folder).filter((file) => file === `${service}.log` || new RegExp(`^${service}\\.log\\.\\d+$`).test(file));
  return Buffer.concat(parts.sort((a, b) => number(b) - number(a)).map((file) => readFileSync(join(folder, file))));
}

/** Where bytes were dropped inside a part: entries of its index that do not follow on from the one before. */
export function logGaps(rig: Rig, service: string): readonly string[] {
  const folder = join(stackFolder(rig), 'logs');
  const indexes = readdirSync(folder).filter((file) => file.startsWith(`${service}.log`) && file.endsWith('.idx'));
  return indexes.flatMap((file) => {
    const entries = readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .slice(1, -1)
      .map((line) => line.split(' ').map(Number));
    const ahead = entries.map(([position, offset]) => (offset as number) - (position as number));
    return ahead.some((bytes) => bytes !== ahead[0]) ? [`${file}: ${ahead.join(', ')}`] : [];
  });
}

/** The bytes of all services together, indexes included. */
export function logBytes(rig: Rig): number {
  const folder = join(stackFolder(rig), 'logs');
  return readdirSync(folder).reduce((sum, file) => sum + (statSync(join(folder, file), { throwIfNoEntry: false })?.size ?? 0), 0);
}

export async function supervisorPid(rig: Rig): Promise<number> {
  const { session } = await status(rig);
  if (!session) throw new Error('no session');
  return session.pid;
}

/** The peak of its resident memory. */
export function peakMiB(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** Lines of JSON that a service of the test wrote into a file of the project. */
export function noted(rig: Rig, file: string): readonly Record<string, number>[] {
  try {
    const lines = readFileSync(join(rig.root, file), 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Record<string, number>);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

export function nth(rig: Rig, file: string, count: number): Promise<Record<string, number>> {
  return eventually(`line ${count} of ${file}`, () => noted(rig, file)[count - 1]);
}

/** Prints a figure for readers of the run: `F27: the supervisor's peak: 91 MiB`. */
export function tell(text: string): void {
  process.stdout.write(`  ${text}\n`);
}

/** The CPU time that it has used, in seconds. Linux counts it in hundredths. */
export function cpuSeconds(pid: number): number {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ').slice(11, 13) ?? [];
  return (Number(user) + Number(system)) / 100;
}
