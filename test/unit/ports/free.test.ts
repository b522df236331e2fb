import { describe, expect, test } from 'vitest';
import { type FreeOptions, type FreeOutcome, freeHeld } from '../../../src/ports/free.ts';
import { identifyPorts } from '../../../src/ports/identify.ts';
import { FakeMachine } from '../../rig/fake-machine.ts';
import type { FakeProcess, FakeProcessOptions } from '../../rig/fake-processes.ts';
import { inTime } from '../processes/in-time.ts';

const PORT = 8000;

/** A login shell of the user, beside the one that runs devup. */
function shellOf(machine: FakeMachine, options: FakeProcessOptions = {}): FakeProcess {
  return machine.spawn({ parent: machine.table.init, name: 'bash', argv: ['-bash'], uid: machine.uid, session: true, ...options });
}

async function free(
  machine: FakeMachine,
  ports: readonly number[] = [PORT],
  options: Partial<FreeOptions> = {},
): Promise<readonly FreeOutcome[]> {
  const states = await identifyPorts(machine, ports);
  const held = [...states.values()].filter((state) => state.kind === 'held');
  const mayEnd = async ({ pid }: { pid: number }) => pid > 1 && machine.table.at(pid)?.uid === machine.uid;
  return inTime(machine, freeHeld(machine, held, { signal: 'SIGTERM', graceMs: 1000, force: false, mayEnd, ...options }));
}

/** Starts another server as soon as the last one has died. */
function restarter(
  machine: FakeMachine,
  shell: FakeProcess,
  options: FakeProcessOptions = {},
): { parent: FakeProcess; serve(): FakeProcess } {
  const parent = shell.fork({ name: 'sh', argv: ['sh', 'serve.sh'], ...options });
  const serve = () => {
    const server = parent.fork({ name: 'node', argv: ['node', 'server.js'] });
    machine.listen(server, PORT);
    server.on.SIGTERM = () => {
      server.exit();
      machine.clock.at(50, () => {
        if (parent.alive) serve();
      });
    };
    return server;
  };
  return { parent, serve };
}

test('a leftover that ends on request is gone at once, without a timer', async () => {
  const machine = new FakeMachine();
  const shell = shellOf(machine);
  machine.listen(shell.fork({ argv: ['node', 'server.js'] }), PORT);
  shell.exit();
  const held = [...(await identifyPorts(machine, [PORT])).values()].filter((state) => state.kind === 'held');
  const began = machine.clock.now();
  const freeing = freeHeld(machine, held, { signal: 'SIGTERM', graceMs: 1000, force: false, mayEnd: async () => true });
  // Only a wait would need the time to pass.
  expect(await freeing).toMatchObject([{ port: PORT, freed: true }]);
  expect(machine.clock.now()).toBe(began);
});

describe('the climb', () => {
  const reloaders = [
    ['node', 'node /app/node_modules/nodemon/bin/nodemon.js server.js'],
    ['node', 'node --watch server.js'],
    ['node', 'node --inspect --watch-path=./src server.js'],
    ['watchexec', 'watchexec -- node server.js'],
    ['gunicorn', '/usr/bin/gunicorn app:app'],
  ] as const;
  for (const [name, command] of reloaders) {
    test(`goes up to ${command} at once`, async () => {
      const machine = new FakeMachine();
      const reloader = shellOf(machine).fork({ name, argv: command.split(' ') });
      const server = reloader.fork({ name: 'sh', argv: ['sh', '-c', 'node server.js'] }).fork({ argv: ['node', 'server.js'] });
      machine.listen(server, PORT);
      const [outcome] = await free(machine);
      expect(outcome?.freed).toBe(true);
      expect(machine.sent[0]?.target.pid).toBe(reloader.pid);
      expect(server.alive).toBe(false);
    });
  }

  test("does not go up to a program that only started the server, nor to a person's shell", async () => {
    const machine = new FakeMachine();
    const shell = shellOf(machine);
    const npm = shell.fork({ name: 'npm run dev', argv: ['npm run dev'] });
    const server = npm.fork({ name: 'sh', argv: ['sh', '-c', 'vite'] }).fork({ argv: ['node', 'vite'] });
    machine.listen(server, PORT);
    await free(machine);
    expect([...new Set(machine.sent.map(({ target }) => target.pid))]).toEqual([server.pid]);
    expect([npm.alive, shell.alive]).toEqual([true, true]);
  });

  test('goes up to a program that started a second server, whatever it looks like', async () => {
    const machine = new FakeMachine();
    const { parent, serve } = restarter(machine, shellOf(machine));
    const first = serve();
    const [outcome] = await free(machine);
    expect(outcome).toMatchObject({ freed: true, respawnedBy: null });
    expect(outcome?.killed.map(({ pid }) => pid)).toEqual(expect.arrayContaining([first.pid, parent.pid]));
    expect(parent.alive).toBe(false);
  });

  test('names a restarter that may not be ended', async () => {
    const machine = new FakeMachine();
    const shell = shellOf(machine, { name: 'zsh', argv: ['zsh'] });
    const { parent, serve } = restarter(machine, shell, { name: 'zsh', argv: ['zsh'] });
    serve();
    const [outcome] = await free(machine);
    expect(outcome).toMatchObject({ freed: false, state: { kind: 'held' }, respawnedBy: { pid: parent.pid } });
    expect([parent.alive, shell.alive]).toEqual([true, true]);
  });
});

