import { describe, expect, test } from 'vitest';
import { buildPlan } from '../../../../src/model/plan.ts';
import { stackId } from '../../../../src/model/stack-id.ts';
import { service, stack } from '../stacks.ts';

test('every default is filled in', async () => {
  expect(await stack({ services: { a: { command: 'serve', port: 8000 } } })).toEqual({
    name: 'project',
    id: stackId('/project/orchestrator.config.ts'),
    configFile: '/project/orchestrator.config.ts',
    configReads: [],
    root: '/project',
    services: [
      {
        name: 'a',
        command: { kind: 'line', line: 'serve' },
        ports: [{ name: 'main', port: 8000, required: true }],
        host: 'localhost',
        localOnly: false,
        cwd: '/project',
        env: {},
        envFileValues: {},
        envFiles: [],
        dependsOn: null,
        ready: { tests: [], timeoutMs: 60_000, intervalMs: 250 },
        listener: { kind: 'tree' },
        health: null,
        restart: { policy: 'on-failure', max: 5, stableMs: 60_000, initialDelayMs: 1000, maxDelayMs: 30_000 },
        stop: { kind: 'signal', signal: 'SIGTERM', timeoutMs: 10_000 },
        onConflict: { policy: 'kill' },
        optional: false,
        profiles: [],
        links: {},
        category: null,
        description: null,
        labels: {},
        output: 'split',
      },
    ],
    ranges: [],
    routes: [],
    check: { include: null, ignore: [] },
  });
});

test('a stack holds JSON only', async () => {
  const full = await stack({
    services: {
      a: {
        command: 'x',
        port: 1,
        ready: [{ log: /up/i }, { http: '/' }],
        health: { port: true },
        env: { A: 1, B: true },
        labels: { x: 'y' },
        onConflict: { reuse: { http: '/' } },
      },
    },
  });
  expect(JSON.parse(JSON.stringify(full))).toEqual(full);
});

test('the first port is the main one, and `port` comes before `ports`', async () => {
  const { ports } = await service({
    command: 'x',
    port: 8000,
    ports: { debug: { port: 9229, required: false }, admin: 8001 },
  });
  expect(ports).toEqual([
    { name: 'main', port: 8000, required: true },
    { name: 'debug', port: 9229, required: false },
    { name: 'admin', port: 8001, required: true },
  ]);
  expect((await service({ command: 'x', ports: { http: 8080 }, ready: { http: '/' } })).ready.tests).toMatchObject([
    { url: 'http://localhost:8080/' },
  ]);
});

test('paths are absolute, from the config’s folder', async () => {
  expect((await service({ command: 'x', cwd: 'apps/api' })).cwd).toBe('/project/apps/api');
  expect((await service({ command: 'x', cwd: '/elsewhere' })).cwd).toBe('/elsewhere');
});

describe('a command', () => {
  const command = { default: 'x', win32: ['x.exe', '${port}'] };
  test.each([
    ['linux', { kind: 'line', line: 'x' }],
    ['darwin', { kind: 'line', line: 'x' }],
    ['win32', { kind: 'argv', argv: ['x.exe', '8000'] }],
  ] as const)('may differ by platform: %s', async (platform, expected) => {
    expect((await service({ command, port: 8000 }, { platform })).command).toEqual(expected);
  });

  test.each([
    'postgres -D data',
    '/usr/lib/postgresql/16/bin/postgres -D data',
    'exec postgres',
    'PGDATA=x LANG=C postgres',
    'initdb -D data || true; exec "/opt/pg/bin/postgres" -D data',
    ['postgres', '-D', 'data'],
    ['C:\\pg\\bin\\postgres.exe'],
    'nohup postmaster',
  ])('that runs the postgres server is ended as PostgreSQL requires: %s', async (runs) => {
    expect((await service({ command: runs })).stop).toEqual({ kind: 'signal', signal: 'SIGINT', timeoutMs: 60_000 });
  });

  test.each(['node postgres.mjs', 'psql postgres', 'echo postgres', 'docker compose up postgres', ['sh', '-c', 'postgres']])(
    'that only mentions postgres is ended like any other: %s',
    async (runs) => {
      expect((await service({ command: runs })).stop).toEqual({ kind: 'signal', signal: 'SIGTERM', timeoutMs: 10_000 });
    },
  );

  test('of postgres stops as the config says', async () => {
    expect((await service({ command: 'postgres', stop: { signal: 'SIGQUIT', timeout: '5s' } })).stop).toEqual({
      kind: 'signal',
      signal: 'SIGQUIT',
      timeoutMs: 5000,
    });
    expect((await service({ command: 'postgres', stop: { timeout: '5s' } })).stop).toEqual({
      kind: 'signal',
      signal: 'SIGINT',
      timeoutMs: 5000,
    });
    expect((await service({ command: 'x', stop: { command: ['y'] } })).stop).toEqual({
      kind: 'command',
      command: { kind: 'argv', argv: ['y'] },
      timeoutMs: 10_000,
    });
  });
});

