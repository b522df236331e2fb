import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Container } from '../../../src/model/container.ts';
import { type EngineClient, parseClient } from '../../../src/processes/engine-client.ts';
import { chosen, startedBy } from '../../../src/processes/started-containers.ts';

const BEGAN = Date.parse('2026-11-30T10:00:00Z');
const client = (line: string, more: Partial<EngineClient> = {}): EngineClient => {
  const command = parseClient(line.split(' '));
  if (!command) throw new Error(`no client: ${line}`);
  return { pid: 7, start: 1, ...command, argv: line.split(' '), cwd: '/home/you/shop', env: {}, startedAtMs: BEGAN, ...more };
};
const container = (id: string, more: Partial<Container> = {}): Container => ({
  engine: 'docker',
  id: id.repeat(64),
  name: `name-${id}`,
  status: 'running',
  running: true,
  pid: 900,
  hostNetwork: false,
  publishes: [8000],
  addresses: [],
  sandbox: null,
  image: 'nginx',
  command: [],
  createdAtMs: BEGAN + 300,
  startedAtMs: BEGAN + 500,
  createCommand: null,
  compose: null,
  ...more,
});
const composed = (id: string, service: string, more: Partial<NonNullable<Container['compose']>> = {}, startedAtMs = BEGAN + 500) =>
  container(id, { startedAtMs, compose: { project: 'shop', service, folder: '/home/you/shop', oneOff: false, dependsOn: [], ...more } });
const ids = (one: EngineClient, all: readonly Container[]) => chosen(one, all).map(({ id }) => id.charAt(0));

describe('docker run', () => {
  test('started the container of its name, image and arguments', () => {
    expect(ids(client('docker run --name db nginx'), [container('a'), container('b', { name: 'db' })])).toEqual(['b']);
    expect(ids(client('docker run --rm nginx -g x'), [container('a'), container('b', { command: ['-g', 'x'] })])).toEqual(['b']);
    expect(ids(client('docker run --rm nginx'), [container('a', { image: 'docker.io/library/nginx:latest' })])).toEqual(['a']);
  });

  test('started none of the name or image that was there before', () => {
    const before = { createdAtMs: BEGAN - 60_000, startedAtMs: BEGAN + 500 };
    expect(ids(client('docker run --name db nginx'), [container('a', { name: 'db', ...before })])).toEqual([]);
    expect(ids(client('docker run nginx'), [container('a', before), container('b', { image: 'nginx:1' })])).toEqual([]);
  });

  test('started a container that publishes any free port, or has the network of the machine', () => {
    expect(ids(client('docker run -p 0:80 nginx'), [container('a', { publishes: [49153] })])).toEqual(['a']);
    const onHost = container('b', { hostNetwork: true, publishes: [] });
    expect(ids(client('docker run --network host -p 8080:80 nginx'), [onHost])).toEqual(['b']);
    expect(ids(client('docker run -p 8080:80 nginx'), [container('c', { publishes: [8081] })])).toEqual([]);
  });

  test('is not sure of either, if two fit', () => {
    expect(ids(client('docker run nginx'), [container('a'), container('b')])).toEqual([]);
  });

  test('started the one whose command line podman recorded', () => {
    const line = 'podman run -p 8000:80 nginx';
    const other = container('a', { createCommand: [...line.split(' '), 'x'] });
    const own = container('b', {
      image: 'docker.io/library/nginx:latest',
      createCommand: ['/usr/bin/podman', ...line.split(' ').slice(1)],
    });
    expect(ids(client(line), [other, own])).toEqual(['b']);
  });
});

test('docker start started the container that it names, if that was not running', () => {
  const one = client('docker start -a db');
  expect(ids(one, [container('a', { name: 'db', createdAtMs: 1 }), container('b')])).toEqual(['a']);
  expect(ids(one, [container('a', { name: 'db', startedAtMs: BEGAN - 60_000 })])).toEqual([]);
});

describe('docker compose up', () => {
  test('belongs to the project of the nearest compose file', () => {
    const root = mkdtempSync(join(tmpdir(), 'compose-'));
    const app = join(root, 'app');
    mkdirSync(app);
    writeFileSync(join(root, 'compose.yaml'), '');
    const all = [composed('a', 'web', { folder: app }), composed('b', 'web', { folder: root })];
    expect(ids(client('docker compose up', { cwd: app }), all)).toEqual(['a', 'b']);
    writeFileSync(join(app, 'compose.yml'), '');
    expect(ids(client('docker compose up', { cwd: app }), all)).toEqual(['a']);
    rmSync(root, { recursive: true });
  });

  test('started what its project has since started', () => {
    const all = [composed('a', 'db'), composed('b', 'web', {}, BEGAN - 60_000), composed('c', 'db', { folder: '/home/you/blog' })];
    expect(ids(client('docker compose up'), all)).toEqual(['a']);
    expect(ids(client('docker compose up', { cwd: '/home/you/shop/deep' }), all)).toEqual(['a']);
    expect(ids(client('docker compose -f ../blog/c.yaml up'), all)).toEqual(['c']);
    expect(ids(client('docker compose -p other up'), all)).toEqual([]);
  });

  test('started the services that it names and those that they need, none of another', () => {
    const all = [composed('a', 'web', { dependsOn: ['db'] }), composed('b', 'db'), composed('c', 'mail')];
    expect(ids(client('docker compose up web'), all)).toEqual(['a', 'b']);
    expect(ids(client('docker compose up db'), all)).toEqual(['b']);
    // A person had started db, and starts mail later.
    const before = [composed('a', 'db', {}, BEGAN - 60_000), composed('b', 'mail')];
    expect(ids(client('docker compose up db'), before)).toEqual([]);
    expect(ids(client('docker compose run web'), [...all, composed('d', 'web', { oneOff: true })])).toEqual(['d']);
  });
});

test('the engine is asked as the client asked it', async () => {
  const asked: string[] = [];
  const described = {
    Id: 'a'.repeat(64),
    Name: 'db',
    Created: new Date(BEGAN + 1).toISOString(),
    State: { Running: true },
    Config: { Image: 'nginx' },
  };
  const found = await startedBy(client('podman --root /x run --name db nginx'), async (tool, args) => {
    asked.push([tool, ...args].join(' '));
    return { ok: true, text: JSON.stringify([described]) };
  });
  expect(found).toMatchObject([{ name: 'db', engine: 'podman', running: true }]);
  expect(asked).toEqual(['podman --root /x container inspect db']);
  expect(await startedBy(client('docker run nginx'), async () => ({ ok: false, text: 'Cannot connect' }))).toBeNull();
});
