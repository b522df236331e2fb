/**
 * Frees ports: records the holders with their trees, climbs to a supervisor that would restart them, sends SIGTERM, waits, sends SIGKILL to
 * the rest, and probes the port. If a living process could restart the holder, the port is probed again later (`settle.ts`). If the port is
 * held again, the nearest common ancestor of the old and the new holder is ended too. Only listeners are signalled, never clients of the
 * port.
 */
import type { Machine, Signal } from '../machine/machine.ts';
import { GRACE_MS } from '../model/graces.ts';
import type { Ancestor, Holder, PortState, ProcessId } from '../model/port.ts';
import { sameProcess } from '../model/port.ts';
import { describe } from '../processes/describe.ts';
import { end } from '../processes/end.ts';
import { dataServer } from '../processes/refuse.ts';
import { Tree } from '../processes/tree.ts';
import { identifyPorts } from './identify.ts';
import { isInteractive, isShell } from './interactive-shell.ts';
import { busyPorts, waitFree } from './probe.ts';
import { type Ended, lineageOf, settle } from './settle.ts';

export interface FreeOptions {
  readonly signal: Signal;
  /** From the signal to SIGKILL. */
  readonly graceMs: number;
  /** Send SIGKILL also to data servers that do not end in time. */
  readonly force: boolean;
  /** False for processes that must not be ended: refused processes and devup's own ancestors. */
  readonly mayEnd: (id: ProcessId) => Promise<boolean>;
  /** An independent probe that confirms that a port is free. */
  readonly secondOpinion?: (port: number) => Promise<boolean>;
}

export interface Killed {
  readonly pid: number;
  readonly command: string;
  readonly signal: Signal;
}

export interface FreeOutcome {
  readonly port: number;
  readonly freed: boolean;
  /** The state of the port now. */
  readonly state: PortState;
  readonly killed: readonly Killed[];
  /** The process that restarted the holder, if the port is held for that reason. */
  readonly respawnedBy: Holder | null;
  /** True if a data server got only the signal that asks it to end. */
  readonly graceful: boolean;
}

const ROUNDS = 3;

export async function freeHeld(machine: Machine, held: readonly Held[], options: FreeOptions): Promise<readonly FreeOutcome[]> {
  const killed = new Map<string, KilledOn>();
  const everHeld: Holder[] = held.flatMap((state) => [...state.holders]);
  const ports = held.map((state) => state.port);
  let states: readonly PortState[] = held;
  let graceful = false;
  for (let round = 0; round < ROUNDS; round++) {
    const roots = round === 0 ? await rootsOf(held, (holder) => climbToReloader(machine, holder, options)) : await respawned(states);
    if (roots.length === 0) break;
    const ended = await Promise.all(roots.map((root) => endRoot(machine, root, options, killed)));
    graceful ||= ended.includes('only asked');
    let busy = await waitFree(machine, ports);
    const over = ended.filter((one) => one !== 'only asked');
    if (await settle(machine, over, new Set(ports))) busy = await busyPorts(machine, ports);
    states = await statesOf(machine, ports, busy);
    if (await disputed(states)) states = await statesOf(machine, ports, await busyPorts(machine, ports));
    if (graceful) break;
  }
  return Promise.all(states.map((state) => outcomeOf(state)));

  /** The roots of new holders that may be ended. Holders that survived an earlier round are not signalled again. */
  async function respawned(now: readonly PortState[]): Promise<readonly Root[]> {
    const fresh: Held[] = [];
    for (const state of now) {
      if (state.kind !== 'held') continue;
      const holders = state.holders.filter((holder) => everHeld.every((old) => !sameProcess(old, holder)));
      const refused = await Promise.all(state.holders.map(async (holder) => !(await options.mayEnd(holder))));
      if (holders.length > 0 && !refused.includes(true)) fresh.push({ ...state, holders });
    }
    const roots = await rootsOf(fresh, (holder) => climbToCommon(machine, holder, everHeld, options));
    everHeld.push(...fresh.flatMap((state) => [...state.holders]));
    return roots;
  }

  /** True if devup finds a port free and the second opinion does not: another process has just taken it. */
  async function disputed(now: readonly PortState[]): Promise<boolean> {
    for (const { kind, port } of now) if (kind === 'free' && options.secondOpinion && !(await options.secondOpinion(port))) return true;
    return false;
  }

  async function outcomeOf(state: PortState): Promise<FreeOutcome> {
    const agreed = state.kind === 'free' && (options.secondOpinion ? await options.secondOpinion(state.port) : true);
    const holder = state.kind === 'held' ? state.holders[0] : undefined;
    const isNew = holder && !held.some((before) => before.holders.some((old) => sameProcess(old, holder)));
    const parent = isNew ? holder.ancestors[0] : undefined;
    return {
      port: state.port,
      freed: agreed,
      state: agreed || state.kind !== 'free' ? state : { port: state.port, kind: 'hidden', reason: { kind: 'closing' }, addresses: [] },
      killed: [...killed.values()]
        .filter(({ ports: on }) => on.has(state.port))
        .map(({ pid, command, signal }) => ({ pid, command, signal })),
      // A holder without a parent was started again by an unknown process.
      respawnedBy: parent && parent.pid > 1 ? await describe(machine, parent.pid, []) : null,
      graceful,
    };
  }
}

