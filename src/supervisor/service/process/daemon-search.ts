/**
 * Looks for the daemon that a service's process has left behind without its marker, and adopts it once it is certain to be
 * the service's (`processes/orphans.ts`). A daemon may open its port only after its parent has ended, so the search goes on
 * while one that may be it is alive.
 */
import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ListenSocket, ProcessRow } from '../../../machine/machine.ts';
import type { DaemonTie, LeftBehind } from '../../../model/daemon.ts';
import { unless } from '../../../model/errno.ts';
import type { ProcessId } from '../../../model/port.ts';
import type { Service } from '../../../model/service.ts';
import { holdersOf, identifyPorts } from '../../../ports/identify.ts';
import type { Membership } from '../../../processes/membership.ts';
import { type Origin, type Orphan, Orphans } from '../../../processes/orphans.ts';
import type { OwnedSockets } from '../../ports/owned-sockets.ts';
import type { SupervisorContext } from '../context.ts';
import type { Child } from './spawn.ts';

const PAUSE_MS = { first: 5, most: 100 };
/** A holder that is not certain may be in execve(2), so it is examined this often. */
const MOST_DOUBTS = 5;

/** The run of a service that has left the daemon. */
export interface EndedRun {
  readonly service: Service;
  readonly context: SupervisorContext;
  readonly membership: Membership;
  readonly origin: Origin;
  readonly adopt: (row: ProcessRow, evidence: { readonly port: number; readonly tie: DaemonTie }) => Promise<void>;
}

export class DaemonSearch {
  readonly #run: EndedRun;
  readonly #orphans: Orphans;
  #doubts = 0;
  /** An orphan may yet open the port. */
  isOpen = true;

  constructor(run: EndedRun) {
    this.#run = run;
    this.#orphans = new Orphans(run.context.machine, run.origin);
  }

  /**
   * Resolves with the daemon that was adopted; with null if there is none, when `untilMs` has come, and when `goesOn` no
   * longer holds. The first call must follow the end of the service's process at once.
   */
  async run(untilMs: number, goesOn: () => boolean): Promise<ProcessId | null> {
    const { machine, tracker } = this.#run.context;
    for (let pauseMs = PAUSE_MS.first; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MS.most)) {
      const found = await this.#look();
      const leftMs = untilMs - machine.clock.now();
      if (found !== 'later' || leftMs <= 0) this.isOpen = false;
      // The daemon's children are members, too.
      if (typeof found === 'object') await tracker.scan();
      if (found !== 'later') return found === 'never' ? null : found;
      if (leftMs <= 0 || !goesOn()) return null;
      await machine.clock.sleep(Math.min(pauseMs, leftMs));
    }
  }

  /**
   * Listeners on the service's ports that are no members, or only the orphans among them; and tied orphans that listen on none of them. The
   * longer a service has run, the more strangers have been born in its control group, so only `any` counts that as a tie.
   */
  async left(which: 'any' | 'orphan'): Promise<readonly LeftBehind[]> {
    const { service, context } = this.#run;
    const found: LeftBehind[] = [];
    const states = await identifyPorts(
      context.machine,
      service.ports.map(({ port }) => port),
    );
    for (const [port, state] of states) {
      if (state.kind === 'hidden' && which === 'any') found.push({ port, hidden: state.reason });
      if (state.kind !== 'held') continue;
      const foreign = state.holders.filter((holder) => !context.tracker.isMember(holder));
      for (const holder of foreign) if (which === 'any' || this.#orphans.rootOf(holder.pid)) found.push({ holder, port });
    }
    for (const { row, holder } of await this.#orphans.tied(which === 'any')) {
      const isNamed = found.some((one) => 'holder' in one && this.#orphans.rootOf(one.holder.pid)?.pid === row.pid);
      if (!isNamed) found.push({ holder, port: null });
    }
    return found;
  }

  async #look(): Promise<ProcessId | 'later' | 'never'> {
    await this.#orphans.scan();
    const held = await this.#holders();
    if (held.length > 0 && held.every(([, orphans]) => orphans.length === 0)) return 'never';
    for (const [socket, orphans] of held) {
      const certain = orphans.filter((orphan) => orphan?.tie) as readonly Orphan[];
      const [first] = certain;
      // One holder that may be a stranger's leaves it open whose the socket is.
      if (first && certain.length === orphans.length) {
        for (const orphan of certain) await this.#adopt(orphan, socket);
        return { pid: first.row.pid, start: first.row.start };
      }
      if (orphans.some((orphan) => orphan !== null) && this.#doubts++ < MOST_DOUBTS) return 'later';
    }
    return (await this.#orphans.tied(false)).length > 0 ? 'later' : 'never';
  }

  /** Each socket on the service's ports, with the orphans that hold it, and null for another holder that is no member. */
  async #holders(): Promise<readonly (readonly [ListenSocket, readonly (Orphan | null)[]])[]> {
    const { service, membership, context } = this.#run;
    const sockets = await context.ports.sockets(service.ports.map(({ port }) => port));
    const pids = await holdersOf(context.machine, sockets);
    const found: (readonly [ListenSocket, readonly (Orphan | null)[]])[] = [];
    for (const socket of sockets) {
      const strangers = (pids.get(socket.handle) ?? []).filter((pid) => !membership.hasPid(pid));
      const rows = await Promise.all(strangers.map((pid) => this.#orphans.unmarkedRootOf(pid)));
      const roots = new Map(rows.map((row) => [row?.pid, row]));
      const orphans = await Promise.all([...roots.values()].map((root) => (root ? this.#orphans.examine(root, socket) : null)));
      found.push([socket, orphans]);
    }
    return found;
  }

  async #adopt({ row, holder, tie }: Orphan, { port }: ListenSocket): Promise<void> {
    const { service, adopt, membership, context } = this.#run;
    if (tie === null || membership.has(row)) return;
    await adopt(row, { port, tie });
    context.events.append({ type: 'notice', service: service.name, notice: { kind: 'daemon-adopted', process: holder, port, tie } });
  }
}

/** The facts of a run that begins, which a search may need. `runs`: those that are alive. */
export function originOf(
  { name, cwd }: Service,
  child: Pick<Child, 'id' | 'program' | 'outputs'>,
  owner: { readonly membership: Membership; readonly sockets: OwnedSockets },
  { tracker, runs }: Pick<SupervisorContext, 'tracker' | 'runs'>,
): Origin {
  const origin: Origin = {
    child: child.id,
    program: realPath(child.program),
    cwd: realPath(cwd),
    outputs: child.outputs.map((output) => `${join(realPath(dirname(output)), basename(output))} (deleted)`),
    hasLed: (id, living) => owner.membership.hasLed(id, living),
    hasOwned: (socket) => owner.sockets.hasOwned(socket),
    isMember: (id) => tracker.isMember(id),
    others: new Map(runs),
  };
  origin.others.delete(name);
  for (const [other, run] of runs) if (other !== name) run.others.set(name, origin);
  return origin;
}

function realPath(path: string): string {
  return unless(['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'], () => realpathSync(path)) ?? path;
}
