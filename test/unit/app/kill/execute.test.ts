import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DecideContext, decide } from '../../../../src/app/kill/decide.ts';
import { execute, groups, type KillOptions } from '../../../../src/app/kill/execute.ts';
import type { Context } from '../../../../src/cli/context.ts';
import type { Holder, PortState } from '../../../../src/model/port.ts';
import { identifyPorts } from '../../../../src/ports/identify.ts';
import { busyPorts } from '../../../../src/ports/probe.ts';
import type { HolderFacts } from '../../../../src/ports/verdict.ts';
import type { RunTool } from '../../../../src/processes/engine.ts';
import { findContainer, publishes } from '../../../../src/processes/published-container.ts';
import type { SessionRecord } from '../../../../src/processes/record.ts';
import { ownAncestors } from '../../../../src/processes/refuse.ts';
import { FakeMachine } from '../../../rig/fake-machine.ts';
import type { FakeProcess, FakeProcessOptions } from '../../../rig/fake-processes.ts';

const LIVE = '1111111111111111';
const DEAD = '2222222222222222';

const docker: RunTool = async (tool, [what]) =>
  tool !== 'docker' ? null : { ok: true, text: what === 'ps' ? `${'ab'.repeat(32)}\tdb-1\t0.0.0.0:8000->5432/tcp\n` : '' };

async function deciding(machine: FakeMachine, runTool: RunTool = async () => null): Promise<DecideContext> {
  const liveSession = async (id: string) => (id === LIVE ? { config: '/other/orchestrator.config.ts' } : null);
  const facts: HolderFacts = {
    machine,
    asker: 'kill',
    ancestors: await ownAncestors(machine),
    stackId: '',
    memberOf: () => null,
    isExternal: () => false,
    record: null,
    liveSession,
    ownSessionAlive: false,
    debuggers: { live: [], isOver: () => false },
  };
  return { own: null, runTool, facts };
}

async function decidePort(machine: FakeMachine, port: number, runTool?: RunTool) {
  const busy = await busyPorts(machine, [port]);
  const state = (await identifyPorts(machine, [port], { busy })).get(port) as PortState;
  return decide(state, await deciding(machine, runTool));
}

/** Started in another terminal, outside devup. */
function stranger(machine: FakeMachine, options: FakeProcessOptions = {}): FakeProcess {
  return machine.spawn({
    parent: machine.table.init,
    name: 'node',
    argv: ['node', 'server.js'],
    executable: '/usr/bin/node',
    uid: 1000,
    session: true,
    ...options,
  });
}

/** The code under test reads only the machine. */
function contextOf(machine: FakeMachine): Context {
  return { machine } as unknown as Context;
}

async function killPorts(machine: FakeMachine, ports: readonly number[], options: Partial<KillOptions> = {}) {
  const decisions = await Promise.all(ports.map((port) => decidePort(machine, port, options.deciding?.runTool)));
  const all: KillOptions = {
    signal: 'SIGTERM',
    graceMs: 5000,
    force: false,
    deciding: await deciding(machine),
    wanted: { ports, services: [], target: null },
    onSession: () => undefined,
    ...options,
  };
  const result = execute(decisions, all, contextOf(machine));
  let over = false;
  const watched = result.finally(() => {
    over = true;
  });
  while (!over) await machine.advance(50);
  return watched;
}

