import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OnConflict, Service } from '../../../src/model/service.ts';
import { effectivePolicy } from '../../../src/ports/action.ts';
import { assess, type ClaimContext, type ClaimOutcome, claim } from '../../../src/ports/claim.ts';
import { ownAncestors } from '../../../src/processes/refuse.ts';
import { FakeMachine } from '../../rig/fake-machine.ts';
import type { FakeProcess, FakeProcessOptions } from '../../rig/fake-processes.ts';
import { aService } from '../../rig/services.ts';
import { inTime } from '../processes/in-time.ts';

const OURS = '0123456789abcdef';
const THEIRS = 'aaaaaaaaaaaaaaaa';
const REUSE: OnConflict = { policy: 'reuse', proof: { tests: [], timeoutMs: 1000, intervalMs: 100 } };

function on(name: string, ports: readonly number[], onConflict: OnConflict = { policy: 'kill' }): Service {
  return aService(name, {
    ports: ports.map((port, i) => ({ name: i === 0 ? 'main' : `p${i}`, port, required: true })),
    onConflict,
  });
}

async function contextOf(machine: FakeMachine, over: Partial<ClaimContext> = {}): Promise<ClaimContext> {
  const liveSession = async (id: string) => (id === THEIRS ? { config: '/home/me/theirs/orchestrator.config.ts' } : null);
  return {
    machine,
    refresh: async () => undefined,
    facts: {
      machine,
      asker: 'claim',
      ancestors: await ownAncestors(machine),
      stackId: OURS,
      memberOf: () => null,
      isExternal: () => false,
      record: null,
      liveSession,
      ownSessionAlive: false,
      debuggers: { live: [], isOver: () => false },
    },
    onConflict: null,
    takeOver: false,
    approved: new Set(),
    prove: async () => [],
    others: { find: async () => null, stop: async () => null },
    ...over,
  };
}

function squatter(machine: FakeMachine, ports: readonly number[], options: FakeProcessOptions = {}): FakeProcess {
  const process = machine.spawn({
    parent: machine.table.init,
    name: 'node',
    argv: ['node', 's.js'],
    uid: machine.uid,
    session: true,
    ...options,
  });
  for (const port of ports) machine.listen(process, port);
  return process;
}

async function run(
  machine: FakeMachine,
  services: readonly Service[],
  over: Partial<ClaimContext> = {},
): Promise<Readonly<Record<string, ClaimOutcome>>> {
  return Object.fromEntries(await inTime(machine, claim(services, await contextOf(machine, over))));
}

test('free ports are claimed without a scan', async () => {
  const machine = new FakeMachine();
  let looks = 0;
  machine.beforeRead = (read) => {
    if (read !== 'canBind') looks++;
  };
  const context = await contextOf(machine);
  looks = 0;
  expect(await claim([on('web', [8000]), on('api', [8001, 8002])], context)).toEqual(
    new Map([
      ['web', { kind: 'claimed' }],
      ['api', { kind: 'claimed' }],
    ]),
  );
  expect(looks).toBe(0);
});