describe('dependsOn', () => {
  const migrate = { command: 'm', ready: { exit: 0 } };
  const of = async (dependsOn: unknown) =>
    (await stack({ services: { db: { command: 'd' }, migrate, a: { command: 'x', dependsOn } } })).services[2]?.dependsOn;
  test('waits until a service is ready, or a task completed', async () => {
    expect(await of('db')).toEqual([{ service: 'db', condition: 'ready' }]);
    expect(await of(['db', 'migrate', 'db'])).toEqual([
      { service: 'db', condition: 'ready' },
      { service: 'migrate', condition: 'completed' },
    ]);
    expect(await of({ db: 'started', migrate: 'ready' })).toEqual([
      { service: 'db', condition: 'started' },
      { service: 'migrate', condition: 'ready' },
    ]);
  });
  test('that is empty starts at once; without it the default order holds', async () => {
    expect(await of([])).toEqual([]);
    expect(await of(undefined)).toBeNull();
  });
});

describe('readiness', () => {
  const ready = async (input: unknown) => (await service({ command: 'x', port: 8000, host: '::1', ready: input })).ready;
  test('of http is a path on the main port or a whole URL, 200–399 by default', async () => {
    expect((await ready({ http: '/up?x=1', body: 'ok' })).tests).toEqual([
      { kind: 'http', url: 'http://[::1]:8000/up?x=1', status: { from: 200, to: 399 }, body: 'ok' },
    ]);
    expect((await ready({ http: 'https://localhost/x', status: 204 })).tests).toEqual([
      { kind: 'http', url: 'https://localhost/x', status: { from: 204, to: 204 }, body: null },
    ]);
    expect((await ready({ http: '/', status: '200-499' })).tests).toMatchObject([{ status: { from: 200, to: 499 } }]);
  });
  test('of a text in the log is that text, not a pattern', async () => {
    const [log] = (await ready({ log: 'ready (in 5.0 s) [a-z] $' })).tests as unknown as [{ source: string; flags: string }];
    expect(new RegExp(log.source, log.flags).test('x ready (in 5.0 s) [a-z] $')).toBe(true);
    expect(new RegExp(log.source, log.flags).test('ready (in 500 s) [a-z] $')).toBe(false);
  });
  test('of a RegExp has no lastIndex', async () => {
    expect((await ready({ log: /up/giy })).tests).toEqual([{ kind: 'log', source: 'up', flags: 'i' }]);
    expect((await ready({ log: { source: 'up' } })).tests).toEqual([{ kind: 'log', source: 'up', flags: '' }]);
  });
  test('of a list has one timeout and one interval, wherever they stand', async () => {
    expect(await ready([{ port: true }, { command: 'x', timeout: '2m' }, { log: 'x', interval: 50 }])).toMatchObject({
      timeoutMs: 120_000,
      intervalMs: 50,
    });
  });
  test('of a task has no timeout unless it says so', async () => {
    const task = async (more: object) => (await service({ command: 'x', ready: { exit: 0, ...more } })).ready;
    expect(await task({})).toEqual({ tests: [{ kind: 'exit' }], timeoutMs: null, intervalMs: 250 });
    expect(await task({ timeout: '5m' })).toMatchObject({ timeoutMs: 300_000 });
  });
});

