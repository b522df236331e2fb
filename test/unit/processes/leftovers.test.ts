import { describe, expect, test } from 'vitest';
import { end } from '../../../src/processes/end.ts';
import { findLeftovers, LeftoverTargets, recordedHolder } from '../../../src/processes/leftovers.ts';
import type { SessionRecord } from '../../../src/processes/record.ts';
import { FakeMachine } from '../../rig/fake-machine.ts';
import type { FakeProcess } from '../../rig/fake-processes.ts';
import { inTime } from './in-time.ts';

const STACK = '0123456789abcdef';
const marked = (session: string, service: string) => ({ DEVUP_RUN: `${STACK}:${session}:${service}` });

function recordOf(main: FakeProcess, members: readonly FakeProcess[], ports: readonly number[] = []): SessionRecord {
  const id = ({ pid, start }: FakeProcess) => ({ pid, start });
  return {
    format: 1,
    stackId: STACK,
    session: 's1',
    config: '/home/me/app/orchestrator.config.ts',
    supervisor: { pid: 9999, start: 1 },
    version: '1.0.0',
    bootId: 'boot',
    networkNamespace: '',
    touchedAtMs: 0,
    startedAtMs: 0,
    guard: null,
    services: [{ name: 'web', main: id(main), members: members.map(id), ports }],
  };
}

/** Its session is gone, and so is its parent. */
function orphan(machine: FakeMachine, env: Readonly<Record<string, string>>, name = 'node'): FakeProcess {
  return machine.spawn({ parent: machine.table.init, uid: machine.uid, session: true, env, name });
}

async function found(machine: FakeMachine, record: SessionRecord | null = null, liveSession: string | null = null) {
  const all = await findLeftovers(machine, { stackId: STACK, liveSession, record });
  return all.map(({ pid, service }) => [pid, service]);
}

