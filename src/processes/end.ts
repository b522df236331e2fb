/**
 * How processes end: the one recipe, for a service's members and for the tree of a foreign holder alike.
 *
 *   signal the processes responsible (the main process's group; members whose parent is gone) → CONT, since a stopped
 *   process ignores TERM → wait → KILL what is left, until three scans in a row find no member.
 *
 * A living parent ends its own children: postgres, nginx and gunicorn do it in an order of their own, and a signal to a
 * PostgreSQL worker means something else than one to the postmaster. A child gets the signal itself once its parent is
 * gone. No process gets it twice.
 */
import type { Machine, ProcessRow, Signal } from '../machine/machine.ts';
import { KILL_MS, type LostGrace } from '../model/graces.ts';
import type { ProcessId } from '../model/port.ts';

/** A set of processes that changes while it is being ended. */
export interface TargetSet {
  /** Reads the processes again, and adds those that were forked meanwhile. Thorough: also such as have ended again since. */
  scan(options: { readonly isThorough: boolean }): Promise<void>;
  /** Living processes as of the last scan. */
  readonly members: readonly Pick<ProcessRow, 'pid' | 'start' | 'ppid' | 'pgid' | 'name'>[];
  /**
   * A group of which every process is a target: one signal reaches the whole group, including processes that are just being forked. Null:
   * each process is signalled by itself.
   */
  readonly group: number | null;
}

export interface EndOptions {
  /** Null: straight to KILL. */
  readonly signal: Signal | null;
  /** From the signal to KILL; null: never KILL (a data server that is not ours). */
  readonly graceMs: number | null;
  /** From the signal to the next scan; every further pause is twice as long, up to a tenth of a second. */
  readonly firstPauseMs?: number;
  /** Gives up on processes that cannot be killed (another user's, state D) after this long with KILL; default: `KILL_MS`. */
  readonly killMs?: number;
  /** Resolves early, and so ends a pause, when something may have changed, such as at a child's exit. */
  readonly wake?: () => Promise<void>;
  /** A scan that began after the last known exit was empty, so one more empty scan is proof enough. */
  readonly wasEmpty?: boolean;
  /** Aborted: the grace is over now (a second Ctrl-C). */
  readonly graceOver?: AbortSignal;
}

export interface EndReport {
  readonly survivors: readonly ProcessId[];
  /** The targets that had to be killed. */
  readonly forced: readonly Forced[];
  readonly signalled: readonly { readonly id: ProcessId; readonly signal: Signal }[];
}

export interface Forced extends ProcessId {
  readonly name: string;
  readonly grace: LostGrace;
}

export function end(machine: Machine, targets: TargetSet, options: EndOptions): Promise<EndReport> {
  return new Ending(machine, targets, options).run();
}

const PAUSE_MS = { first: 5, most: 100, afterEmptyScan: 20 };
/** Scans can miss a chain of short-lived processes, so targets that have forked need more empty scans. */
const EMPTY_SCANS = { usual: 3, afterForks: 12 };
/** The reason with which a pause ends early. One shared error, since each new error would record its stack. */
const PAUSE_OVER = new Error('the pause is over');

class Ending {
  readonly #machine: Machine;
  readonly #targets: TargetSet;
  readonly #options: EndOptions;
  readonly #killMs: number;
  /** Groups and processes that have had the signal that asks them to end. */
  readonly #asked = new Set<string>();
  readonly #killed = new Map<string, Forced>();
  /** The grace of the targets that were asked to end and did not. */
  readonly #graceOf = new Map<string, LostGrace>();
  readonly #signalled: { id: ProcessId; signal: Signal }[] = [];
  /** All targets that any scan has found. */
  readonly #found = new Set<string>();
  #scans = 0;
  /** A target has appeared since the first scan. */
  #haveForked = false;

  constructor(machine: Machine, targets: TargetSet, options: EndOptions) {
    this.#machine = machine;
    this.#targets = targets;
    this.#options = options;
    this.#killMs = options.killMs ?? KILL_MS;
  }

  async run(): Promise<EndReport> {
    const { signal, graceMs, wasEmpty } = this.#options;
    if (signal !== null) {
      await this.#ask(signal);
      const isProvenEmpty = wasEmpty === true && this.#found.size === 0;
      if (isProvenEmpty || graceMs === null) return this.#report();
    }
    await this.#kill();
    return this.#report();
  }

