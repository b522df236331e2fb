/**
 * The end recipe against worlds that change while it reads: between any two reads, processes fork and exit, and their pids pass
 * to foreign processes, which fork in turn. A foreign process with a reused pid stays until the scan is over.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { end, type TargetSet } from '../../../src/processes/end.ts';
import { MemberTracker } from '../../../src/processes/members.ts';
import { Membership } from '../../../src/processes/membership.ts';
import { Tree } from '../../../src/processes/tree.ts';
import { FakeMachine } from '../../rig/fake-machine.ts';
import type { FakeProcess, Reaction } from '../../rig/fake-processes.ts';
import { inTime } from './in-time.ts';

const GRACE_MS = 1000;
const KILL_MS = 5000;
const MARKER = { stackId: '0123456789abcdef', session: 's1', service: 'web' };
const ENV = { DEVUP_RUN: '0123456789abcdef:s1:web' };

interface Plan {
  /** For each further process: its parent (index, modulo), its reaction to TERM, and where it went. */
  readonly forest: readonly {
    readonly parent: number;
    readonly reaction: Reaction;
    readonly stopped: boolean;
    readonly session: boolean;
  }[];
  /** One event before each read; null: nothing. */
  readonly chaos: readonly ({ readonly kind: 'fork' | 'exit' | 'reuse' | 'stranger-forks'; readonly who: number } | null)[];
}

const reaction = fc.oneof(
  fc.constant<Reaction>('die'),
  fc.constant<Reaction>('ignore'),
  fc.nat({ max: 2 * GRACE_MS }).map((dieAfterMs): Reaction => ({ dieAfterMs })),
);
const forest = fc.array(fc.record({ parent: fc.nat(), reaction, stopped: fc.boolean(), session: fc.boolean() }), { maxLength: 8 });
const chaosOf = (...kinds: readonly ('fork' | 'exit' | 'reuse' | 'stranger-forks')[]) =>
  fc.array(fc.option(fc.record({ kind: fc.constantFrom(...kinds), who: fc.nat() }), { freq: 3 }), { maxLength: 120 });

/** A target tree among foreign processes, and a source of chaos that knows which is which. */
function build({ forest: wanted, chaos }: Plan, env: Readonly<Record<string, string>> = {}) {
  const machine = new FakeMachine();
  const shell = machine.spawn({ parent: machine.table.init, name: 'bash', uid: machine.uid, session: true });
  machine.self.fork({ name: 'other' });
  const root = machine.spawn({ parent: shell, name: 'server', env, session: true });
  const ours: FakeProcess[] = [root];
  const strangers: FakeProcess[] = [];
  for (const { parent, reaction: on, stopped, session } of wanted) {
    const child = (ours[parent % ours.length] as FakeProcess).fork({ on: { SIGTERM: on }, session });
    if (stopped) child.state = 'stopped';
    ours.push(child);
  }
  const at = <T>(list: readonly T[], index: number): T | undefined => (list.length === 0 ? undefined : list[index % list.length]);
  const act = ({ kind, who }: { kind: string; who: number }) => {
    const living = ours.filter((process) => process.alive);
    if (kind === 'fork') {
      const parent = at(living, who);
      if (parent) ours.push(parent.fork());
    } else if (kind === 'exit') at(living, who)?.exit();
    else if (kind === 'stranger-forks') {
      const stranger = at(strangers, who);
      if (stranger) strangers.push(stranger.fork());
    } else {
      // As in the kernel: no pid that still names a process, a group or a session.
      const taken = new Set(machine.table.living().flatMap(({ pid, pgid, sid }) => [pid, pgid, sid]));
      const pid = at(
        ours.map((process) => process.pid).filter((number) => !taken.has(number) && machine.table.at(number) === null),
        who,
      );
      if (pid !== undefined) strangers.push(machine.spawn({ parent: shell, pid, name: 'stranger', env: {}, session: true }));
    }
  };
  const left = [...chaos];
  machine.beforeRead = () => {
    const next = left.shift();
    if (next) act(next);
  };
  return { machine, root, ours };
}