describe('a foreign process on the port', () => {
  const policies: readonly (readonly [string, OnConflict, Partial<ClaimContext>, Partial<ClaimOutcome> & { kind: string }, boolean])[] = [
    ['is ended by kill', { policy: 'kill' }, {}, { kind: 'claimed' }, false],
    ['lives by fail', { policy: 'fail' }, {}, { kind: 'refused' }, true],
    ['lives by ask when nobody agreed', { policy: 'ask' }, {}, { kind: 'refused' }, true],
    ['is used by reuse when it passes', REUSE, {}, { kind: 'adopted' }, true],
    ['lives by reuse when it does not pass', REUSE, { prove: async () => [{ kind: 'exit' }] }, { kind: 'refused' }, true],
    ['is ended by fail of the config and kill of the command', { policy: 'fail' }, { onConflict: 'kill' }, { kind: 'claimed' }, false],
    ['is used by reuse of the config and kill of the command', REUSE, { onConflict: 'kill' }, { kind: 'adopted' }, true],
    ['lives by reuse of the config and fail of the command', REUSE, { onConflict: 'fail' }, { kind: 'refused' }, true],
  ];
  for (const [what, policy, over, outcome, lives] of policies) {
    test(what, async () => {
      const machine = new FakeMachine();
      const stranger = squatter(machine, [8000]);
      expect((await run(machine, [on('web', [8000], policy)], over))['web']).toMatchObject(outcome);
      expect(stranger.alive).toBe(lives);
    });
  }

  test('is ended by ask once the user has agreed to this very process', async () => {
    const machine = new FakeMachine();
    const stranger = squatter(machine, [8000]);
    const approved = new Set([`${stranger.pid}:${stranger.start}`]);
    expect((await run(machine, [on('web', [8000], { policy: 'ask' })], { approved }))['web']).toEqual({ kind: 'claimed' });
    expect(stranger.alive).toBe(false);
  });

  test("is spared if one service of the plan reuses it, and the other's failure names that service", async () => {
    const machine = new FakeMachine();
    const stranger = squatter(machine, [8000, 8001]);
    expect(await run(machine, [on('db', [8000], REUSE), on('web', [8001])])).toMatchObject({
      db: { kind: 'adopted' },
      web: { kind: 'refused', failure: { code: 'E201', refusals: [{ port: 8001, because: { reusedBy: 'db' } }] } },
    });
    expect(stranger.alive).toBe(true);
  });

  test('is freed once for all services whose ports it holds', async () => {
    const machine = new FakeMachine();
    const stranger = squatter(machine, [8000, 8001]);
    expect(await run(machine, [on('web', [8000]), on('api', [8001])])).toEqual({ web: { kind: 'claimed' }, api: { kind: 'claimed' } });
    expect(machine.sent.filter(({ target, signal }) => target === stranger && signal === 'SIGTERM')).toHaveLength(1);
  });
});

describe('a leftover', () => {
  test('is ended under every policy, to the last process', async () => {
    for (const policy of [{ policy: 'fail' }, { policy: 'ask' }, REUSE] as const) {
      const machine = new FakeMachine();
      const left = squatter(machine, [8000], { env: { DEVUP_RUN: `${OURS}:old:web` }, on: { SIGTERM: 'ignore' } });
      expect((await run(machine, [on('web', [8000], policy)]))['web']).toEqual({ kind: 'claimed' });
      expect(left.alive).toBe(false);
    }
  });

  test('is ended even if it is a data server that ignores the signal', async () => {
    const machine = new FakeMachine();
    const left = squatter(machine, [8000], {
      name: 'postgres',
      env: { DEVUP_RUN: `${OURS}:old:db` },
      on: { SIGTERM: 'ignore', SIGINT: 'ignore' },
    });
    expect((await run(machine, [on('db', [8000])]))['db']).toEqual({ kind: 'claimed' });
    expect(left.alive).toBe(false);
  });
});

describe('another stack', () => {
  const theirs = { env: { DEVUP_RUN: `${THEIRS}:s1:web` } };

  test('is spared, even by kill', async () => {
    const machine = new FakeMachine();
    const other = squatter(machine, [8000], theirs);
    expect((await run(machine, [on('web', [8000])], { onConflict: 'kill' }))['web']).toMatchObject({
      failure: { code: 'E201', refusals: [{ because: { refused: { kind: 'other-stack', service: 'web' } } }] },
    });
    expect(other.alive).toBe(true);
  });

  test('releases its ports through its own session, which is asked once for two ports', async () => {
    const machine = new FakeMachine();
    const other = squatter(machine, [8000, 8001], theirs);
    const asked: string[] = [];
    const takeOver = (stackId: string, services: readonly string[]) => ({
      stackId,
      config: '/theirs/x.json',
      services: [...services, 'needs'],
    });
    const told: string[] = [];
    const outcomes = await run(machine, [on('web', [8000, 8001])], {
      takeOver: true,
      others: {
        find: async (stack, services) => takeOver(stack, services),
        stop: async (stack, services) => {
          asked.push(`${stack} ${services.join()}`);
          other.exit();
          return takeOver(stack, services);
        },
      },
      onTakingOver: (service, { services }) => told.push(`${service}: stopping ${services.join()}`),
      onTakenOver: (service, { services }) => told.push(`${service}: stopped ${services.join()}`),
    });
    expect(outcomes['web']).toEqual({ kind: 'claimed' });
    expect(asked).toEqual([`${THEIRS} web`]);
    expect(told).toEqual(['web: stopping web,needs', 'web: stopped web,needs']);
    expect(machine.sent).toEqual([]);
  });

  test('that does not release its port keeps it: the claim fails, and no process is ended', async () => {
    const machine = new FakeMachine();
    const other = squatter(machine, [8000], theirs);
    const outcome = (await run(machine, [on('web', [8000])], { takeOver: true }))['web'];
    expect(outcome).toMatchObject({ kind: 'refused', failure: { code: 'E202', port: 8000, state: { holders: [{ pid: other.pid }] } } });
    expect(machine.sent).toEqual([]);
  });
});