  #report(): EndReport {
    return { survivors: [...this.#targets.members], forced: [...this.#killed.values()], signalled: this.#signalled };
  }

  /** Sends the signal, and waits until no member is left or the grace is over. */
  async #ask(signal: Signal): Promise<void> {
    const { graceMs, graceOver, firstPauseMs = PAUSE_MS.first } = this.#options;
    const { clock } = this.#machine;
    const deadline = clock.now() + (graceMs ?? this.#killMs);
    await this.#scan();
    for (let pauseMs = firstPauseMs; this.#targets.members.length > 0; pauseMs = Math.min(pauseMs * 2, PAUSE_MS.most)) {
      await this.#signalResponsible(signal);
      const leftMs = deadline - clock.now();
      if (leftMs <= 0 || graceOver?.aborted) {
        for (const member of this.#targets.members) this.#graceOf.set(keyOf(member), leftMs <= 0 ? 'over' : 'cut');
        return;
      }
      await this.#pause(Math.min(pauseMs, leftMs));
      await this.#scan();
    }
  }

  /** Kills, until enough scans in a row are empty or the time for it is over. */
  async #kill(): Promise<void> {
    const { clock } = this.#machine;
    const deadline = clock.now() + this.#killMs;
    await this.#scan();
    // If every target has ended on the first signal, one scan that began after the last exit is proof enough.
    if (this.#targets.members.length === 0 && !this.#haveForked) return;
    for (let emptyScans = 0; emptyScans < (this.#haveForked ? EMPTY_SCANS.afterForks : EMPTY_SCANS.usual); ) {
      if (clock.now() > deadline) return;
      await this.#killMembers();
      await clock.sleep(this.#targets.members.length > 0 ? PAUSE_MS.first : PAUSE_MS.afterEmptyScan);
      await this.#scan();
      emptyScans = this.#targets.members.length === 0 ? emptyScans + 1 : 0;
    }
  }

  async #scan(): Promise<void> {
    await this.#targets.scan({ isThorough: this.#haveForked });
    const keys = this.#targets.members.map(keyOf);
    if (this.#scans++ > 0 && keys.some((key) => !this.#found.has(key))) this.#haveForked = true;
    for (const key of keys) this.#found.add(key);
  }

  /** Sends the signal and CONT to every responsible process that has not had it yet. */
  async #signalResponsible(signal: Signal): Promise<void> {
    const { members, group } = this.#targets;
    const living = new Set(members.map(({ pid }) => pid));
    if (group !== null) await this.#signalGroup(group, signal);
    for (const member of members) {
      if (this.#asked.has(keyOf(member)) || living.has(member.ppid)) continue;
      this.#asked.add(keyOf(member));
      if ((await this.#machine.signal(member, signal)) === 'sent') this.#note(member, signal);
      await this.#machine.signal(member, 'SIGCONT');
    }
  }

  async #signalGroup(group: number, signal: Signal): Promise<void> {
    const members = this.#targets.members.filter(({ pgid }) => pgid === group);
    if (members.length === 0 || this.#asked.has(`group:${group}`)) return;
    this.#asked.add(`group:${group}`);
    if ((await this.#machine.signalGroup(group, members, signal)) === 'sent') for (const member of members) this.#note(member, signal);
    await this.#machine.signalGroup(group, members, 'SIGCONT');
    for (const member of members) this.#asked.add(keyOf(member));
  }

  async #killMembers(): Promise<void> {
    const { members, group } = this.#targets;
    // The group first: a fork storm cannot outrun a signal that reaches every process of it at once.
    const groupKilled = group !== null && members.length > 0 && (await this.#machine.signalGroup(group, members, 'SIGKILL')) === 'sent';
    // The members are read again: another service's scan may have changed them meanwhile.
    for (const member of this.#targets.members) {
      // Where a scan has to run a program, walking the tree also reaches processes that are forked meanwhile.
      const outcome = this.#machine.platform.processesAreFiles
        ? await this.#machine.signal(member, 'SIGKILL')
        : await this.#machine.signalTree(member, 'SIGKILL');
      // A process that is gone was killed by us only if the group's signal reached it.
      const isKilled = outcome === 'sent' || (outcome === 'gone' && groupKilled && member.pgid === group);
      if (!isKilled || this.#killed.has(keyOf(member))) continue;
      const { pid, start, name } = member;
      this.#killed.set(keyOf(member), { pid, start, name, grace: this.#graceOf.get(keyOf(member)) ?? 'none' });
      this.#note(member, 'SIGKILL');
    }
  }

  #note({ pid, start }: ProcessId, signal: Signal): void {
    this.#signalled.push({ id: { pid, start }, signal });
  }

  async #pause(ms: number): Promise<void> {
    const { graceOver, wake } = this.#options;
    const stop = new AbortController();
    const stopPause = () => stop.abort(PAUSE_OVER);
    graceOver?.addEventListener('abort', stopPause, { once: true });
    const sleeping = this.#machine.clock.sleep(ms, stop.signal).catch((reason: unknown) => {
      if (!stop.signal.aborted) throw reason;
    });
    await Promise.race([sleeping, ...(wake ? [wake()] : [])]);
    stopPause();
    graceOver?.removeEventListener('abort', stopPause);
  }
}

function keyOf({ pid, start }: ProcessId): string {
  return `${pid}:${start}`;
}