function strangersSignalled(machine: FakeMachine, ours: readonly FakeProcess[]): readonly number[] {
  return machine.sent.filter(({ target }) => !ours.includes(target)).map(({ target }) => target.pid);
}

describe('a tree that is ended', () => {
  test('the end recipe signals no other process and terminates, whatever happens meanwhile', async () => {
    const plans = fc.record({ forest, chaos: chaosOf('fork', 'exit', 'reuse', 'stranger-forks') });
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const { machine, root, ours } = build(plan);
        const tree = new Tree(machine, [root]);
        await inTime(machine, end(machine, tree, { signal: 'SIGTERM', graceMs: GRACE_MS, killMs: KILL_MS }), GRACE_MS + KILL_MS + 1000);
        expect(strangersSignalled(machine, ours)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('dies to the last process, including stopped ones and those that ignore TERM', async () => {
    await fc.assert(
      fc.asyncProperty(fc.record({ forest, chaos: chaosOf('reuse', 'stranger-forks') }), async (plan) => {
        const { machine, root, ours } = build(plan);
        const report = await inTime(
          machine,
          end(machine, new Tree(machine, [root]), { signal: 'SIGTERM', graceMs: GRACE_MS, killMs: KILL_MS }),
        );
        expect(ours.filter((process) => process.alive)).toEqual([]);
        expect(report.survivors).toEqual([]);
        const polite = machine.sent.filter(({ signal }) => signal === 'SIGTERM').map(({ target }) => target);
        expect(new Set(polite).size).toBe(polite.length);
        const patient = plan.forest.every(({ reaction: on }) => on === 'die');
        if (patient) expect(machine.sent.filter(({ signal }) => signal === 'SIGKILL')).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('never includes devup, which may run below it', async () => {
    const machine = new FakeMachine();
    const shell = machine.self.parent as FakeProcess;
    const beside = shell.fork({ name: 'server' });
    const helper = machine.self.fork({ name: 'helper' });
    await inTime(machine, end(machine, new Tree(machine, [shell]), { signal: 'SIGTERM', graceMs: GRACE_MS, killMs: KILL_MS }));
    expect([machine.self.alive, helper.alive, beside.alive]).toEqual([true, true, false]);
  });
});

describe('the members of a service that are ended', () => {
  function service(machine: FakeMachine, main: FakeProcess): TargetSet {
    const membership = new Membership(MARKER);
    membership.add(main.row());
    const tracker = new MemberTracker(machine);
    tracker.track(membership);
    return {
      group: main.pid,
      scan: () => tracker.scan(),
      get members() {
        return membership.members;
      },
    };
  }

  test('F14: processes that fork at any moment are ended, and no other process is signalled', async () => {
    const plans = fc.record({ forest, chaos: chaosOf('fork', 'reuse', 'stranger-forks') });
    await fc.assert(
      fc.asyncProperty(plans, fc.constantFrom('SIGTERM', null), async (plan, signal) => {
        const { machine, root, ours } = build(plan, ENV);
        await inTime(machine, end(machine, service(machine, root), { signal, graceMs: GRACE_MS, killMs: KILL_MS }));
        expect(ours.filter((process) => process.alive)).toEqual([]);
        expect(strangersSignalled(machine, ours)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('are signalled once, the parent first, which ends its own workers', async () => {
    const machine = new FakeMachine();
    const endWorkers = (process: FakeProcess) => {
      for (const worker of workers) worker.exit();
      process.exit();
    };
    const master = machine.spawn({ env: ENV, session: true, on: { SIGTERM: endWorkers } });
    const workers: readonly FakeProcess[] = [master.fork({ session: true }), master.fork({ session: true })];
    await inTime(machine, end(machine, service(machine, master), { signal: 'SIGTERM', graceMs: GRACE_MS, killMs: KILL_MS }));
    expect(machine.sent.filter(({ signal }) => signal !== 'SIGCONT')).toMatchObject([{ target: { pid: master.pid }, signal: 'SIGTERM' }]);
  });
});

describe('the end', () => {
  const stubborn = (machine: FakeMachine) => machine.spawn({ on: { SIGTERM: 'ignore' }, session: true });
  const options = { signal: 'SIGTERM', graceMs: 10_000, killMs: KILL_MS } as const;

  test('is KILL at the end of the grace, not before', async () => {
    const machine = new FakeMachine();
    const began = machine.clock.now();
    const report = await inTime(machine, end(machine, new Tree(machine, [stubborn(machine)]), options));
    const kill = machine.sent.find(({ signal }) => signal === 'SIGKILL');
    expect((kill?.atMs ?? 0) - began).toBeGreaterThanOrEqual(10_000);
    expect((kill?.atMs ?? 0) - began).toBeLessThan(10_200);
    expect(report.forced).toMatchObject([{ grace: 'over' }]);
  });

  test('comes at once when the grace is ended early', async () => {
    const machine = new FakeMachine();
    const graceOver = new AbortController();
    const began = machine.clock.now();
    const ending = end(machine, new Tree(machine, [stubborn(machine)]), { ...options, graceOver: graceOver.signal });
    await machine.advance(500);
    expect(machine.sent.some(({ signal }) => signal === 'SIGKILL')).toBe(false);
    graceOver.abort();
    const report = await inTime(machine, ending);
    expect(machine.clock.now() - began).toBeLessThan(1000);
    expect(report.forced).toMatchObject([{ grace: 'cut' }]);
  });

  test('is KILL at once without a signal that asks first, which is no grace that was over', async () => {
    const machine = new FakeMachine();
    const report = await inTime(machine, end(machine, new Tree(machine, [stubborn(machine)]), { ...options, signal: null }));
    expect(report.forced).toMatchObject([{ grace: 'none' }]);
  });

  test('is never KILL without a grace: a process that does not end survives, and is named', async () => {
    const machine = new FakeMachine();
    const process = stubborn(machine);
    const report = await inTime(machine, end(machine, new Tree(machine, [process]), { ...options, graceMs: null, killMs: 2000 }));
    expect(report).toMatchObject({ survivors: [{ pid: process.pid }], forced: [] });
    expect(process.alive).toBe(true);
  });

  test("gives up on another user's process after a while, and does not report it as killed", async () => {
    const machine = new FakeMachine();
    const process = machine.spawn({ uid: 0, session: true });
    const report = await inTime(machine, end(machine, new Tree(machine, [process]), options));
    expect(report).toMatchObject({ survivors: [{ pid: process.pid }], forced: [], signalled: [] });
  });

  test('of a process that ended by itself is not reported as ours', async () => {
    const machine = new FakeMachine();
    const process = machine.spawn({ session: true });
    machine.beforeRead = (read) => {
      if (read === 'signal') process.exit();
    };
    const report = await inTime(machine, end(machine, new Tree(machine, [process]), { ...options, signal: null }));
    expect(report).toEqual({ survivors: [], forced: [], signalled: [] });
  });
});

describe('a process that an earlier scan has not found', () => {
  const world = (members: TargetSet['members']) => {
    let scans = 0;
    const targets: TargetSet = {
      members,
      group: null,
      scan: async () => {
        scans++;
      },
    };
    const machine = new FakeMachine();
    const options = { signal: 'SIGTERM', graceMs: GRACE_MS, killMs: KILL_MS } as const;
    return { machine, options, targets, scans: () => scans };
  };

  test('one more scan is proof enough', async () => {
    const { machine, options, targets, scans } = world([]);
    expect(await end(machine, targets, { ...options, wasEmpty: true })).toEqual({ survivors: [], forced: [], signalled: [] });
    expect(scans()).toBe(1);
    await end(machine, targets, options);
    expect(scans()).toBe(3);
  });

  test('a process that this scan finds is ended like the others', async () => {
    const machine = new FakeMachine();
    const child = machine.spawn({ name: 'late' });
    const tree = new Tree(machine, [child]);
    const report = await inTime(machine, end(machine, tree, { signal: 'SIGTERM', graceMs: GRACE_MS, killMs: KILL_MS, wasEmpty: true }));
    expect([report.signalled.map(({ id }) => id.pid), child.alive]).toEqual([[child.pid], false]);
  });
});