describe('each tree is ended once', () => {
  test('workers are left to their parent, and each port lists its own killed processes', async () => {
    const machine = new FakeMachine();
    const shell = shellOf(machine);
    const master = shell.fork({ argv: ['nginx: master'] });
    machine.listen(master, PORT);
    const workers = [master.fork({ argv: ['nginx: worker'] }), master.fork({ argv: ['nginx: worker'] })];
    master.on.SIGTERM = () => {
      for (const worker of workers) worker.exit();
      master.exit();
    };
    const other = shell.fork({ argv: ['other'] });
    machine.listen(other, 8001);
    const outcomes = await free(machine, [PORT, 8001]);
    expect(outcomes.map(({ freed, killed }) => [freed, killed])).toEqual([
      [true, [{ pid: master.pid, command: 'nginx: master', signal: 'SIGTERM' }]],
      [true, [{ pid: other.pid, command: 'other', signal: 'SIGTERM' }]],
    ]);
    expect(machine.sent.filter(({ signal }) => signal === 'SIGTERM')).toHaveLength(2);
  });
});

describe('no process is ended that was not shown', () => {
  test('a refused foreign process that takes the port meanwhile keeps it', async () => {
    const machine = new FakeMachine();
    const server = shellOf(machine).fork();
    const stranger = shellOf(machine).fork({ name: 'sshd', argv: ['sshd'] });
    machine.listen(server, PORT);
    server.on.SIGTERM = () => {
      server.exit();
      machine.listen(stranger, PORT);
    };
    const mayEnd = async ({ pid }: { pid: number }) => pid !== stranger.pid;
    const [outcome] = await free(machine, [PORT], { mayEnd });
    expect(outcome).toMatchObject({ freed: false, state: { kind: 'held', holders: [{ pid: stranger.pid }] } });
    expect(machine.sent.some(({ target }) => target === stranger)).toBe(false);
  });

  test('a process that does not die is not signalled again and again', async () => {
    const machine = new FakeMachine({ uid: 1000 });
    const server = machine.spawn({ parent: machine.table.init, uid: machine.uid, session: true });
    machine.listen(server, PORT);
    Object.assign(server, { uid: 0 });
    machine.signal = async () => 'denied';
    const began = machine.clock.now();
    const held = { port: PORT, kind: 'held', holders: [{ ...(await describeOf(machine, server)) }], addresses: [] } as const;
    const work = freeHeld(machine, [held], { signal: 'SIGTERM', graceMs: 1000, force: false, mayEnd: async () => true });
    const [outcome] = await inTime(machine, work);
    expect(outcome).toMatchObject({ freed: false, killed: [] });
    expect(machine.clock.now() - began).toBeLessThan(12_000);
  });
});

describe('a data server', () => {
  const postgres = (machine: FakeMachine, on: FakeProcessOptions['on'] = {}) => {
    const server = shellOf(machine).fork({ name: 'postgres', argv: ['postgres', '-D', 'data'], executable: '/usr/bin/postgres', on });
    machine.listen(server, PORT);
    return server;
  };

  test('gets the signal for a fast shutdown, and a long time', async () => {
    const machine = new FakeMachine();
    const server = postgres(machine, { SIGTERM: 'ignore', SIGINT: { dieAfterMs: 30_000 } });
    const [outcome] = await free(machine);
    expect(outcome).toMatchObject({ freed: true, graceful: false, killed: [{ pid: server.pid, signal: 'SIGINT' }] });
  });

  test('is never killed without force, only asked to end', async () => {
    const machine = new FakeMachine();
    const server = postgres(machine, { SIGINT: 'ignore' });
    const [outcome] = await free(machine);
    expect(outcome).toMatchObject({ freed: false, graceful: true, killed: [], state: { kind: 'held' } });
    expect(server.alive).toBe(true);
    expect((await free(machine, [PORT], { force: true }))[0]).toMatchObject({ freed: true, killed: [{ signal: 'SIGKILL' }] });
  });
});

test('a port is free only if a bind agrees', async () => {
  const machine = new FakeMachine();
  machine.listen(shellOf(machine).fork(), PORT);
  const [outcome] = await free(machine, [PORT], { secondOpinion: async () => false });
  expect(outcome).toMatchObject({ freed: false, state: { kind: 'hidden', reason: { kind: 'closing' } } });
});

async function describeOf(machine: FakeMachine, process: FakeProcess) {
  const { describe: details } = await import('../../../src/processes/describe.ts');
  const holder = await details(machine, process.pid, ['0.0.0.0']);
  if (!holder) throw new Error('it is gone');
  return holder;
}
