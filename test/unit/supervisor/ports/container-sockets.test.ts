import { beforeEach, describe, expect, test } from 'vitest';
import { ContainerSockets } from '../../../../src/supervisor/ports/container-sockets.ts';
import { FakeMachine } from '../../../rig/fake-machine.ts';

const PORT = 5432;
const ID = 'ab'.repeat(32);

/** A docker that knows one container, which publishes these ports. */
class Docker {
  readonly asked: string[] = [];
  publishes: readonly number[] | null = [PORT];

  readonly run = async (tool: string, args: readonly string[]) => {
    if (tool !== 'docker') return null;
    this.asked.push(args.join(' '));
    if (this.publishes === null) return { ok: false, text: 'Error: No such container: db' };
    const Ports = Object.fromEntries(this.publishes.map((port) => [`${port}/tcp`, [{ HostIp: '', HostPort: `${port}` }]]));
    return { ok: true, text: JSON.stringify([{ Id: ID, Name: '/db', State: { Running: true }, NetworkSettings: { Ports } }]) };
  };
}

describe('the sockets of a container', () => {
  let machine: FakeMachine;
  let docker: Docker;
  let sockets: ContainerSockets;
  beforeEach(() => {
    machine = new FakeMachine();
    docker = new Docker();
    sockets = new ContainerSockets('db', docker.run);
  });

  const proxy = () => {
    const argv = ['docker-proxy', '-host-port', `${PORT}`];
    const process = machine.spawn({ name: 'docker-proxy', argv, parent: machine.table.init, uid: machine.uid });
    machine.listen(process, PORT);
    return process;
  };
  const look = async () => {
    const found = await machine.listenSockets(new Set([PORT]));
    await sockets.establish(machine, found);
    return found.map((socket) => sockets.owns(socket));
  };

  test('are proved once: the engine is asked again only for another socket', async () => {
    const first = proxy();
    for (let i = 0; i < 20; i++) {
      expect(await look()).toEqual([true]);
      await machine.advance(2500);
    }
    expect(docker.asked).toEqual(['container inspect db']);
    expect(sockets.heldFor(first)).toMatchObject({ name: 'db' });
    first.exit();
    expect(await look()).toEqual([]);
    const next = proxy();
    expect(await look()).toEqual([true]);
    expect(docker.asked).toHaveLength(2);
    expect(sockets.heldFor(next)).toMatchObject({ name: 'db' });
  });

  test('are polled ever more rarely until they are proved, and found once the container is there', async () => {
    docker.publishes = null;
    proxy();
    for (let i = 0; i < 240; i++) {
      expect(await look()).toEqual([false]);
      await machine.advance(2500);
    }
    expect(docker.asked.length).toBeGreaterThan(5);
    expect(docker.asked.length).toBeLessThan(25);
    docker.publishes = [PORT];
    await machine.advance(60_000);
    expect(await look()).toEqual([true]);
  });

  test('are read once for simultaneous callers', async () => {
    proxy();
    expect(await Promise.all([look(), look()])).toEqual([[true], [true]]);
    expect(docker.asked).toHaveLength(1);
  });

  test('give the reason without a proof: no engine, no container, another port', async () => {
    const why = async (one = sockets) => (await one.problems(machine, [PORT])).get(PORT);
    proxy();
    expect(await why()).toBeNull();
    docker.publishes = [5433];
    expect(await why()).toEqual({ kind: 'publishes-other', engine: 'docker', ports: [5433] });
    docker.publishes = null;
    expect(await why()).toEqual({ kind: 'unknown', asked: [{ engine: 'docker', said: null }] });
    expect(await why(new ContainerSockets('db', async () => null))).toMatchObject({ kind: 'no-engine' });
    const down = new ContainerSockets('db', async () => ({ ok: false, text: 'Cannot connect to the Docker daemon' }));
    expect(await why(down)).toMatchObject({ kind: 'unknown', asked: [{ said: 'Cannot connect to the Docker daemon' }, {}, {}] });
  });

  test('are ended with their container, and only if it was proved', async () => {
    await sockets.kill();
    expect(docker.asked).toEqual([]);
    proxy();
    await look();
    await sockets.kill();
    expect(docker.asked.at(-1)).toBe(`kill ${ID}`);
  });
});