describe('a leftover', () => {
  test('is searched for in the table of processes only if a process has the marker, or a record names some', async () => {
    const machine = new FakeMachine();
    const reads: string[] = [];
    machine.beforeRead = (read) => void reads.push(read);
    orphan(machine, { DEVUP_RUN: 'fedcba9876543210:s1:web' });
    const gone = orphan(machine, {});
    expect(await found(machine)).toEqual([]);
    expect(reads).not.toContain('processes');
    expect(await found(machine, recordOf(gone, []))).toEqual([]);
    expect(reads).toContain('processes');
  });

  test('counts as found also if it ends before the others are read, as a link of a chain does', async () => {
    const machine = new FakeMachine();
    const link = orphan(machine, marked('s1', 'web'));
    machine.beforeRead = (read) => void (read === 'processes' && link.exit());
    orphan(machine, {});
    expect(await found(machine)).toEqual([[link.pid, 'web']]);
    expect(await found(machine)).toEqual([]);
  });

  test('is of one session only, on request', async () => {
    const machine = new FakeMachine();
    const mine = orphan(machine, marked('s1', 'web'));
    orphan(machine, marked('s12', 'web'));
    orphan(machine, marked('s2', 'web'));
    const all = await findLeftovers(machine, { stackId: STACK, liveSession: null, record: null, only: 's1' });
    expect(all.map(({ pid }) => pid)).toEqual([mine.pid]);
  });

  test('carries the marker of a session that is over, or descends from a process that does', async () => {
    const machine = new FakeMachine();
    const web = orphan(machine, marked('s1', 'web'));
    const child = web.fork({ env: {}, session: true });
    orphan(machine, marked('s2', 'web'));
    orphan(machine, { DEVUP_RUN: `fedcba9876543210:s1:web` });
    orphan(machine, {});
    expect(await found(machine, null, 's2')).toEqual([
      [web.pid, 'web'],
      [child.pid, 'web'],
    ]);
  });

  test('without its marker is recognised by the record and a group with one that has it', async () => {
    const machine = new FakeMachine();
    const main = orphan(machine, marked('s1', 'web'));
    const worker = main.fork({ env: {} });
    worker.parent = machine.table.init;
    const unrelated = orphan(machine, {});
    expect(await found(machine)).toEqual([[main.pid, 'web']]);
    expect(await found(machine, recordOf(main, [worker, unrelated]))).toEqual([
      [main.pid, 'web'],
      [worker.pid, 'web'],
    ]);
  });

  test('without any tie is recognised by the record and the port of its service that it still holds', async () => {
    const machine = new FakeMachine();
    const holder = orphan(machine, {});
    machine.listen(holder, 8000);
    expect(await found(machine, recordOf(holder, [], [8000]))).toEqual([[holder.pid, 'web']]);
    expect(await found(machine, recordOf(holder, [], [8001]))).toEqual([]);
    expect(recordedHolder(recordOf(holder, [], [8000]), holder, 8000)).toBe('web');
    expect(recordedHolder(recordOf(holder, [], [8000]), holder, 8001)).toBeNull();
    const { pid, start } = holder.fork();
    expect(recordedHolder(recordOf(holder, [], [8000]), { pid, start, ancestors: [holder] }, 8000)).toBe('web');
    expect(recordedHolder(recordOf(holder, [], [8000]), { pid, start, ancestors: [{ ...holder.row(), start: 0 }] }, 8000)).toBeNull();
  });

  test('F1: a process inside a container is no leftover, although the record names it and it holds the port', async () => {
    const machine = new FakeMachine();
    const marked1 = orphan(machine, marked('s1', 'web'));
    const inside = machine.spawn({ parent: machine.table.init, uid: machine.uid, session: true, env: {}, container: '72e3ffdb44ed' });
    machine.listen(inside, 8000);
    expect(await found(machine, recordOf(inside, [], [8000]))).toEqual([[marked1.pid, 'web']]);
    // Podman without root makes no control group, so its monitor tells.
    const argv = ['conmon', '--api-version', '1', '-c', '7'.repeat(64), '-n', 'db'];
    const conmon = machine.spawn({ parent: machine.table.init, uid: machine.uid, session: true, env: {}, name: 'conmon', argv });
    const monitored = conmon.fork({ name: 'httpd', argv: ['httpd'] });
    machine.listen(monitored, 8001);
    expect(await found(machine, recordOf(monitored, [], [8001]))).toEqual([[marked1.pid, 'web']]);
    inside.setpgid(marked1.pgid);
    expect(await found(machine, recordOf(marked1, [inside], []))).toEqual([[marked1.pid, 'web']]);
  });

  test("is also a process in the record that shares such a holder's group, but not one that only shares the group", async () => {
    const machine = new FakeMachine();
    const holder = orphan(machine, {});
    const [recorded, unrecorded] = [orphan(machine, {}), orphan(machine, {})];
    for (const one of [recorded, unrecorded]) one.setpgid(holder.pgid);
    machine.listen(holder, 8000);
    expect(await found(machine, recordOf(holder, [recorded], [8000]))).toEqual([
      [holder.pid, 'web'],
      [recorded.pid, 'web'],
    ]);
  });

  test.each(['dockerd', 'docker-proxy', 'conmon'])('is not %s, even if it was recorded and holds the port of its service', async (name) => {
    const machine = new FakeMachine();
    const forwarder = orphan(machine, {}, name);
    machine.listen(forwarder, 8000);
    expect(await found(machine, recordOf(forwarder, [forwarder], [8000]))).toEqual([]);
    const server = orphan(machine, {});
    machine.listen(server, 9000);
    expect(await found(machine, recordOf(server, [forwarder], [8000, 9000]))).toEqual([[server.pid, 'web']]);
  });

  test('F5, F6: a record alone makes no process a leftover: not one whose pid was reused, nor one without a port of the stack', async () => {
    const machine = new FakeMachine();
    const gone = orphan(machine, {});
    const record = recordOf(gone, [], [8000]);
    gone.exit();
    const stranger = machine.spawn({ parent: machine.table.init, uid: machine.uid, pid: gone.pid, session: true });
    machine.listen(stranger, 8000);
    expect(await found(machine, record)).toEqual([]);
  });

  test('is neither devup nor its ancestors, although all of them carry the marker', async () => {
    const machine = new FakeMachine();
    const shell = machine.self.parent as FakeProcess;
    Object.assign(shell, { env: marked('s1', 'web') });
    Object.assign(machine.self, { env: marked('s1', 'web') });
    const web = orphan(machine, marked('s1', 'web'));
    expect(await found(machine)).toEqual([[web.pid, 'web']]);
  });

  test('is not a terminal that a service once opened, nor a program in it', async () => {
    const machine = new FakeMachine();
    const tmux = orphan(machine, marked('s1', 'web'), 'tmux: server');
    const editor = tmux.fork({ name: 'bash', session: true }).fork({ name: 'make' });
    const web = orphan(machine, marked('s1', 'web'));
    expect(await found(machine)).toEqual([[web.pid, 'web']]);
    expect(editor.alive).toBe(true);
  });

  test('is not a browser that a left server has opened, but one that the session has recorded as the service', async () => {
    const machine = new FakeMachine();
    const web = orphan(machine, marked('s1', 'web'));
    const browser = web.fork({ name: 'firefox' });
    browser.fork({ name: 'Web Content' });
    const unmarked = web.fork({ name: 'zellij', env: {} });
    expect(await found(machine)).toEqual([[web.pid, 'web']]);
    expect(unmarked.alive).toBe(true);
    const main = orphan(machine, marked('s1', 'web'), 'chromium');
    const renderer = main.fork({ name: 'chrome' });
    const pids = (await found(machine, recordOf(main, []))).map(([pid]) => pid);
    expect(pids.sort((one, other) => Number(one) - Number(other))).toEqual([web.pid, main.pid, renderer.pid]);
  });
});

test('leftovers of one service die to the last, those of the others live on', async () => {
  const machine = new FakeMachine();
  const web = orphan(machine, marked('s1', 'web'));
  const stubborn = web.fork({ session: true, on: { SIGTERM: 'ignore' } });
  const api = orphan(machine, marked('s1', 'api'));
  const targets = new LeftoverTargets(machine, { stackId: STACK, liveSession: null, record: null }, ['web']);
  const report = await inTime(machine, end(machine, targets, { signal: 'SIGTERM', graceMs: 1000, killMs: 5000 }));
  expect(report.forced.map(({ pid }) => pid)).toEqual([stubborn.pid]);
  expect([web.alive, stubborn.alive, api.alive]).toEqual([false, false, true]);
});