describe('the decision about a port', () => {
  test('does nothing about a free port', async () => {
    expect(await decidePort(new FakeMachine(), 8000)).toMatchObject({ refused: null, fates: [] });
  });

  test('ends a foreign holder', async () => {
    const machine = new FakeMachine();
    const holder = stranger(machine, { name: 'python3' });
    machine.listen(holder, 8000);
    expect((await decidePort(machine, 8000)).fates.map(({ holder: { pid }, fate }) => [pid, fate.kind])).toEqual([[holder.pid, 'end']]);
  });

  test('explains an outgoing connection that uses the port, and kills nothing', async () => {
    const machine = new FakeMachine();
    machine.connect(machine.spawn({ name: 'curl' }), 8000, '10.0.0.1:443');
    expect(await decidePort(machine, 8000)).toMatchObject({
      fates: [],
      refused: { refused: { kind: 'unidentified', reason: { kind: 'outgoing' } } },
    });
  });

  test('refuses ancestors of this devup, even inside a live session', async () => {
    const machine = new FakeMachine();
    const shell = machine.self.parent;
    if (!shell) throw new Error('devup has a parent');
    machine.listen(shell, 8000);
    expect((await decidePort(machine, 8000)).refused).toMatchObject({ refused: { kind: 'ancestor' } });
  });

  test("refuses another user's process with the command to type, and ends it as root", async () => {
    const held = (uid: number) => {
      const machine = new FakeMachine({ uid });
      machine.listen(stranger(machine, { uid: 1007 }), 8000);
      return machine;
    };
    expect((await decidePort(held(1000), 8000)).refused).not.toBeNull();
    expect((await decidePort(held(0), 8000)).fates).toMatchObject([{ fate: { kind: 'end' } }]);
  });

  test('lets a live session stop its service; a service of a dead session is a leftover', async () => {
    const machine = new FakeMachine();
    for (const [port, id] of [
      [8000, LIVE],
      [8001, DEAD],
    ] as const) {
      machine.listen(stranger(machine, { env: { DEVUP_RUN: `${id}:s1:web` } }), port);
    }
    expect((await decidePort(machine, 8000)).fates).toMatchObject([{ fate: { kind: 'session', of: { stackId: LIVE, service: 'web' } } }]);
    expect((await decidePort(machine, 8001)).fates).toMatchObject([{ fate: { kind: 'leftover', of: { stackId: DEAD, service: 'web' } } }]);
  });

  test("takes a holder without a marker for a leftover only if the dead session's record has it with this port", async () => {
    const machine = new FakeMachine();
    const holder = stranger(machine);
    machine.listen(holder, 8000);
    machine.listen(holder, 8001);
    const recorded = (stackId: string) =>
      ({
        stackId,
        services: [{ name: 'web', main: { pid: holder.pid, start: holder.start }, members: [], ports: [8000] }],
      }) as unknown as SessionRecord;
    const fates = async (port: number, record: SessionRecord) => {
      const state = (await identifyPorts(machine, [port])).get(port) as PortState;
      const context = await deciding(machine);
      const { stackId } = record;
      const facts = { ...context.facts, record, stackId, ownSessionAlive: stackId === LIVE };
      return (await decide(state, { ...context, facts })).fates.map(({ fate }) => fate);
    };
    expect(await fates(8000, recorded(DEAD))).toEqual([{ kind: 'leftover', of: { stackId: DEAD, service: 'web' } }]);
    expect(await fates(8001, recorded(DEAD))).toEqual([{ kind: 'end' }]);
    expect(await fates(8000, recorded(LIVE))).toEqual([{ kind: 'end' }]);
  });

  test('names a unit that would restart the holder, and does not kill it', async () => {
    const machine = new FakeMachine();
    machine.listen(stranger(machine, { unit: 'redis.service' }), 8000);
    expect((await decidePort(machine, 8000)).refused).toMatchObject({ refused: { kind: 'unit', unit: 'redis.service' } });
  });

  test('stops the container of a published port, if an engine knows it', async () => {
    const machine = new FakeMachine({ uid: 0 });
    machine.listen(stranger(machine, { name: 'docker-proxy', argv: ['docker-proxy'], uid: 0 }), 8000);
    expect((await decidePort(machine, 8000, docker)).fates).toMatchObject([
      { fate: { kind: 'container', container: { engine: 'docker', name: 'db-1' } } },
    ]);
    expect((await decidePort(machine, 8000)).refused).toMatchObject({
      refused: { kind: 'container', stopCommand: expect.stringContaining('docker stop') },
    });
  });

  test('spares all holders of a port if one is refused', async () => {
    const machine = new FakeMachine();
    const foreign = stranger(machine);
    machine.listen(foreign, 8000, { address: '127.0.0.1' });
    machine.listen(stranger(machine, { unit: 'x.service' }), 8000, { address: '127.0.0.2' });
    const [outcome] = await killPorts(machine, [8000]);
    expect(outcome).toMatchObject({ outcome: 'refused', killed: [] });
    expect(machine.sent).toEqual([]);
  });
});

