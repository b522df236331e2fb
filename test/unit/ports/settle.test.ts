import { describe, expect, test } from 'vitest';
import { type Ended, lineageOf, settle } from '../../../src/ports/settle.ts';
import { FakeMachine } from '../../rig/fake-machine.ts';
import type { FakeProcess } from '../../rig/fake-processes.ts';
import { inTime } from '../processes/in-time.ts';

/** A shell with its own session, a script in it, and the server that the script runs. */
function served(): { machine: FakeMachine; shell: FakeProcess; script: FakeProcess; server: FakeProcess } {
  const machine = new FakeMachine();
  const shell = machine.spawn({ parent: machine.table.init, name: 'bash', argv: ['-bash'], uid: machine.uid, session: true });
  const script = shell.fork({ name: 'sh', argv: ['sh', 'serve.sh'] });
  return { machine, shell, script, server: script.fork({ argv: ['node', 'server.js'] }) };
}

/** How long devup waits after they have died, in the steps of the clock. */
async function waitedFor(
  machine: FakeMachine,
  servers: FakeProcess | readonly FakeProcess[],
  change: Partial<Ended> = {},
): Promise<number> {
  const ended: Ended[] = [];
  const before = new Map((await machine.processes()).map(({ pid, start }) => [pid, start]));
  for (const { pid } of [servers].flat()) ended.push({ lineage: await lineageOf(machine, pid), before, single: true, ...change });
  for (const server of [servers].flat()) server.exit();
  const began = machine.clock.now();
  let took = Number.NaN;
  const settled = settle(machine, ended, new Set([8000])).then((waited) => {
    took = machine.clock.now() - began;
    expect(waited).toBe(took > 0);
  });
  await inTime(machine, settled);
  return took;
}

/** The time that a restarter is given. */
function whole(ms: number): void {
  expect(ms).toBeGreaterThanOrEqual(250);
  expect(ms).toBeLessThanOrEqual(260);
}

describe('no process is left that could restart it', () => {
  test('when its parents have already ended: a leftover', async () => {
    const { machine, shell, script, server } = served();
    script.exit();
    shell.exit();
    expect(await waitedFor(machine, server)).toBe(0);
  });

  test('as soon as the processes end that end with it', async () => {
    const { machine, shell, script, server } = served();
    shell.exit();
    machine.clock.at(12, () => script.exit());
    const took = await waitedFor(machine, server);
    expect(took).toBeGreaterThanOrEqual(12);
    expect(took).toBeLessThan(40);
  });
});

describe('its parent lives and does not restart it', () => {
  const resting = (world: ReturnType<typeof served>, who: 'shell' | 'script') => {
    world[who].options = { ...world[who].options, rests: true };
    return world;
  };

  test('asleep, without a deadline and without a new child: no wait', async () => {
    const { machine, server } = resting(served(), 'script');
    expect(await waitedFor(machine, server)).toBe(0);
  });

  test('once it has gone to sleep', async () => {
    const world = served();
    world.machine.clock.at(20, () => resting(world, 'script'));
    const took = await waitedFor(world.machine, world.server);
    expect(took).toBeGreaterThanOrEqual(20);
    expect(took).toBeLessThan(50);
  });

  test('but not until it has reaped its dead child', async () => {
    const { machine, script, server } = resting(served(), 'script');
    script.options = { ...script.options, reaps: false };
    whole(await waitedFor(machine, server));
  });

  test.each(['its child', 'one that was left to the first process'] as const)(
    'but not when it has started another child: %s',
    async (whose) => {
      const { machine, script, server } = resting(served(), 'script');
      machine.beforeRead = () => {
        if (server.alive) return;
        machine.beforeRead = null;
        const next = script.fork({ argv: ['node', 'server.js'] });
        if (whose === 'its child') return;
        const daemon = next.fork({ argv: ['node', 'server.js'] });
        next.exit();
        expect(daemon.parent).toBe(machine.table.init);
      };
      expect(await waitedFor(machine, server)).toBeGreaterThanOrEqual(250);
    },
  );

  test('but not if only one of two does', async () => {
    const { machine, shell, server } = resting(served(), 'script');
    whole(await waitedFor(machine, [server, shell.fork({ argv: ['node', 'other.js'] })]));
  });
});

describe('a process might restart it', () => {
  test('while its parent lives', async () => {
    const { machine, shell, server } = served();
    shell.exit();
    whole(await waitedFor(machine, server));
  });

  test.each([
    [900, 'listens'],
    [700, 'dies'],
    [60_000, 'never does either'],
  ] as const)('its parent has restarted a slow server: after %i ms it %s', async (slowMs, what) => {
    const { machine, script, server } = served();
    machine.clock.at(100, () => {
      const next = script.fork({ argv: ['python', 'manage.py', 'runserver'] });
      machine.clock.at(slowMs - 100, () => (what === 'dies' ? next.exit() : machine.listen(next, 8000)));
    });
    const took = await waitedFor(machine, server);
    const due = Math.min(slowMs, 2250);
    expect(took).toBeGreaterThanOrEqual(due);
    expect(took).toBeLessThanOrEqual(due + 60);
  });

  test('when it is in its own session, which its parent may have made', async () => {
    const { machine, shell, script, server } = served();
    server.setsid();
    script.exit();
    shell.exit();
    whole(await waitedFor(machine, server));
  });

  test('when other processes depended on it, or it was ended as a restarter', async () => {
    const { machine, shell, script, server } = served();
    script.exit();
    shell.exit();
    whole(await waitedFor(machine, server, { single: false }));
  });

  test('where the system reports no sessions', async () => {
    const { machine, shell, script, server } = served();
    script.exit();
    shell.exit();
    const lineage = (await lineageOf(machine, server.pid)).map((row) => ({ ...row, sid: 0 }));
    whole(await waitedFor(machine, server, { lineage }));
  });

  test('when one of several holders is not a leftover', async () => {
    const { machine, shell, script, server } = served();
    const other = shell.fork({ argv: ['node', 'other.js'] });
    script.exit();
    whole(await waitedFor(machine, [server, other]));
  });
});