test('reuse is proved by tests that ask the service itself, within 5 s', async () => {
  const reuse = async (more: object) => (await service({ command: 'x', port: 1, ...more })).onConflict;
  const http = { kind: 'http', url: 'http://localhost:1/', status: { from: 200, to: 399 }, body: null };
  expect(await reuse({ ready: [{ port: true }, { http: '/', timeout: '60s' }], onConflict: 'reuse' })).toEqual({
    policy: 'reuse',
    proof: { tests: [http], timeoutMs: 5000, intervalMs: 250 },
  });
  expect(await reuse({ onConflict: { reuse: { http: '/', timeout: '1s' } } })).toEqual({
    policy: 'reuse',
    proof: { tests: [http], timeoutMs: 1000, intervalMs: 250 },
  });
});

test('health, restart, listener, links, ranges and routes are read as written', async () => {
  const made = await stack({
    name: 'shop',
    services: {
      a: {
        command: 'x',
        port: 5001,
        health: { http: '/up', interval: '1s', timeout: 200, retries: 1, restart: false },
        restart: { policy: 'always', max: 2, stable: '5s', backoff: { initial: '2m' } },
        listener: { container: 'db' },
        stop: { command: 'docker stop db' },
        links: { Home: '/', Docs: 'https://example.org/docs' },
      },
    },
    ranges: { web: { ports: '5000-5099', purpose: 'Web' }, one: { ports: '80' } },
    routes: { '/': 'a' },
  });
  expect(made.name).toBe('shop');
  expect(made.services[0]).toMatchObject({
    health: { test: { kind: 'http', url: 'http://localhost:5001/up' }, intervalMs: 1000, timeoutMs: 200, retries: 1, restart: false },
    restart: { policy: 'always', max: 2, stableMs: 5000, initialDelayMs: 120_000, maxDelayMs: 120_000 },
    listener: { kind: 'container', container: 'db' },
    links: { Home: 'http://localhost:5001/', Docs: 'https://example.org/docs' },
  });
  expect((await service({ command: 'x', restart: 'no' })).restart.policy).toBe('no');
  expect((await service({ command: 'x', health: { command: 'y' } })).health?.restart).toBe(true);
  expect(made.ranges).toEqual([
    { category: 'web', from: 5000, to: 5099, purpose: 'Web' },
    { category: 'one', from: 80, to: 80, purpose: null },
  ]);
  expect(made.routes).toEqual([{ prefix: '/', service: 'a' }]);
});

test('a service with a profile is optional: it does not start with the others, and the next one does not wait for it', async () => {
  const { services } = await stack({
    services: { a: { command: 'x' }, metrics: { command: 'x', profiles: ['metrics'] }, b: { command: 'x' } },
  });
  expect(buildPlan(services).services.map(({ service: { name } }) => name)).toEqual(['a', 'b']);
  expect(services[1]?.optional).toBe(true);
});

test.each([
  ['localhost', true],
  ['127.0.0.1', true],
  ['::1', true],
  ['app.localhost', false],
  ['192.168.1.2', false],
  [undefined, false],
])('a host %s limits the service to this machine: %s', async (host, localOnly) => {
  expect(await service({ command: 'x', port: 8000, ...(host && { host }) })).toMatchObject({ localOnly });
});

test("a tcp test takes a host and a port, which may be another service's", async () => {
  const built = await stack({
    services: {
      db: { port: 5432, command: 'x' },
      api: {
        command: 'y',
        ready: [{ tcp: 'localhost:${services.db.port}' }, { tcp: '${services.db.port}' }, { tcp: '[::1]:1' }],
        health: { tcp: 2 },
      },
    },
  });
  expect(built.services[1]?.ready.tests).toEqual([
    { kind: 'tcp', host: 'localhost', port: 5432 },
    { kind: 'tcp', host: 'localhost', port: 5432 },
    { kind: 'tcp', host: '::1', port: 1 },
  ]);
  expect(built.services[1]?.health?.test).toEqual({ kind: 'tcp', host: 'localhost', port: 2 });
});