/**
 * The processes that `freeHeld` would signal first, by port: the holders, or the supervisors that would restart them. Nothing is
 * signalled.
 */
export async function wouldEnd(
  machine: Machine,
  held: readonly Held[],
  options: Pick<FreeOptions, 'signal' | 'mayEnd'>,
): Promise<ReadonlyMap<number, readonly Killed[]>> {
  const roots = await rootsOf(held, (holder) => climbToReloader(machine, holder, options));
  const first = ({ process }: Root): Killed => ({
    pid: process.pid,
    command: process.command,
    signal: firstSignal(process, options.signal),
  });
  return new Map(held.map(({ port }) => [port, roots.filter(({ ports }) => ports.has(port)).map(first)]));
}

function firstSignal(holder: Holder, signal: Signal): Signal {
  return (signal === 'SIGTERM' && dataServer(holder)?.signal) || signal;
}

type Held = PortState & { readonly kind: 'held' };
type KilledOn = Killed & { readonly ports: ReadonlySet<number> };

/** A process that is ended with its descendants to free these ports. */
interface Root {
  readonly process: Holder;
  readonly ports: Set<number>;
  /** True for a process that holds no port itself, but would restart the holder. */
  readonly climbed: boolean;
}

/** The roots of the holders' trees, each once. A pre-forked worker is no root, because its parent ends it. */
async function rootsOf(states: readonly Held[], climb: (holder: Holder) => Promise<Holder>): Promise<readonly Root[]> {
  const roots: Root[] = [];
  for (const { port, holders } of states) {
    for (const holder of holders) {
      const process = await climb(holder);
      const known = roots.find((root) => sameProcess(root.process, process));
      if (known) known.ports.add(port);
      else roots.push({ process, ports: new Set([port]), climbed: process !== holder });
    }
  }
  const above = (root: Root) => roots.filter((other) => root.process.ancestors.some((ancestor) => sameProcess(ancestor, other.process)));
  for (const root of roots) for (const other of above(root)) for (const port of root.ports) other.ports.add(port);
  return roots.filter((root) => above(root).length === 0);
}

/** `only asked`: a data server did not end, and only `--force` kills data servers. */
async function endRoot(
  machine: Machine,
  { process: root, ports, climbed }: Root,
  options: FreeOptions,
  killed: Map<string, KilledOn>,
): Promise<Ended | 'only asked'> {
  const server = dataServer(root);
  const tree = new NamedTree(machine, [root]);
  const lineage = await lineageOf(machine, root.pid);
  const report = await end(machine, tree, {
    signal: options.signal === 'SIGKILL' ? null : firstSignal(root, options.signal),
    graceMs: server && !options.force ? null : server ? Math.max(options.graceMs, GRACE_MS.forcedDataServer) : options.graceMs,
    ...(server && !options.force && { killMs: server.graceMs }),
    firstPauseMs: FIRST_PAUSE_MS,
    ...(machine.platform.processesAreFiles && { wake: wakeWhenGone(machine, root) }),
  });
  for (const { id, signal } of report.signalled) {
    if (report.survivors.some((survivor) => sameProcess(survivor, id))) continue;
    killed.set(`${id.pid}:${id.start}`, { pid: id.pid, command: tree.commands.get(id.pid) ?? root.command, signal, ports });
  }
  if (server && !options.force && report.survivors.length > 0) return 'only asked';
  return { lineage, before: tree.before, single: !climbed && tree.commands.size === 1 };
}

