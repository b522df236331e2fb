/**
 * Waits until an ended holder is restarted, or certainly will not be. Only its nearest living ancestor can restart it. That ancestor has a
 * quarter of a second to start a process; if it does, the new process has some more time to listen.
 *
 * The wait ends at once if the system shows that the ancestor sleeps until it is woken and has started nothing. A loop, a
 * reloader, and a restarter with a pause are awake, have a new child, or have set a deadline.
 *
 * A leftover needs no wait: the process that started it is dead, and its parent has merely adopted it. Sessions prove this.
 * A child is born into its parent's session, and leaves it only for a new one with its own pid as the number. So a parent
 * whose session differs from the child's did not start the child, unless the child leads its own session:
 *
 *     shell 400 (session 400) ── server 410 (session 400)         the shell ends: the parent of server 410 is 1, in session 1
 *
 * The whole time passes if there is no proof: a child that leads its session, a system that reveals no sessions, or a
 * process with children, one of which may have just forked. A parent that ends with its child, as npm and `sh -c` do, ends
 * the wait.
 */
import type { Machine, ProcessRow } from '../machine/machine.ts';

/** An ended process, as it was before its end. */
export interface Ended {
  /** The process and its ancestors, nearest first. */
  readonly lineage: readonly ProcessRow[];
  /** All processes of the machine (pid → start). */
  readonly before: ReadonlyMap<number, number>;
  /** The process held the port itself and had no children, so none of its children can be about to take the port. */
  readonly single: boolean;
}

/** Long enough for a restarter (measured: with nodemon and similar tools the new server listens after 50 ms). */
const SETTLE_MS = 250;
/** Time for a restarted server to listen; on a busy machine this takes a second. */
const BEGIN_MS = 2000;
const PAUSE_MS = { first: 1, most: 25 };

/** Resolves when no process can restart the holders any more, or the time for that has passed. False: there was no need to wait. */
export async function settle(machine: Machine, ended: readonly Ended[], ports: ReadonlySet<number>): Promise<boolean> {
  const deadline = machine.clock.now() + SETTLE_MS;
  for (let pause = PAUSE_MS.first, waited = false; ; pause = Math.min(2 * pause, PAUSE_MS.most), waited = true) {
    const left = deadline - machine.clock.now();
    if (await noneIsRestarted(machine, ended)) return waited;
    if (left <= 0) return untilItListens(machine, ended, ports);
    await machine.clock.sleep(Math.min(pause, left));
  }
}

async function noneIsRestarted(machine: Machine, ended: readonly Ended[]): Promise<boolean> {
  for (const one of ended) if (!one.single || !(await isNotRestarted(machine, one))) return false;
  return true;
}

/** Waits while an ancestor has a new child and nothing listens on the ports. */
async function untilItListens(machine: Machine, ended: readonly Ended[], ports: ReadonlySet<number>): Promise<true> {
  const deadline = machine.clock.now() + BEGIN_MS;
  while (machine.clock.now() < deadline && (await startedSince(machine, ended)) && (await machine.listenSockets(ports)).length === 0) {
    await machine.clock.sleep(PAUSE_MS.most);
  }
  return true;
}

async function startedSince(machine: Machine, ended: readonly Ended[]): Promise<boolean> {
  const rows = await machine.processes();
  return ended.some(({ lineage, before }) => {
    const parent = lineage.slice(1).find(({ pid, start }) => rows.some((row) => row.pid === pid && row.start === start));
    // Init adopts all orphans, so its new children prove nothing.
    return parent && parent.pid > 1 && rows.some(({ pid, start, ppid }) => ppid === parent.pid && before.get(pid) !== start);
  });
}

/** True if the nearest living ancestor merely adopted the ended process, or sleeps and has started nothing. */
async function isNotRestarted(machine: Machine, { lineage, before }: Ended): Promise<boolean> {
  let [child, ...parents] = lineage;
  for (const parent of parents) {
    if (!child || adopted(child, parent)) return true;
    if ((await machine.process(parent.pid))?.start === parent.start) {
      return (await machine.sleepsUntilWoken(child.pid, parent.pid)) && !(await hasOffspring(machine, lineage, before));
    }
    child = parent;
  }
  return false;
}

/** True if a process of the lineage has a new child: a new server, or an orphan that it has adopted. */
async function hasOffspring(machine: Machine, lineage: readonly ProcessRow[], before: Ended['before']): Promise<boolean> {
  const fresh = await machine.processes(new Set(before.keys()));
  return fresh.some(({ ppid }) => lineage.some(({ pid }) => pid === ppid));
}

function adopted(child: ProcessRow, parent: ProcessRow): boolean {
  return child.sid > 0 && child.sid !== child.pid && parent.sid !== child.sid;
}

/** A process and its ancestors as they are now, nearest first. */
export async function lineageOf(machine: Machine, pid: number): Promise<readonly ProcessRow[]> {
  const found = new Map<number, ProcessRow>();
  for (let row = await machine.process(pid); row && !found.has(row.pid); row = row.ppid > 0 ? await machine.process(row.ppid) : null) {
    found.set(row.pid, row);
  }
  return [...found.values()];
}
