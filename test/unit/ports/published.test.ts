import { beforeEach, describe, expect, test } from 'vitest';
import type { Container } from '../../../src/model/container.ts';
import type { PortState } from '../../../src/model/port.ts';
import { identifyPorts } from '../../../src/ports/identify.ts';
import { notPublished } from '../../../src/ports/published.ts';
import { FakeMachine } from '../../rig/fake-machine.ts';

const PORT = 5432;
const ID = 'ab'.repeat(32);
const OTHER = 'cd'.repeat(32);
const DB: Container = {
  engine: 'docker',
  id: ID,
  name: 'db',
  status: 'running',
  running: true,
  pid: 900,
  hostNetwork: false,
  publishes: [PORT],
  addresses: ['172.18.0.2'],
  sandbox: '/run/user/1000/netns/netns-db',
  image: 'postgres:16',
  command: [],
  createdAtMs: null,
  startedAtMs: null,
  createCommand: null,
  compose: null,
};
const proxy = (address: string, port = PORT) => ({
  name: 'docker-proxy',
  executable: '/usr/bin/docker-proxy',
  argv: ['/usr/bin/docker-proxy', '-proto', 'tcp', '-host-ip', '0.0.0.0', '-host-port', `${port}`, '-container-ip', address],
});
const conmon = (id: string) => ({ name: 'conmon', argv: ['/usr/bin/conmon', '--api-version', '1', '-c', id, '-u', id] });
const pasta = (namespace: string) => ({
  name: 'pasta',
  argv: ['/usr/bin/pasta', '--config-net', '-t', '5432-5432:80-80', '--netns', namespace],
});

describe('a port is the published one of a container', () => {
  let machine: FakeMachine;
  beforeEach(() => {
    machine = new FakeMachine();
  });

  /** Held by a foreign process. */
  function listen(options: object, address = '0.0.0.0') {
    const process = machine.spawn({ parent: machine.table.init, session: true, uid: machine.uid, ...options });
    machine.listen(process, PORT, { address });
    return process;
  }
  async function problem(container: Partial<Container> = {}) {
    return notPublished(machine, { ...DB, ...container }, (await identifyPorts(machine, [PORT])).get(PORT) as PortState);
  }

  test.each([
    ["docker's proxy for it", proxy('172.18.0.2')],
    ['the conmon of it', conmon(ID)],
    ['the pasta of its namespace', pasta('/run/user/1000/netns/netns-db')],
    ['a rootlessport, which does not say for which', { name: 'rootlessport', argv: ['rootlessport'] }],
    ['the daemon itself', { name: 'dockerd', argv: ['/usr/bin/dockerd'] }],
  ])('when %s holds it', async (_, options) => {
    listen(options);
    expect(await problem()).toBeNull();
  });

  test.each([
    ["docker's proxy for another container", proxy('172.18.0.9')],
    ["docker's proxy for another port", proxy('172.18.0.2', 5433)],
    ['the conmon of another container', conmon(OTHER)],
    ['the pasta of another namespace', pasta('/run/user/1000/netns/netns-web')],
    ['anybody else', { name: 'node', argv: ['node', 'server.js'] }],
  ])('but not when %s holds it', async (_, options) => {
    const { pid } = listen(options);
    expect(await problem()).toMatchObject({ kind: 'stranger', holders: [{ pid }] });
  });

  test('but not when a foreign process is beside its proxy', async () => {
    listen(proxy('172.18.0.2'));
    const { pid } = listen({ name: 'node', argv: ['node'] }, '::1');
    expect(await problem()).toMatchObject({ kind: 'stranger', holders: [{ pid }] });
  });

  test.each([
    ['by its control group', { container: ID.slice(0, 12) }],
    ['by its first process', { pid: 900 }],
  ])('when a process inside holds it in the network of the machine: %s', async (_, options) => {
    listen({ name: 'postgres', argv: ['postgres'], ...options });
    expect(await problem({ hostNetwork: true, publishes: [] })).toBeNull();
  });

  test('when a descendant of its first process holds it', async () => {
    const first = machine.spawn({ parent: machine.table.init, name: 'sh', session: true, pid: 900, uid: machine.uid });
    machine.listen(first.fork({ name: 'postgres' }), PORT);
    expect(await problem({ hostNetwork: true, publishes: [] })).toBeNull();
  });

  test('but not while it is stopped, publishes another port, or has no listener', async () => {
    expect(await problem()).toEqual({ kind: 'nobody', engine: 'docker', hostNetwork: false });
    listen(proxy('172.18.0.2'));
    expect(await problem({ running: false, status: 'exited' })).toEqual({ kind: 'not-running', engine: 'docker', status: 'exited' });
    expect(await problem({ publishes: [5433] })).toEqual({ kind: 'publishes-other', engine: 'docker', ports: [5433] });
  });

  test("when root's proxy for it is visible, though not its sockets; not when the proxy is for another", async () => {
    listen({ ...proxy('172.18.0.9'), uid: 0 });
    expect(await problem()).toEqual({ kind: 'unseen', engine: 'docker' });
    machine.spawn({ ...proxy('172.18.0.2'), parent: machine.table.init, session: true, uid: 0 });
    expect(await problem()).toBeNull();
  });
});

describe('the holder of a port for a container, or in it', () => {
  test('is named with the container if podman makes no control group', async () => {
    const machine = new FakeMachine();
    const first = machine
      .spawn({ ...conmon(ID), parent: machine.table.init, session: true, uid: machine.uid })
      .fork({ name: 'srv', argv: ['/srv'] });
    machine.listen(first, PORT);
    const container = { holders: [{ pid: first.pid, container: ID.slice(0, 12) }] };
    expect((await identifyPorts(machine, [PORT])).get(PORT)).toMatchObject(container);
    const { pid, start } = first;
    const known = new Map([[pid, { pid, start, stack: { id: '0123456789abcdef', service: 'db' } }]]);
    expect((await identifyPorts(machine, [PORT], { known })).get(PORT)).toMatchObject(container);
  });
});