describe('freeing', () => {
  test('reports what was done about each port', async () => {
    const machine = new FakeMachine();
    const one = stranger(machine, { argv: ['python3', '-m', 'http.server'] });
    const stubborn = stranger(machine, { on: { SIGTERM: 'ignore' } });
    machine.listen(one, 8000);
    machine.listen(stubborn, 8001);
    const outcomes = await killPorts(machine, [8000, 8001, 8002]);
    expect(outcomes).toMatchObject([
      { port: 8000, outcome: 'freed', killed: [{ pid: one.pid, command: 'python3 -m http.server', signal: 'SIGTERM' }] },
      { port: 8001, outcome: 'freed', killed: [{ pid: stubborn.pid, signal: 'SIGKILL' }] },
      { port: 8002, outcome: 'was-free', killed: [] },
    ]);
  });

  test('asks a database server to end, and kills it only with --force', async () => {
    const held = () => {
      const machine = new FakeMachine();
      const ignore = { SIGINT: 'ignore', SIGTERM: 'ignore' } as const;
      machine.listen(stranger(machine, { name: 'postgres', argv: ['postgres'], on: ignore }), 5432);
      return machine;
    };
    expect(await killPorts(held(), [5432])).toMatchObject([{ outcome: 'failed', problem: { code: 'E202', graceful: true } }]);
    expect(await killPorts(held(), [5432], { force: true })).toMatchObject([{ outcome: 'freed' }]);
  });

  test('ends all leftovers of a dead session, not only the holder of the port', async () => {
    const machine = new FakeMachine();
    const left = stranger(machine, { env: { DEVUP_RUN: `${DEAD}:s1:web` }, session: true });
    const worker = stranger(machine, { env: { DEVUP_RUN: `${DEAD}:s1:web` }, session: true });
    const other = stranger(machine, { env: { DEVUP_RUN: `${LIVE}:s1:web` }, session: true });
    machine.listen(left, 8000);
    expect(await killPorts(machine, [8000])).toMatchObject([{ outcome: 'freed' }]);
    expect([left.alive, worker.alive, other.alive]).toEqual([false, false, true]);
  });

  test('stops a container through its engine, and signals no process', async () => {
    const machine = new FakeMachine({ uid: 0 });
    const proxy = stranger(machine, { name: 'docker-proxy', argv: ['docker-proxy'], uid: 0 });
    machine.listen(proxy, 8000);
    const runTool: RunTool = async (tool, args) => {
      if (args[0] === 'stop') proxy.exit();
      return docker(tool, args);
    };
    const outcomes = await killPorts(machine, [8000], { deciding: await deciding(machine, runTool) });
    expect(outcomes).toMatchObject([{ outcome: 'freed', killed: [{ command: 'docker container db-1', signal: 'stopped' }] }]);
    expect(machine.sent).toEqual([]);
  });
});

describe('containers', () => {
  test.each([
    ['0.0.0.0:8000->80/tcp, :::8000->80/tcp', true],
    ['127.0.0.1:7999-8001->7999-8001/tcp', true],
    ['0.0.0.0:8000->80/udp', false],
    ['80/tcp', false],
    ['0.0.0.0:18000->8000/tcp', false],
    ['', false],
  ])('`%s` publishes 8000: %s', (ports, expected) => {
    expect(publishes(ports, 8000)).toBe(expected);
  });

  test('are found by their id if they publish nothing', async () => {
    expect(await findContainer(9000, 'abababababab', docker)).toMatchObject({ name: 'db-1' });
    expect(await findContainer(9000, null, docker)).toBeNull();
  });
});

test('frees ports that share a holder together, and every port once', () => {
  const holder = (pid: number): Holder => ({ pid, start: 1 }) as unknown as Holder;
  const held = fc.uniqueArray(
    fc.record({
      port: fc.integer({ min: 1, max: 60 }),
      pids: fc.uniqueArray(fc.integer({ min: 2, max: 12 }), { minLength: 1, maxLength: 3 }),
    }),
    { selector: ({ port }) => port, maxLength: 12 },
  );
  fc.assert(
    fc.property(held, (ports) => {
      const found = groups(ports.map(({ port, pids }) => ({ port, kind: 'held', addresses: [], holders: pids.map(holder) })));
      expect(
        found
          .flat()
          .map(({ port }) => port)
          .toSorted(),
      ).toEqual(ports.map(({ port }) => port).toSorted());
      const pidsOf = found.map((group) => new Set(group.flatMap(({ holders }) => holders.map(({ pid }) => pid))));
      for (const [i, pids] of pidsOf.entries())
        for (const others of pidsOf.slice(i + 1)) expect([...pids].some((pid) => others.has(pid))).toBe(false);
    }),
  );
});
