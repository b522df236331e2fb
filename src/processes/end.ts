/**
 * How processes end: the one recipe, for a service's members and for a squatter's tree alike.
 *
 *   signal to whoever is responsible (the main process's group; members whose parent is gone) → CONT, since a stopped
 *   process ignores TERM → wait → KILL all that is left, again and again until three looks in a row find nobody.
 *
 * A living parent is left to end its own children: postgres, nginx and gunicorn do it in an order of their own, and a
 * signal to a PostgreSQL worker means something else than one to the postmaster. A child whose parent has gone by then
 * gets the signal itself. Nobody gets it twice.
 */
import type { Machine, Signal } from '../machine/machine.ts';
import { KILL_MS } from '../model/graces.ts';
import type { ProcessId } from '../model/port.ts';

/** A set of processes that changes while it is being ended. */
export interface TargetSet {
  /** Looks again, and takes in what has been forked meanwhile. */
  scan(): Promise<void>;
  /** Living processes as of the last look. */
  readonly members: readonly (ProcessId & { readonly ppid: number; readonly pgid: number })[];
  /** The group that is ours as a whole: one signal reaches all of it, forks in flight included. Null: signal one by one. */
  readonly group: number | null;
}

export interface EndOptions {
  /** Null: straight to KILL. */
  readonly signal: Signal | null;
  /** From the signal to KILL; null: never KILL (a data server that is not ours). */
  readonly graceMs: number | null;
  /** From the signal to the first look; every further pause is twice as long, up to a tenth of a second. */
  readonly firstLookMs?: number;
  /** Gives up on what cannot be killed (another user's, state D) after this long with KILL; default: `KILL_MS`. */
  readonly killMs?: number;
  /** Resolves early when something may have changed (a child's exit), so that no time is lost between looks. */
  readonly nudge?: () => Promise<void>;
  /** An earlier look, that began after the last known end, has found nobody: another one that finds nobody is proof enough. */
  readonly empty?: boolean;
  /** Aborted: the grace is over now (a second Ctrl-C). */
  readonly hurry?: AbortSignal;
}

export interface EndReport {
  readonly survivors: readonly ProcessId[];
  /** Those that had to be killed. */
  readonly forced: readonly ProcessId[];
  readonly signalled: readonly { readonly id: ProcessId; readonly signal: Signal }[];
}

const LOOK_MS = { first: 5, most: 100 };
/** Why a pause ends early; one for all, since each new one would be an error with its stack. */
const OVER = new Error('the pause is over');
const QUIET_LOOKS = 3;
/** For those who had children while they were being ended: a chain of short lives can be missed by a look. */
const QUIET_LOOKS_OF_PARENTS = 12;
const QUIET_MS = 20;

export async function end(machine: Machine, targets: TargetSet, options: EndOptions): Promise<EndReport> {
  const { killMs = KILL_MS } = options;
  const signalled: { id: ProcessId; signal: Signal }[] = [];
  const asked = new Set<string>();
  const key = (id: ProcessId) => `${id.pid}:${id.start}`;
  const known = new Set<string>();
  let looks = 0;
  let quietLooks = QUIET_LOOKS;
  const look = async () => {
    await targets.scan();
    if (looks++ > 0 && targets.members.some((member) => !known.has(key(member)))) quietLooks = QUIET_LOOKS_OF_PARENTS;
    for (const member of targets.members) known.add(key(member));
  };

  if (options.signal !== null) {
    const deadline = options.graceMs === null ? machine.clock.now() + killMs : machine.clock.now() + options.graceMs;
    await look();
    if (options.empty && known.size === 0) return { survivors: [], forced: [], signalled };
    for (let pause = options.firstLookMs ?? LOOK_MS.first; targets.members.length > 0; pause = Math.min(pause * 2, LOOK_MS.most)) {
      await ask(options.signal);
      const left = deadline - machine.clock.now();
      if (left <= 0 || options.hurry?.aborted) break;
      await pauseFor(Math.min(pause, left));
      await look();
    }
    if (options.graceMs === null) return { survivors: [...targets.members], forced: [], signalled };
  }

  const forced = new Map<string, ProcessId>();
  const deadline = machine.clock.now() + killMs;
  await look();
  // Nobody left after a polite end: one look that began after the last exit is proof enough.
  if (targets.members.length === 0 && quietLooks === QUIET_LOOKS) return { survivors: [], forced: [], signalled };
  for (let quiet = 0; quiet < quietLooks; quiet = targets.members.length === 0 ? quiet + 1 : 0) {
    if (machine.clock.now() > deadline) return { survivors: [...targets.members], forced: [...forced.values()], signalled };
    // The group first: a fork storm cannot outrun a signal that reaches every process of it at once.
    const { group } = targets;
    const reached =
      group !== null && targets.members.length > 0 && (await machine.signalGroup(group, targets.members, 'SIGKILL')) === 'sent';
    for (const member of targets.members) {
      // Where a scan runs a program, what is forked meanwhile is reached by walking the tree as well.
      const outcome = machine.platform.processesAreFiles
        ? await machine.signal(member, 'SIGKILL')
        : await machine.signalTree(member, 'SIGKILL');
      // Gone without our doing is not killed by us, unless the group's signal was quicker.
      const ended = outcome === 'sent' || (outcome === 'gone' && reached && member.pgid === group);
      if (!ended || forced.has(key(member))) continue;
      const { pid, start } = member;
      forced.set(key(member), { pid, start });
      signalled.push({ id: { pid, start }, signal: 'SIGKILL' });
    }
    await machine.clock.sleep(targets.members.length > 0 ? LOOK_MS.first : QUIET_MS);
    await look();
  }
  return { survivors: [], forced: [...forced.values()], signalled };

  /** The signal and CONT to everybody responsible who has not had it yet. */
  async function ask(signal: Signal): Promise<void> {
    const members = targets.members;
    const living = new Set(members.map((member) => member.pid));
    const inGroup = targets.group === null ? [] : members.filter((member) => member.pgid === targets.group);
    if (targets.group !== null && inGroup.length > 0 && !asked.has(`group:${targets.group}`)) {
      asked.add(`group:${targets.group}`);
      if ((await machine.signalGroup(targets.group, inGroup, signal)) === 'sent') {
        for (const { pid, start } of inGroup) signalled.push({ id: { pid, start }, signal });
      }
      await machine.signalGroup(targets.group, inGroup, 'SIGCONT');
      for (const member of inGroup) asked.add(key(member));
    }
    for (const member of members) {
      if (asked.has(key(member)) || living.has(member.ppid)) continue;
      asked.add(key(member));
      if ((await machine.signal(member, signal)) === 'sent') signalled.push({ id: { pid: member.pid, start: member.start }, signal });
      await machine.signal(member, 'SIGCONT');
    }
  }

  async function pauseFor(ms: number): Promise<void> {
    const stop = new AbortController();
    const hurry = () => stop.abort(OVER);
    options.hurry?.addEventListener('abort', hurry, { once: true });
    const sleeping = machine.clock.sleep(ms, stop.signal).catch((reason: unknown) => {
      if (!stop.signal.aborted) throw reason;
    });
    await Promise.race([sleeping, ...(options.nudge ? [options.nudge()] : [])]);
    stop.abort(OVER);
    options.hurry?.removeEventListener('abort', hurry);
  }
}
