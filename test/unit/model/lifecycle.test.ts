/**
 * The life of a service against thousands of random histories. A fake actor keeps the promise of the real one: work belongs to
 * the state that asked for it, and its outcome is dropped once the state is left. A fake world counts the processes that really
 * run, and the ends under way.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Failure } from '../../../src/model/failure.ts';
import { ImpossibleInput, INITIAL, step } from '../../../src/model/lifecycle.ts';
import type { Input, State, Work } from '../../../src/model/lifecycle-states.ts';
import type { Rules } from '../../../src/model/lifecycle-steps.ts';
import type { RestartPolicy } from '../../../src/model/service.ts';
import { hasProcess } from '../../../src/model/service-state.ts';

const WHY: Failure = { code: 'E101', kind: 'service-exited', service: 's', exitCode: 1, signal: null, beforeReady: false, lastLines: [] };
const LOST: Failure = { code: 'E107', kind: 'port-lost', service: 's', port: 1, pid: null, listensOn: [] };
const STUCK: Failure = { code: 'E117', kind: 'port-stuck', service: 's', port: 1, pid: null };
const SICK: Failure = { code: 'E109', kind: 'health-failed', service: 's', unmet: { kind: 'exit' }, retries: 1 };

const DEBUGGER = { pid: 77, start: 7, sinceMs: 1000 };

/** The next input: a command of a person, or an outcome of the work under way (`pick` chooses which one). */
type Move =
  | { readonly by: 'person'; readonly input: 'start' | 'stop' | 'kill' | 'restart' | 'depLost' | 'clockGap' | 'debug' }
  | { readonly by: 'world'; readonly pick: number };

const moves = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ by: fc.constant('world' as const), pick: fc.nat(7) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        by: fc.constant('person' as const),
        input: fc.constantFrom('start', 'start', 'stop', 'kill', 'restart', 'depLost', 'clockGap', 'debug'),
      }),
    },
  ),
  { minLength: 10, maxLength: 60, size: 'max' },
) as fc.Arbitrary<readonly Move[]>;

const rules = fc.record({
  policy: fc.constantFrom<RestartPolicy>('no', 'on-failure', 'always'),
  max: fc.integer({ min: 0, max: 3 }),
  task: fc.boolean(),
  healthRestarts: fc.boolean(),
});
type Rule = typeof rules extends fc.Arbitrary<infer T> ? T : never;

class World {
  state: State = INITIAL;
  work: Work | null = null;
  /** Living processes of the service. More than one main process must never exist. */
  mains = new Set<number>();
  helpers = new Set<number>();
  readonly seen = new Set<string>();
  readonly #rules: Rules;
  #nextPid = 100;

  constructor({ policy, max, task, healthRestarts = true }: Omit<Rule, 'healthRestarts'> & Partial<Rule>) {
    const restart = { policy, max, stableMs: 1000, initialDelayMs: 100, maxDelayMs: 400 };
    this.#rules = { name: 's', restart, task, healthRestarts };
  }