/** The first pause is short, because most servers end at once. */
const FIRST_PAUSE_MS = 1;
/**
 * Turns of the event loop with one read of a file each. Together they take about as long as the first pause; a timer would take
 * twice that.
 */
const TURNS = 50;

/** Ends the first pause as soon as the process has ended, which is checked at every turn. Later pauses have their full length. */
function wakeWhenGone(machine: Machine, id: ProcessId): () => Promise<void> {
  let turns = 0;
  return async () => {
    for (; turns < TURNS; turns++) {
      if ((await machine.process(id.pid))?.start !== id.start) return;
      await machine.clock.turn();
    }
    await new Promise<never>(() => undefined);
  };
}

/** Remembers the command of every process that a scan has found. */
class NamedTree extends Tree {
  readonly #machine: Machine;
  readonly commands = new Map<number, string>();

  constructor(machine: Machine, roots: readonly ProcessId[]) {
    super(machine, roots);
    this.#machine = machine;
  }

  override async scan(): Promise<void> {
    await super.scan();
    for (const member of this.members) {
      if (this.commands.has(member.pid)) continue;
      const argv = (await this.#machine.details(member))?.argv ?? [];
      this.commands.set(member.pid, argv.length > 0 ? argv.join(' ') : member.name);
    }
  }
}

/** The state of each port: the holders of `busy` ports are identified, the other ports are free. */
async function statesOf(machine: Machine, ports: readonly number[], busy: ReadonlySet<number>): Promise<readonly PortState[]> {
  const states = await identifyPorts(machine, busy, { busy });
  return ports.map((port) => states.get(port) ?? { port, kind: 'free' });
}

const RELOADERS = [
  /(^|\/)nodemon(\.js)?(\s|$)/,
  /(^|\/)node\s(.*\s)?--watch(-path=\S+)?(\s|$)/,
  /(^|\/)(ts-node-dev|tsx\s+watch|watchexec|cargo-watch|entr|reflex|air|supervisor|forever)(\s|$)/,
  /(^|\/)(flask|uvicorn|gunicorn|hypercorn|granian)\s/,
];

/** Climbs to the highest ancestor that restarts its child: a known reloader, or a process with the same command line as its child. */
async function climbToReloader(machine: Machine, holder: Holder, options: Pick<FreeOptions, 'mayEnd'>): Promise<Holder> {
  let top: Holder = holder;
  for (const ancestor of holder.ancestors) {
    if (isInteractive(ancestor) || !(await options.mayEnd(ancestor))) break;
    const restarts = ancestor.command === top.command || RELOADERS.some((pattern) => pattern.test(ancestor.command));
    if (restarts) top = (await describe(machine, ancestor.pid, [])) ?? top;
    else if (!isShell(ancestor)) break;
  }
  return top;
}

/** Climbs to the nearest ancestor that the new holder shares with an earlier holder, since that ancestor started both. */
async function climbToCommon(machine: Machine, holder: Holder, earlier: readonly Holder[], options: FreeOptions): Promise<Holder> {
  const old: Ancestor[] = earlier.filter((other) => !sameProcess(other, holder)).flatMap((other) => [...other.ancestors]);
  for (const ancestor of holder.ancestors) {
    if (isInteractive(ancestor) || !(await options.mayEnd(ancestor))) break;
    if (old.some((other) => sameProcess(other, ancestor))) return (await describe(machine, ancestor.pid, [])) ?? holder;
  }
  return holder;
}
