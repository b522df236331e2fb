/**
 * What was just ended can be started again by the process that sees it die: its nearest living ancestor. That one is given a quarter
 * of a second to start something; where it did, that is given some time more to listen, since a server may be slow.
 *
 * Where the system tells that this ancestor sleeps until somebody wakes it, and has started nothing, the wait is over at once:
 * a loop, a reloader, and who starts a server again after a pause are awake, have a new child, or a deadline.
 *
 * A leftover needs no such wait: whoever started it is dead, and its parent has merely adopted it. The kernel lets that be
 * proved. A child is born into its parent's session and can only leave it for one of its own, whose number is then its
 * own. So a parent in another session than the child's, which is not the child's own, is not who started it:
 *
 *     shell 400 (session 400) ── server 410 (session 400)         the shell ends: server 410's parent is 1, in session 1
 *
 * Where it cannot be proved (a child in a session of its own, a system that tells no sessions, a process that had children,
 * since one of them may have forked just then) the whole time is waited. A parent that ends because its child did, as npm
 * and `sh -c` do, is waited for no longer than that takes.
 */
import type { Machine, ProcessRow } from '../machine/machine.ts';

/** What was ended, as it was before: it and its ancestors, nearest first. */
export interface Ended {
  readonly lineage: readonly ProcessRow[];
  /** All processes there were (pid → start). */
  readonly before: ReadonlyMap<number, number>;
  /** Nothing hung on it, and it was no supervisor that we climbed to: nothing of it can be on its way to the port. */
  readonly single: boolean;
}

/** Long enough for a restarter to start its server again (measured: nodemon and its like need 50 ms until that listens). */
const SETTLE_MS = 250;
/** For a server that was seen to be started again: a busy machine takes a second. */
const BEGIN_MS = 2000;
const PAUSE_MS = { first: 1, most: 25 };

/** Resolves when nobody can bring the port's holders back, at the latest when who could have would have. False: at once. */
export async function settle(machine: Machine, ended: readonly Ended[], ports: ReadonlySet<number>): Promise<boolean> {
  const deadline = machine.clock.now() + SETTLE_MS;
  for (let pause = PAUSE_MS.first, waited = false; ; pause = Math.min(2 * pause, PAUSE_MS.most), waited = true) {
    const left = deadline - machine.clock.now();
    if (await isOver(machine, ended)) return waited;
    if (left <= 0) return untilItListens(machine, ended, ports);
    await machine.clock.sleep(Math.min(pause, left));
  }
}

async function isOver(machine: Machine, ended: readonly Ended[]): Promise<boolean> {
  for (const one of ended) if (!one.single || !(await nobodyWill(machine, one))) return false;
  return true;
}

/** While somebody has started something since, and as long as nothing listens. */
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
    // Everybody who lost a parent becomes a child of the first process.
    return parent && parent.pid > 1 && rows.some(({ pid, start, ppid }) => ppid === parent.pid && before.get(pid) !== start);
  });
}

/** Between it and whoever lives, all who started one another have ended; or its nearest living ancestor lets it be. */
async function nobodyWill(machine: Machine, { lineage, before }: Ended): Promise<boolean> {
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

/** Somebody of the lineage has a child that was not there before: a new server, or one that was handed to an ancestor by its parent's end. */
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