test('a port that only a closing connection holds is waited for, not refused', async () => {
  const machine = new FakeMachine();
  const client = machine.spawn();
  machine.connect(client, 8000, '10.0.0.1:443');
  machine.clock.at(1000, () => client.exit());
  expect((await run(machine, [on('web', [8000], { policy: 'fail' })]))['web']).toEqual({ kind: 'claimed' });
});

/** One refusal and its reason decide for all ports: random services, foreign holders and policies. */
const worlds = fc.record({
  services: fc.array(fc.record({ policy: fc.constantFrom('kill', 'ask', 'fail', 'reuse'), ports: fc.integer({ min: 1, max: 2 }) }), {
    minLength: 1,
    maxLength: 4,
  }),
  squatters: fc.array(
    fc.record({
      ports: fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 3 }),
      kind: fc.constantFrom('stranger', 'leftover', 'other', 'root', 'bound'),
      stubborn: fc.boolean(),
    }),
    { maxLength: 4 },
  ),
});

function build({ services, squatters }: typeof worlds extends fc.Arbitrary<infer W> ? W : never) {
  const machine = new FakeMachine();
  let next = 8000;
  const declared = services.map(({ policy, ports }, i) => {
    const own = Array.from({ length: ports }, () => next++);
    return on(`s${i}`, own, policy === 'reuse' ? REUSE : { policy });
  });
  const all = declared.flatMap((service) => service.ports.map(({ port }) => port));
  const held = squatters.map(({ ports, kind, stubborn }) => {
    const env = kind === 'leftover' ? { DEVUP_RUN: `${OURS}:old:s0` } : kind === 'other' ? { DEVUP_RUN: `${THEIRS}:s1:web` } : {};
    const process = squatter(machine, [], { env, ...(kind === 'root' ? { uid: 0 } : {}), on: stubborn ? { SIGTERM: 'ignore' } : {} });
    const taken: number[] = [];
    for (const index of ports) {
      const port = all[index % all.length] as number;
      if (!machine.sockets.canBind(port, '0.0.0.0')) continue;
      if (kind === 'bound') machine.sockets.bind(process, port);
      else machine.listen(process, port);
      taken.push(port);
    }
    return { process, kind, ports: taken };
  });
  return { machine, declared, held };
}

test('no process is ended that one service spares, or for a service that cannot start, and a claimed port is free', async () => {
  await fc.assert(
    fc.asyncProperty(worlds, async (world) => {
      const { machine, declared, held } = build(world);
      const outcomes = await run(machine, declared);
      for (const { process, kind, ports } of held) {
        const owners = declared.filter((service) => service.ports.some(({ port }) => ports.includes(port)));
        if (kind === 'other' || kind === 'root' || kind === 'bound') expect(process.alive).toBe(true);
        // Either saves it: one service that spares it, or none that can start without it.
        const spared = owners.some(({ onConflict }) => onConflict.policy !== 'kill');
        const needless = owners.length > 0 && owners.every(({ name }) => outcomes[name]?.kind !== 'claimed');
        if (kind === 'stranger' && (spared || needless)) expect(process.alive).toBe(true);
      }
      for (const { name, ports } of declared) {
        if (outcomes[name]?.kind !== 'claimed') continue;
        for (const { port } of ports) expect(await machine.canBind(port)).toEqual({ free: true });
      }
    }),
    { numRuns: 150 },
  );
});

test('assessing signals nothing', async () => {
  await fc.assert(
    fc.asyncProperty(worlds, async (world) => {
      const { machine, declared, held } = build(world);
      await inTime(
        machine,
        assess(declared, await contextOf(machine)).then(() => undefined),
      );
      expect(machine.sent).toEqual([]);
      expect(held.every(({ process }) => process.alive)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('the command replaces every policy but reuse, and fail replaces that too', () => {
  expect(effectivePolicy(on('web', [1], { policy: 'fail' }), 'kill')).toEqual({ policy: 'kill' });
  expect(effectivePolicy(on('web', [1], { policy: 'kill' }), null)).toEqual({ policy: 'kill' });
  expect(effectivePolicy(on('web', [1], REUSE), 'ask')).toEqual(REUSE);
  expect(effectivePolicy(on('web', [1], REUSE), 'fail')).toEqual({ policy: 'fail' });
});