  send(input: Input): void {
    const before = this.state;
    const next = step(before, input, this.#rules);
    if (!next) return;
    this.state = next.state;
    if (next.work || next.state.name !== before.name) this.work = next.work ?? null;
    this.seen.add(next.state.name);
    // Spawning happens in the step that asks for it, as in the actor.
    if (this.work?.kind === 'spawn') this.#spawn();
    this.check(before);
  }

  /** Every way in which the work under way can end, and everything that may happen by itself. */
  outcomes(): readonly (() => void)[] {
    const { state, work } = this;
    const own: (() => void)[] = [];
    const say = (input: Input) => own.push(() => this.send(input));
    switch (work?.kind) {
      case 'awaitDeps':
        say({ name: 'depsReady' });
        break;
      case 'claim':
        for (let likely = 0; likely < 4; likely++) say({ name: 'claimed' });
        say({ name: 'claimRefused', why: WHY });
        say({ name: 'adopted', holder: null });
        break;
      case 'awaitReady':
        for (let likely = 0; likely < 4 && !this.#rules.task; likely++) say({ name: 'becameReady' });
        say({ name: 'readyTimeout', why: WHY });
        break;
      case 'watch':
        say({ name: 'portLost', why: LOST });
        say({ name: 'portStuck', why: STUCK });
        say({ name: 'portBack' });
        say({ name: 'healthFailed', why: SICK });
        say({ name: 'healthOk' });
        say({ name: 'stable' });
        break;
      case 'watchExternal':
        say({ name: 'holderGone', why: WHY });
        break;
      case 'watchDebugger':
        say({ name: 'debugOver' });
        break;
      case 'delay':
        say({ name: 'delayOver' });
        break;
      case 'end':
        own.push(() => {
          this.mains.clear();
          this.helpers.clear();
          this.send({ name: 'membersGone' });
        });
        own.push(() => {
          const [survivor] = this.mains.size > 0 ? this.mains : this.helpers;
          if (survivor !== undefined) this.send({ name: 'stopTimedOut', why: WHY, survivors: [{ pid: survivor, start: 1 }] });
        });
        break;
    }
    if (state.name === 'starting' || state.name === 'ready' || state.name === 'unhealthy') {
      // A member may take the place of a child that exited with 0; where none holds the ports, the service has ended.
      for (const [ok, goesOn, portTaken] of [
        [true, true, false],
        [true, false, false],
        [false, false, false],
        [false, false, true],
      ] as const) {
        own.push(() => {
          this.mains.clear();
          const [successor] = goesOn && !this.#rules.task ? this.helpers : [];
          if (successor !== undefined) {
            this.helpers.delete(successor);
            this.mains.add(successor);
          }
          this.send({ name: 'exited', ok, successor: successor === undefined ? null : { pid: successor, start: 1 }, portTaken, why: WHY });
        });
      }
    }
    return own;
  }

  play(move: Move): void {
    if (move.by === 'person') {
      if (move.input === 'kill' || move.input === 'stop') this.send({ name: 'stop', how: move.input === 'kill' ? 'kill' : 'ordered' });
      else if (move.input === 'debug') this.send({ name: 'debug', by: DEBUGGER });
      else this.send({ name: move.input });
      return;
    }
    const outcomes = this.outcomes();
    outcomes[move.pick % Math.max(outcomes.length, 1)]?.();
  }

  #spawn(): void {
    expect([...this.mains], 'a second process of one service').toEqual([]);
    expect([...this.helpers], 'helpers of an earlier run').toEqual([]);
    const pid = this.#nextPid++;
    this.mains.add(pid);
    if (pid % 3 === 0) this.helpers.add(pid + 1000);
    this.send({ name: 'spawned', main: { pid, start: 1, kind: 'child' } });
  }

  check(before: State): void {
    const { state } = this;
    const alive = this.mains.size + this.helpers.size;
    const excused = state.name === 'failed' && state.survivors.length > 0;
    if (!hasProcess(state) && !excused) expect(alive, `${before.name} → ${state.name} with a process alive`).toBe(0);
    if (state.name === 'starting' || state.name === 'ready') expect(this.mains.size).toBe(1);
    if (state.name === 'backoff' || state.name === 'waiting') expect(state.tries.inARow).toBeLessThanOrEqual(this.#rules.restart.max);
    if (state.name === 'backoff') expect(state.delayMs).toBe(Math.min(100 * 2 ** (state.tries.inARow - 1), 400));
    // Either work is under way or the service rests.
    const rests = state.name === 'stopped' || state.name === 'completed' || state.name === 'failed';
    expect(this.work === null, `${state.name} and nothing under way`).toBe(rests);
  }
}

function played(rule: Rule, history: readonly Move[]): World {
  const world = new World(rule);
  for (const move of history) world.play(move);
  return world;
}

describe('the life of a service', () => {
  test('never has two processes, and no process outlives its state', () => {
    fc.assert(
      fc.property(rules, moves, (rule, history) => void played(rule, history)),
      { numRuns: 5000 },
    );
  });

  test('a stop ends in stopped with nothing alive, or in failed with the survivors named', () => {
    fc.assert(
      fc.property(rules, moves, fc.constantFrom('ordered' as const, 'kill' as const), fc.boolean(), (rule, history, how, dies) => {
        const world = played(rule, history);
        world.send({ name: 'stop', how });
        for (let turns = 0; world.work?.kind === 'end' && turns < 3; turns++) world.outcomes()[dies ? 0 : 1]?.();
        // An `end` that neither succeeds nor names a survivor leaves none: it succeeds.
        if (world.work?.kind === 'end') world.outcomes()[0]?.();
        // A service that somebody debugs is left alone, and stays stopped afterwards.
        if (world.state.name === 'debugging') world.send({ name: 'debugOver' });
        if (world.state.name === 'failed') expect(world.state.survivors.length).toBeGreaterThan(0);
        else {
          expect(world.state.name).toBe('stopped');
          expect(world.mains.size + world.helpers.size).toBe(0);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('a dependency lost while becoming ready parks the service: it waits again, without a process', () => {
    fc.assert(
      fc.property(rules, moves, (rule, history) => {
        const world = played(rule, history);
        const becoming = ['claiming', 'starting'].includes(world.state.name);
        world.send({ name: 'depLost' });
        if (!becoming) return;
        if (world.work?.kind === 'end') world.outcomes()[0]?.();
        expect(world.state.name).toBe('waiting');
        expect(world.mains.size + world.helpers.size).toBe(0);
      }),
      { numRuns: 3000 },
    );
  });

  test('restarts in a row are bounded: a service that always dies ends as failed', () => {
    fc.assert(
      fc.property(rules, (rule) => {
        const world = new World({ ...rule, task: false });
        world.send({ name: 'start' });
        let spawns = 0;
        for (let turn = 0; turn < 100 && !['failed', 'stopped'].includes(world.state.name); turn++) {
          if (world.state.name === 'ready') {
            spawns++;
            world.mains.clear();
            world.send({ name: 'exited', ok: false, successor: null, portTaken: false, why: WHY });
          } else world.outcomes()[0]?.();
        }
        expect(world.state.name).toBe('failed');
        expect(spawns).toBe(rule.policy === 'no' ? 1 : rule.max + 1);
        if (rule.policy !== 'no') expect(world.state).toMatchObject({ why: { code: 'E112', max: rule.max, last: WHY } });
      }),
    );
  });

  test('a service that was never ready fails at once, whatever its policy', () => {
    for (const policy of ['no', 'on-failure', 'always'] as const) {
      for (const why of ['exited', 'readyTimeout'] as const) {
        const world = new World({ policy, max: 5, task: false });
        world.send({ name: 'start' });
        world.outcomes()[0]?.();
        world.outcomes()[0]?.();
        expect(world.state.name).toBe('starting');
        world.send(
          why === 'exited'
            ? { name: 'exited', ok: false, successor: null, portTaken: false, why: WHY }
            : { name: 'readyTimeout', why: WHY },
        );
        world.outcomes()[0]?.();
        expect(world.state.name).toBe('failed');
      }
    }
  });

  test('F20: a port taken during the start is claimed again, but only once', () => {
    const world = new World({ policy: 'on-failure', max: 5, task: false });
    world.send({ name: 'start' });
    const startAndLose = () => {
      world.outcomes()[0]?.();
      world.outcomes()[0]?.();
      expect(world.state.name).toBe('starting');
      world.mains.clear();
      world.send({ name: 'exited', ok: false, successor: null, portTaken: true, why: WHY });
      world.outcomes()[0]?.();
    };
    startAndLose();
    expect(world.state.name).toBe('waiting');
    startAndLose();
    expect(world.state).toMatchObject({ name: 'failed', why: WHY });
  });

  test('every state can be reached', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(rules, moves, (rule, history) => {
        for (const name of played(rule, history).seen) seen.add(name);
      }),
      { numRuns: 1000, seed: 1 },
    );
    expect([...seen].sort()).toEqual(
      [
        'stopped',
        'waiting',
        'claiming',
        'starting',
        'ready',
        'unhealthy',
        'debugging',
        'stopping',
        'backoff',
        'completed',
        'failed',
        'external',
      ].sort(),
    );
  });

  test('a failed health check causes a restart, even if the machine slept in between', () => {
    const world = new World({ policy: 'on-failure', max: 5, task: false });
    world.send({ name: 'start' });
    for (const name of ['depsReady', 'claimed', 'becameReady'] as const) world.send({ name });
    world.send({ name: 'healthFailed', why: SICK });
    world.send({ name: 'clockGap' });
    expect(world.work).toEqual({ kind: 'delay', ms: 0 });
    world.send({ name: 'delayOver' });
    expect(world.state).toMatchObject({ name: 'stopping', next: { to: 'backoff' } });
  });

  describe('a ready service', () => {
    const ready = (rule: Omit<Rule, 'task' | 'max'>) => {
      const world = new World({ ...rule, max: 5, task: false });
      world.send({ name: 'start' });
      for (const name of ['depsReady', 'claimed', 'becameReady'] as const) world.send({ name });
      return world;
    };

    test.each([
      { policy: 'always', healthRestarts: false },
      { policy: 'no', healthRestarts: true },
    ] as const)('with %j is not restarted by a failed health check, and recovers by itself', (rule) => {
      const world = ready(rule);
      world.send({ name: 'healthFailed', why: SICK });
      expect([world.state, world.work]).toMatchObject([{ name: 'unhealthy', why: SICK }, { kind: 'watch' }]);
      world.send({ name: 'clockGap' });
      expect(world.work).toEqual({ kind: 'watch' });
      world.send({ name: 'healthOk' });
      expect(world.state.name).toBe('ready');
    });

    test('is restarted after it exits, even if a failed health check restarts nothing', () => {
      const world = ready({ policy: 'always', healthRestarts: false });
      world.mains.clear();
      world.send({ name: 'exited', ok: false, successor: null, portTaken: false, why: WHY });
      expect(world.state).toMatchObject({ name: 'stopping', next: { to: 'backoff' } });
    });

    test.each([LOST, STUCK])('is never restarted because of a problem of its port ($code)', (why) => {
      const world = ready({ policy: 'always', healthRestarts: true });
      world.send(why === LOST ? { name: 'portLost', why } : { name: 'portStuck', why });
      expect([world.state, world.work]).toMatchObject([{ name: 'unhealthy', why }, { kind: 'watch' }]);
      world.send({ name: 'portBack' });
      expect(world.state.name).toBe('ready');
    });

    test('with a stuck port and a failed health check shows the port first, then the check', () => {
      for (const portFirst of [true, false]) {
        const world = ready({ policy: 'always', healthRestarts: false });
        const stuck: Input = { name: 'portStuck', why: STUCK };
        const sick: Input = { name: 'healthFailed', why: SICK };
        for (const input of portFirst ? [stuck, sick] : [sick, stuck]) world.send(input);
        expect(world.state).toMatchObject({ name: 'unhealthy', why: STUCK });
        world.send({ name: 'portBack' });
        expect(world.state).toMatchObject({ name: 'unhealthy', why: SICK });
        world.send({ name: 'healthOk' });
        expect(world.state.name).toBe('ready');
      }
    });

    test('with a stuck port stays unhealthy when its health check passes again', () => {
      const world = ready({ policy: 'no', healthRestarts: true });
      for (const input of [{ name: 'portStuck', why: STUCK }, { name: 'healthFailed', why: SICK }, { name: 'healthOk' }] as const)
        world.send(input);
      expect(world.state).toMatchObject({ name: 'unhealthy', why: STUCK });
      world.send({ name: 'portBack' });
      expect(world.state.name).toBe('ready');
    });
  });

  test('survivors are ended again before a new process starts', () => {
    const survivors = [{ pid: 7, start: 1 }];
    const failed: State = { name: 'failed', why: WHY, survivors };
    const rule: Rules = {
      name: 's',
      task: false,
      healthRestarts: true,
      restart: { policy: 'no', max: 1, stableMs: 1, initialDelayMs: 1, maxDelayMs: 1 },
    };
    expect(step(failed, { name: 'start' }, rule)).toMatchObject({
      state: { name: 'stopping', main: { pid: 7 }, next: { to: 'waiting' } },
      work: { kind: 'end', how: 'kill' },
    });
    expect(step(failed, { name: 'stop', how: 'ordered' }, rule)).toMatchObject({ state: { name: 'stopping', next: { to: 'stopped' } } });
  });

  test('an impossible input throws', () => {
    const rule: Rules = {
      name: 's',
      task: false,
      healthRestarts: true,
      restart: { policy: 'no', max: 1, stableMs: 1, initialDelayMs: 1, maxDelayMs: 1 },
    };
    expect(() => step(INITIAL, { name: 'becameReady' }, rule)).toThrow(ImpossibleInput);
    expect(() => step({ name: 'completed' }, { name: 'membersGone' }, rule)).toThrow('input membersGone in state completed');
  });
});
