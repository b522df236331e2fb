/** Which process is adopted as a service's daemon, on a simulated machine. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { DaemonTie } from '../../../../../src/model/daemon.ts';
import { EventLog } from '../../../../../src/model/event-log.ts';
import type { Service } from '../../../../../src/model/service.ts';
import { MemberTracker } from '../../../../../src/processes/members.ts';
import { Membership } from '../../../../../src/processes/membership.ts';
import type { Origin } from '../../../../../src/processes/orphans.ts';
import { Listeners } from '../../../../../src/supervisor/ports/listeners.ts';
import { OwnedSockets } from '../../../../../src/supervisor/ports/owned-sockets.ts';
import type { SupervisorContext } from '../../../../../src/supervisor/service/context.ts';
import { DaemonSearch, originOf } from '../../../../../src/supervisor/service/process/daemon-search.ts';
import { FakeMachine } from '../../../../rig/fake-machine.ts';
import type { FakeProcess, FakeProcessOptions } from '../../../../rig/fake-processes.ts';
import { aService } from '../../../../rig/services.ts';

const PORT = 8000;
const FOLDER = '/srv/shop';
const GROUP = '0::/user.slice/session-3.scope\n';
const ELSEWHERE = { env: {}, name: 'other', argv: ['other'], cwd: '/', executable: '/usr/bin/other', controlGroup: null, files: [] };

describe('a daemon', () => {
  let machine: FakeMachine;
  let child: FakeProcess;
  let membership: Membership;
  let tracker: MemberTracker;
  let adopted: { readonly pid: number; readonly tie: DaemonTie }[];
  let service: Service;
  let sockets: OwnedSockets;
  let runs: Map<string, Origin>;

  beforeEach(async () => {
    machine = new FakeMachine();
    adopted = [];
    runs = new Map();
    service = aService('web', { cwd: FOLDER, ports: [{ name: 'main', port: PORT, required: true }] });
    await machine.advance(100);
    child = machine.spawn({ env: { DEVUP_RUN: '0123456789abcdef:s1:web' }, cwd: FOLDER, executable: '/opt/web', session: true });
    membership = new Membership({ stackId: '0123456789abcdef', session: 's1', service: 'web' });
    membership.add(child.row());
    sockets = new OwnedSockets(membership);
    tracker = new MemberTracker(machine);
    tracker.track(membership);
  });

  /** A process that the child has forked and that has left everything behind but what `options` say. */
  function daemon(options: FakeProcessOptions = {}): FakeProcess {
    const between = child.fork({ session: true });
    const process = between.fork({ session: true, ...ELSEWHERE, ...options });
    between.exit();
    return process;
  }

  /** Another run of the session. */
  function rival(options: FakeProcessOptions = {}) {
    const name = `r${runs.size}`;
    const process = machine.spawn({ cwd: '/srv/rival', executable: '/opt/rival', session: true, ...options });
    const own = new Membership({ stackId: '0123456789abcdef', session: 's1', service: name });
    own.add(process.row());
    const { cwd = '', executable = '' } = process.options;
    const first = { id: process.row(), program: executable ?? '', outputs: [`/run/${name}`] };
    runs.set(
      name,
      originOf(aService(name, { cwd: cwd ?? '' }), first, { membership: own, sockets: new OwnedSockets(own) }, { tracker, runs }),
    );
    return { process, name, membership: own };
  }

  /** The one that has started devup. */
  function shell(): FakeProcess {
    if (!machine.self.parent) throw new Error('devup has no parent');
    return machine.self.parent;
  }

  function searched(): DaemonSearch {
    const context = { machine, tracker, runs, ports: new Listeners(machine), events: new EventLog({ wallTime: () => 0 }) };
    const first = { id: child.row(), program: '/opt/web', outputs: ['/run/out'] };
    const origin = originOf(service, first, { membership, sockets }, { tracker, runs });
    runs.set('web', origin);
    return new DaemonSearch({
      service,
      origin,
      context: context as unknown as SupervisorContext,
      membership,
      adopt: async (row, { tie }) => {
        membership.adopt(row);
        adopted.push({ pid: row.pid, tie });
      },
    });
  }

  /** Ends the child and searches for `ms`. */
  async function search(ms = 0): Promise<number | null> {
    child.exit();
    await tracker.scan();
    const running = searched().run(machine.clock.now() + ms, () => true);
    await machine.advance(ms);
    return (await running)?.pid ?? null;
  }

  const ties: Readonly<Record<Exclude<DaemonTie, 'session' | 'socket'>, FakeProcessOptions>> = {
    program: { executable: '/opt/web' },
    folder: { cwd: FOLDER },
    output: { files: ['/dev/null', '/run/out (deleted)'] },
    'control-group': { controlGroup: GROUP },
  };
  for (const [tie, options] of Object.entries(ties)) {
    test(`F16: without a marker is adopted by its ${tie}`, async () => {
      machine.self.options = { ...machine.self.options, controlGroup: GROUP };
      const process = daemon(options);
      machine.listen(process, PORT);
      expect(await search()).toBe(process.pid);
      expect(adopted).toEqual([{ pid: process.pid, tie }]);
    });
  }

  test('F16: without a marker is adopted by the socket that the child had opened', async () => {
    machine.listen(child, PORT);
    await sockets.establish(machine, await machine.listenSockets());
    const process = daemon();
    expect(await search()).toBe(process.pid);
    expect(adopted).toEqual([{ pid: process.pid, tie: 'socket' }]);
  });

  test('F16: without a marker is adopted by the session that a member had led', async () => {
    const between = child.fork({ session: true });
    await tracker.scan();
    const process = between.fork(ELSEWHERE);
    between.exit();
    machine.listen(process, PORT);
    expect(await search()).toBe(process.pid);
    expect(adopted).toEqual([{ pid: process.pid, tie: 'session' }]);
  });

  test('F16: may open its port after the child has ended, and after a second fork', async () => {
    const between = daemon({ cwd: FOLDER });
    let process: FakeProcess | null = null;
    machine.clock.at(300, () => {
      process = between.fork(ELSEWHERE);
      between.exit();
    });
    machine.clock.at(600, () => void machine.listen(process as unknown as FakeProcess, PORT));
    const found = await search(5000);
    expect(adopted).toEqual([{ pid: found, tie: 'session' }]);
    expect(found).toBe((process as unknown as FakeProcess).pid);
  });

  test('F16: is adopted with its workers, and what they start later is a member too', async () => {
    const process = daemon({ cwd: FOLDER });
    machine.listen(process, PORT);
    const worker = process.fork();
    expect(await search()).toBe(process.pid);
    const next = worker.fork();
    worker.exit();
    await tracker.scan();
    expect(membership.members.map(({ pid }) => pid)).toEqual([process.pid, next.pid]);
  });

  const refused: Readonly<Record<string, (process: () => FakeProcess) => FakeProcess>> = {
    'nothing ties to the service': () => daemon(),
    'has an environment that never had the marker': () => daemon({ cwd: FOLDER, executable: '/opt/web', env: { PATH: '/usr/bin' } }),
    'a stranger has started': () => {
      const shell = machine.spawn({ parent: machine.table.init, uid: machine.uid, name: 'bash', argv: ['bash'], session: true });
      return shell.fork({ ...ELSEWHERE, cwd: FOLDER });
    },
    'runs as another user': () => machine.spawn({ parent: machine.table.init, uid: 33, ...ELSEWHERE, cwd: FOLDER, session: true }),
    'a unit would start again': () => daemon({ cwd: FOLDER, unit: 'web.service' }),
    'runs in a container': () => daemon({ cwd: FOLDER, container: '0123456789ab' }),
    'forwards to a container': () => daemon({ cwd: FOLDER, name: 'rootlessport' }),
    'has the marker of another stack': () => daemon({ cwd: FOLDER, env: { DEVUP_RUN: 'fedcba9876543210:s1:web' } }),
  };
  for (const [who, make] of Object.entries(refused)) {
    test(`is not a process that ${who}: it is named`, async () => {
      const process = make(() => daemon());
      machine.listen(process, PORT);
      child.exit();
      await tracker.scan();
      const search = searched();
      const running = search.run(machine.clock.now() + 1000, () => true);
      await machine.advance(1000);
      expect(await running).toBeNull();
      expect(adopted).toEqual([]);
      const hidden = { kind: 'other-user', uid: 33, user: null };
      expect(await search.left('any')).toMatchObject([
        process.uid === 33 ? { port: PORT, hidden } : { port: PORT, holder: { pid: process.pid } },
      ]);
    });
  }

  test('is not a process that was there before the service', async () => {
    const before = machine.spawn({ parent: machine.table.init, uid: machine.uid, session: true, ...ELSEWHERE, cwd: FOLDER });
    child.exit();
    await machine.advance(100);
    child = machine.spawn({ cwd: FOLDER, executable: '/opt/web', session: true });
    machine.listen(before, PORT);
    expect(await search(500)).toBeNull();
  });

  test('is not a process in a session that is older than the service, even if it has lost its environment', async () => {
    child.exit();
    await tracker.scan();
    const shell = machine.spawn({ parent: machine.table.init, uid: machine.uid, name: 'bash', argv: ['bash'], session: true });
    await machine.advance(100);
    child = machine.spawn({ env: { DEVUP_RUN: '0123456789abcdef:s1:web' }, cwd: FOLDER, executable: '/opt/web', session: true });
    membership.add(child.row());
    const between = shell.fork();
    const stranger = between.fork({ ...ELSEWHERE, cwd: FOLDER });
    between.exit();
    machine.listen(stranger, PORT);
    const found = await search(500);
    expect(found).toBeNull();
    expect(adopted).toEqual([]);
  });

  describe('of two runs', () => {
    const traces: Readonly<Record<string, (other: ReturnType<typeof rival>) => FakeProcessOptions>> = {
      folder: () => ({ executable: '/opt/web', cwd: '/srv/rival' }),
      program: () => ({ executable: '/opt/rival' }),
      output: ({ name }) => ({ executable: '/opt/web', cwd: FOLDER, files: [`/run/${name} (deleted)`] }),
    };

    for (const [trace, options] of Object.entries(traces)) {
      test(`F16: that has kept the ${trace} of another run is named and left alone, also when that run is over`, async () => {
        machine.self.options = { ...machine.self.options, controlGroup: GROUP };
        const other = rival();
        const process = daemon({ controlGroup: GROUP, ...options(other) });
        machine.listen(process, PORT);
        machine.clock.at(50, () => runs.clear());
        child.exit();
        await tracker.scan();
        const search = searched();
        const running = search.run(machine.clock.now() + 1000, () => true);
        await machine.advance(1000);
        expect(await running).toBeNull();
        expect(adopted).toEqual([]);
        expect(await search.left('any')).toMatchObject([{ holder: { pid: process.pid }, port: PORT }]);
      });
    }

    test('F16: in a session of another run is left alone', async () => {
      const other = rival();
      const between = other.process.fork({ session: true });
      tracker.track(other.membership);
      await tracker.scan();
      tracker.untrack(other.membership);
      const process = between.fork({ ...ELSEWHERE, cwd: FOLDER });
      between.exit();
      machine.listen(process, PORT);
      expect(await search(1000)).toBeNull();
    });

    test('F16: that has a weaker trace of another run is adopted', async () => {
      rival({ executable: '/opt/web' });
      const process = daemon({ executable: '/opt/web', cwd: FOLDER });
      machine.listen(process, PORT);
      expect(await search()).toBe(process.pid);
      expect(adopted).toEqual([{ pid: process.pid, tie: 'folder' }]);
    });

    test('F16: that has the same traces of two runs belongs to the one with the port', async () => {
      rival({ executable: '/opt/web', cwd: FOLDER });
      const process = daemon({ executable: '/opt/web', cwd: FOLDER });
      machine.listen(process, PORT);
      expect(await search()).toBe(process.pid);
    });

    test('F16: that was born before another run is not that run’s', async () => {
      const process = daemon({ executable: '/opt/web', cwd: '/srv/rival' });
      rival();
      machine.listen(process, PORT);
      expect(await search()).toBe(process.pid);
    });
  });

  test('is not a stranger that has the pid of a past member, nor what that has started', async () => {
    const past = child.fork({ session: true });
    await tracker.scan();
    past.exit();
    await tracker.scan();
    const stranger = shell().fork({ pid: past.pid, session: true, ...ELSEWHERE, name: 'redis-server' });
    machine.listen(stranger.fork(), PORT);
    expect(await search(500)).toBeNull();
    expect(adopted).toEqual([]);
  });

  test('is not a stranger that has the pid of a past orphan', async () => {
    const past = daemon({ cwd: FOLDER });
    child.exit();
    await tracker.scan();
    const running = searched().run(machine.clock.now() + 5000, () => true);
    machine.clock.at(300, () => {
      past.exit();
      machine.listen(shell().fork({ pid: past.pid, session: true, ...ELSEWHERE, name: 'redis-server' }), PORT);
    });
    await machine.advance(5000);
    expect(await running).toBeNull();
    expect(adopted).toEqual([]);
  });

  test('is not certain while a stranger holds its socket too', async () => {
    const process = daemon({ cwd: FOLDER });
    const socket = machine.listen(process, PORT);
    socket.holders.add(machine.spawn({ parent: machine.table.init, uid: machine.uid, session: true, ...ELSEWHERE, unit: 'x.service' }));
    expect(await search(500)).toBeNull();
  });

  test('F16: that only the control group ties is not waited for; before the service is ready, it is named', async () => {
    machine.self.options = { ...machine.self.options, controlGroup: GROUP };
    const process = daemon({ controlGroup: GROUP });
    child.exit();
    await tracker.scan();
    const search = searched();
    expect(await search.run(machine.clock.now() + 60_000, () => true)).toBeNull();
    expect(await search.left('any')).toMatchObject([{ holder: { pid: process.pid }, port: null }]);
    expect(await search.left('orphan')).toEqual([]);
  });

  test('is not waited for when the child has left nothing', async () => {
    child.exit();
    await tracker.scan();
    const search = searched();
    expect(await search.run(machine.clock.now() + 60_000, () => true)).toBeNull();
    expect(search.isOpen).toBe(false);
  });
});
