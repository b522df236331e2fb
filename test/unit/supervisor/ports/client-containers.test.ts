import { beforeEach, describe, expect, test } from 'vitest';
import type { Service } from '../../../../src/model/service.ts';
import { EnginePatience } from '../../../../src/processes/engine-patience.ts';
import { MemberTracker } from '../../../../src/processes/members.ts';
import { Membership } from '../../../../src/processes/membership.ts';
import { ClientContainers } from '../../../../src/supervisor/ports/client-containers.ts';
import { OwnedSockets } from '../../../../src/supervisor/ports/owned-sockets.ts';
import { FakeEngine } from '../../../rig/fake-engine.ts';
import { FakeMachine } from '../../../rig/fake-machine.ts';
import type { FakeProcess } from '../../../rig/fake-processes.ts';

const PORT = 8000;
const ENV = { DEVUP_RUN: '0123456789abcdef:s1:db' };
const RUN = ['docker', 'run', '--rm', '-p', '8000:80', 'img'];

describe('the containers that a service started', () => {
  let machine: FakeMachine;
  let engine: FakeEngine;
  let main: FakeProcess;
  let membership: Membership;
  let tracker: MemberTracker;
  let containers: ClientContainers;
  let sockets: OwnedSockets;

  /** The service's command is a script, so that only its processes tell. */
  beforeEach(() => {
    machine = new FakeMachine();
    engine = new FakeEngine(machine);
    begin({ kind: 'argv', argv: ['./start.sh'] });
  });

  function begin(command: Service['command']): void {
    main = machine.spawn({ env: ENV, session: true, name: 'start.sh', uid: machine.uid });
    membership = new Membership({ stackId: '0123456789abcdef', session: 's1', service: 'db' });
    membership.add({ ...main.row(), name: '' });
    tracker = new MemberTracker(machine);
    tracker.track(membership);
    const service = { command, cwd: '/home/you/shop', stop: { kind: 'signal', signal: 'SIGTERM', timeoutMs: 3000 } } as Service;
    containers = new ClientContainers({ machine, membership, service, env: () => ({}), tools: () => engine.run });
    sockets = new OwnedSockets(membership, containers);
  }
  const client = (argv: readonly string[] = RUN) => main.fork({ name: 'docker', argv });
  const running = () => containers.running({ patience: new EnginePatience() });
  const owned = async () => {
    await tracker.scan();
    const found = await machine.listenSockets(new Set([PORT]));
    await sockets.verify(machine, found);
    await sockets.establish(machine, found);
    return found.map((socket) => sockets.owns(socket));
  };

  test('hold its ports, by their forwarders, which are no members', async () => {
    client();
    const { forwarder, name } = engine.start(PORT);
    expect(await owned()).toEqual([true]);
    expect(containers.heldFor(forwarder)).toMatchObject({ name, image: 'img' });
    expect(membership.has(forwarder)).toBe(false);
  });

  test('are not those of others: another image, made before, or without a client', async () => {
    engine.start(PORT);
    expect(await owned()).toEqual([false]);
    expect(engine.questions).toBe(0);
    await machine.advance(60_000);
    client();
    expect(await owned()).toEqual([false]);
    client(['docker', 'run', '--name', 'mine', 'img']);
    expect(await owned()).toEqual([false]);
  });

  test('hold the port, not the client that binds it before they run', async () => {
    const podman = client();
    machine.listen(podman, PORT);
    expect(await owned()).toEqual([false]);
  });

  test('are asked for more and more rarely while none is there', async () => {
    machine.listen(client(), PORT);
    for (let i = 0; i < 240; i++) {
      await owned();
      await machine.advance(2500);
    }
    expect(engine.questions).toBeGreaterThan(5);
    expect(engine.questions).toBeLessThan(50);
  });

  test('are told by the ports that the command line publishes from those of another service of the same image', async () => {
    client();
    await tracker.scan();
    const { id } = engine.start(PORT);
    engine.start(PORT + 1);
    engine.start(PORT + 2).running = false;
    expect(await running()).toMatchObject([{ id }]);
  });

  test('are known after their client was killed, and end through their engine', async () => {
    const docker = client();
    await tracker.scan();
    await containers.look();
    const { forwarder, id } = engine.start(PORT);
    docker.exit();
    await tracker.scan();
    const found = await running();
    expect(found).toMatchObject([{ id }]);
    expect(
      await containers.stop(found, { timeoutMs: 3000, over: new AbortController().signal, patience: new EnginePatience() }),
    ).toBeNull();
    expect(engine.orders).toEqual([`stop -t 3 ${id}`]);
    expect(forwarder.alive).toBe(false);
    expect(await running()).toEqual([]);
    expect(machine.sent).toEqual([]);
  });

  test('are known from the command, before any process was seen, also in the background', async () => {
    begin({ kind: 'line', line: 'FOO=1 docker run -d --name "db" img && exec docker logs -f db' });
    const { id } = engine.start(PORT, { name: 'db' });
    expect(await running()).toMatchObject([{ id }]);
    begin({ kind: 'line', line: 'echo docker run img' });
    expect(await running()).toEqual([]);
  });

  test('are searched for, of clients that have ended, only for the last ones', async () => {
    const runs = async (count: number, ...words: readonly string[]) => {
      for (let i = 0; i < count; i++) {
        const docker = client(['docker', 'run', ...words, '--name', `${words.join('')}${i}`, 'img']);
        await tracker.scan();
        await containers.look();
        docker.exit();
      }
      await tracker.scan();
      await containers.look();
    };
    await runs(1, '-d');
    const { id } = engine.start(PORT, { name: '-d0' });
    await runs(300, '--rm');
    expect(containers.recordable().length).toBeLessThanOrEqual(20);
    expect(JSON.stringify(containers.recordable()).length).toBeLessThan(100_000);
    expect(await running()).toMatchObject([{ id }]);
    // One question for all that have no container of their name, and two for each name.
    expect(engine.questions).toBeLessThan(50);
  });

  test('are asked for once, if their engine does not answer in time', async () => {
    for (let i = 0; i < 5; i++) client(['docker', 'run', '--name', `db${i}`, 'img']);
    await tracker.scan();
    engine.hangs = true;
    const patience = new EnginePatience();
    expect(await containers.running({ patience })).toEqual([]);
    expect([patience.isOver, engine.questions]).toEqual([true, 1]);
  });

  test('are not waited for longer than there is time', async () => {
    client();
    const { id } = engine.start(PORT);
    await owned();
    const found = await running();
    engine.hangs = true;
    const over = new AbortController();
    const stopping = containers.stop(found, { timeoutMs: 60_000, over: over.signal, patience: new EnginePatience() });
    over.abort();
    expect(await stopping).toContain('has not answered');
    expect(engine.orders).toEqual([`stop -t 60 ${id}`, `kill ${id}`]);
  });

  test('are killed when there is no time left', async () => {
    client();
    const { id } = engine.start(PORT);
    await owned();
    await containers.stop(await running(), { timeoutMs: 3000, over: AbortSignal.abort(), patience: new EnginePatience() });
    expect(engine.orders).toEqual([`kill ${id}`]);
  });
});

describe('a socket of a service', () => {
  test('is its own only while a member holds it', async () => {
    const machine = new FakeMachine();
    const main = machine.spawn({ env: ENV, session: true, uid: machine.uid });
    const membership = new Membership({ stackId: '0123456789abcdef', session: 's1', service: 'db' });
    membership.add(main.row());
    const sockets = new OwnedSockets(membership);
    const socket = machine.listen(main, PORT);
    const owned = async () => {
      const found = await machine.listenSockets(new Set([PORT]));
      await sockets.verify(machine, found);
      await sockets.establish(machine, found);
      return found.map((one) => sockets.owns(one));
    };
    expect(await owned()).toEqual([true]);
    const stranger = machine.spawn({ parent: machine.table.init, session: true, env: {}, uid: machine.uid });
    socket.holders.add(stranger);
    expect(await sockets.isForsaken(machine, true)).toBe(false);
    socket.holders.delete(main);
    expect([await sockets.isForsaken(machine, false), await sockets.isForsaken(machine, true)]).toEqual([false, true]);
    expect(await owned()).toEqual([false]);
    const [left] = await machine.listenSockets(new Set([PORT]));
    expect(left && sockets.hasOwned(left)).toBe(true);
  });
});
