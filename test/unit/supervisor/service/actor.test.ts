/** One actor with a fake context: the test answers its work and owns its time. */
import { beforeEach, describe, expect, test } from 'vitest';
import { EventLog } from '../../../../src/model/event-log.ts';
import type { Failure } from '../../../../src/model/failure.ts';
import type { Input, Work } from '../../../../src/model/lifecycle-states.ts';
import { Actor } from '../../../../src/supervisor/service/actor.ts';
import type { SupervisorContext } from '../../../../src/supervisor/service/context.ts';
import { awaitDependencies, blockedBy, satisfies } from '../../../../src/supervisor/session/dependencies.ts';
import { FakeMachine } from '../../../rig/fake-machine.ts';
import { aService } from '../../../rig/services.ts';

const WHY: Failure = { code: 'E101', kind: 'service-exited', service: 'web', exitCode: 1, signal: null, beforeReady: true, lastLines: [] };
const MAIN = { pid: 500, start: 1, kind: 'child' } as const;

interface Asked {
  readonly work: Work;
  readonly signal: AbortSignal;
  answer(input: Input | null): Promise<void>;
  fail(error: unknown): Promise<void>;
}

/** Lets promises run until nothing more happens by itself. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('an actor', () => {
  let machine: FakeMachine;
  let bugs: unknown[];
  let asked: Asked[];
  let events: EventLog;
  let context: SupervisorContext;

  beforeEach(() => {
    machine = new FakeMachine();
    bugs = [];
    asked = [];
    events = new EventLog({ wallTime: () => machine.clock.wallTime() });
    const tracker = { track: () => undefined, untrack: () => undefined, look: async () => undefined };
    const guard = { watch: () => undefined, forget: () => undefined };
    context = {
      machine,
      stack: { name: 'test', id: '0'.repeat(16) },
      session: 'key',
      events,
      tracker,
      guard,
      onProcesses: () => undefined,
      onBug: (error: unknown) => bugs.push(error),
    } as unknown as SupervisorContext;
  });

  function actorOf(name = 'web'): Actor {
    return new Actor(aService(name), context, {
      perform: (work, _, signal) =>
        new Promise((resolve, reject) => {
          const answered = (act: () => void) => {
            act();
            return settle();
          };
          asked.push({ work, signal, answer: (input) => answered(() => resolve(input)), fail: (error) => answered(() => reject(error)) });
        }),
      reportExit: async () => undefined,
    });
  }
  const last = () => asked.at(-1) as Asked;

  async function spawned(actor: Actor): Promise<void> {
    actor.send({ name: 'start' });
    await last().answer({ name: 'depsReady' });
    await last().answer({ name: 'claimed' });
    await last().answer({ name: 'spawned', main: MAIN });
  }

  test('requests its work in order, and changes its state with each outcome', async () => {
    const actor = actorOf();
    await spawned(actor);
    await last().answer({ name: 'becameReady' });
    expect(asked.map(({ work }) => work.kind)).toEqual(['awaitDeps', 'claim', 'spawn', 'awaitReady', 'watch']);
    expect(actor.state).toMatchObject({ name: 'ready', main: MAIN });
    expect(bugs).toEqual([]);
  });

  test('does not move its spawn into the future if a gap is noticed after it', async () => {
    const actor = actorOf();
    await spawned(actor);
    await machine.advance(2000);
    actor.skipClockGap(15_000);
    await machine.advance(10);
    await last().answer({ name: 'becameReady' });
    expect(actor.spawned?.clockMs).toBe(machine.clock.now() - 10);
    const ready = events.append({ type: 'done', ok: true, exitCode: 0, failure: null });
    events.close();
    const told = [];
    for await (const event of events.subscribe({ since: 0 })) if (event.type === 'state' && event.seq < ready.seq) told.push(event);
    expect(told.at(-1)).toMatchObject({ state: 'ready', afterMs: 10 });
  });

  test('is up for as long as its process exists, though the machine, the supervisor or the wall clock stood still', async () => {
    const actor = actorOf();
    expect(actor.uptimeMs).toBeNull();
    await spawned(actor);
    await machine.advance(1000);
    machine.clock.suspend(8 * 3_600_000);
    await machine.clock.jump(15_000);
    actor.skipClockGap(15_000);
    machine.clock.setWallTime(0);
    expect(actor.uptimeMs).toBe(8 * 3_600_000 + 16_000);
    await last().answer({ name: 'becameReady' });
    actor.send({ name: 'stop', how: 'ordered' });
    await last().answer({ name: 'membersGone' });
    expect(actor.uptimeMs).toBeNull();
  });

  test('aborts its work when its state is left, and drops its outcome', async () => {
    const actor = actorOf();
    actor.send({ name: 'start' });
    const deps = last();
    actor.send({ name: 'stop', how: 'ordered' });
    expect(deps.signal.aborted).toBe(true);
    await deps.answer({ name: 'depsReady' });
    expect(actor.state.name).toBe('stopped');
    expect(bugs).toEqual([]);
  });

  test('drops a queued outcome if its state is left first', async () => {
    const actor = actorOf();
    await spawned(actor);
    await last().answer({ name: 'becameReady' });
    const watch = last();
    // All in one turn, as when a stop and a lost port are reported at once.
    const done = actor.onChange(() => {
      done();
      actor.send({ name: 'portLost', why: WHY }, watch.signal);
    });
    actor.send({ name: 'stop', how: 'ordered' });
    await settle();
    expect(actor.state.name).toBe('stopping');
    expect(bugs).toEqual([]);
  });

  test('handles a stop during a spawn only once the process is known', async () => {
    const actor = actorOf();
    actor.send({ name: 'start' });
    await last().answer({ name: 'depsReady' });
    await last().answer({ name: 'claimed' });
    const spawn = last();
    actor.send({ name: 'stop', how: 'ordered' });
    expect(actor.state.name).toBe('claiming');
    await spawn.answer({ name: 'spawned', main: MAIN });
    expect(actor.state).toMatchObject({ name: 'stopping', main: MAIN });
    expect(last().work).toEqual({ kind: 'end', how: 'ordered' });
  });

  test('reports a bug in its work or an impossible input, and continues', async () => {
    const actor = actorOf();
    await spawned(actor);
    await last().fail(new Error('planted'));
    actor.send({ name: 'membersGone' });
    expect(bugs.map(String)).toEqual(['Error: planted', 'ImpossibleInput: input membersGone in state starting']);
    expect(actor.broken).toBe(true);
    actor.send({ name: 'stop', how: 'kill' });
    await last().answer({ name: 'membersGone' });
    expect(actor.state.name).toBe('stopped');
  });

  test('reports each state once, with reason and duration', async () => {
    const actor = actorOf();
    const seen: unknown[] = [];
    const reader = events.subscribe({ since: 0 });
    await spawned(actor);
    await machine.advance(120);
    await last().answer({ name: 'becameReady' });
    events.close();
    for await (const event of reader) if (event.type === 'state') seen.push([event.state, event.pid, event.afterMs]);
    expect(seen).toEqual([
      ['waiting', null, null],
      ['starting', 500, null],
      ['ready', 500, 120],
    ]);
  });

  test('a wait for a state ends when it comes, or with its signal', async () => {
    const actor = actorOf();
    const leaving = new AbortController();
    const never = actor.until(() => actor.state.name === 'external', leaving.signal);
    const active = actor.until(() => actor.active);
    actor.send({ name: 'start' });
    await active;
    leaving.abort('enough');
    await expect(never).rejects.toBe('enough');
  });

  describe('with its dependencies', () => {
    const stack = (needs: Readonly<Record<string, readonly string[]>>) => {
      const actors = new Map(Object.keys(needs).map((name) => [name, actorOf(name)]));
      const dependenciesOf = (name: string) => (needs[name] ?? []).map((service) => ({ service, condition: 'ready' as const }));
      return { actors, context: { ...context, dependenciesOf } } as unknown as Parameters<typeof awaitDependencies>[0];
    };
    const actor = (core: ReturnType<typeof stack>, name: string) => core.actors.get(name) as Actor;

    test('waits until all conditions hold at the same moment', async () => {
      const core = stack({ a: [], b: [], c: ['a', 'b'] });
      let over = false;
      const waiting = awaitDependencies(core, 'c', new AbortController().signal).then(() => {
        over = true;
      });
      await spawned(actor(core, 'a'));
      await last().answer({ name: 'becameReady' });
      await spawned(actor(core, 'b'));
      const b = last();
      // a is lost as b becomes ready.
      actor(core, 'a').send({ name: 'stop', how: 'ordered' });
      const end = last();
      await b.answer({ name: 'becameReady' });
      expect(over).toBe(false);
      await end.answer({ name: 'membersGone' });
      await spawned(actor(core, 'a'));
      await last().answer({ name: 'becameReady' });
      await waiting;
    });

    test('is blocked when they have ended, directly or through others', () => {
      const core = stack({ a: [], b: ['a'], c: ['b'] });
      for (const name of ['b', 'c']) actor(core, name).send({ name: 'start' });
      expect(blockedBy(core, actor(core, 'c'))).toMatchObject({ code: 'E106', service: 'c', dependency: 'b' });
      expect(blockedBy(core, actor(core, 'b'))).toMatchObject({ code: 'E106', service: 'b', dependency: 'a' });
      actor(core, 'a').send({ name: 'start' });
      expect(blockedBy(core, actor(core, 'c'))).toBeNull();
    });

    test('respects their conditions', () => {
      const holds = (condition: 'ready' | 'started' | 'completed') =>
        (
          ['stopped', 'waiting', 'starting', 'ready', 'unhealthy', 'stopping', 'backoff', 'completed', 'failed', 'external'] as const
        ).filter((state) => satisfies(state, condition));
      expect(holds('completed')).toEqual(['completed']);
      expect(holds('ready')).toEqual(['ready', 'completed', 'external']);
      expect(holds('started')).toEqual(['starting', 'ready', 'unhealthy', 'completed', 'external']);
    });
  });
});
