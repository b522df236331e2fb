import { expect, test } from 'vitest';
import { lines, problems } from './stacks.ts';

const a = { command: 'x' };

test('every problem is reported in one run, with service, path, value and suggestion', async () => {
  const found = await problems({
    nmae: 'shop',
    services: {
      api: { command: 'serve', prot: 8000, dependsOn: 'dbb', ready: { htpp: '/' } },
      db: { command: 'db', port: '8000; rm', restart: 'allways' },
      web: { command: ['x', '${ports.admin}'], port: 3000, routes: {} },
    },
    routes: { '/': 'wbe' },
  });
  expect(found.map(({ path, service, value, suggestion }) => ({ path, service, value, suggestion }))).toEqual([
    { path: 'nmae', service: null, value: '"shop"', suggestion: 'name' },
    { path: 'routes./', service: null, value: '"wbe"', suggestion: 'web' },
    { path: 'services.api.prot', service: 'api', value: '8000', suggestion: 'port' },
    { path: 'services.api.dependsOn', service: 'api', value: '"dbb"', suggestion: 'db' },
    { path: 'services.api.ready.htpp', service: 'api', value: '"/"', suggestion: 'http' },
    { path: 'services.db.port', service: 'db', value: '"8000; rm"', suggestion: null },
    { path: 'services.db.restart', service: 'db', value: '"allways"', suggestion: 'always' },
    { path: 'services.web.command[1]', service: 'web', value: '"${ports.admin}"', suggestion: null },
    { path: 'services.web.routes', service: 'web', value: '{}', suggestion: null },
  ]);
});

test.each([0, 65536, -1, 80.5, '8000', '8000; rm', null, [8000], true])('%j is not a port', async (port) => {
  const message = 'must be a whole number between 1 and 65535';
  expect(await lines({ services: { a: { ...a, port } } })).toEqual([`services.a.port ${message}`]);
  expect((await lines({ services: { a: { ...a, ports: { main: port } } } }))[0]).toMatch(
    /^services\.a\.ports\.main must be a whole number between 1 and 65535/,
  );
});

test('an error about a missing key names it', async () => {
  const api = {
    command: { linux: 'x' },
    port: 8000,
    restart: { max: 3 },
    listener: {},
    onConflict: {},
    ports: { debug: { required: false } },
  };
  expect(await lines({ services: { api } })).toEqual([
    'services.api.command.default is missing',
    'services.api.restart.policy is missing',
    'services.api.listener.container is missing',
    'services.api.onConflict.reuse is missing',
    'services.api.ports.debug.port is missing',
  ]);
});

test('restart of a health test is true or false, and no other test has it', async () => {
  const api = { ...a, port: 8000, health: { port: true, restart: 'no' } };
  expect(await lines({ services: { api } })).toEqual(['services.api.health.restart must be true or false']);
  expect(await lines({ services: { api: { ...api, health: { http: '/', command: 'x', restart: false } } } })).toEqual([
    'services.api.health.command cannot be combined with "http"',
  ]);
  expect(await lines({ services: { api: { ...a, port: 8000, ready: { port: true, restart: false } } } })).toEqual([
    expect.stringMatching(/^services\.api\.ready\.restart /),
  ]);
});

test('a health test with a timeout or interval of zero is refused', async () => {
  const api = { ...a, port: 8000, health: { port: true, timeout: '0s', interval: 0 } };
  expect(await lines({ services: { api } })).toEqual([
    'services.api.health.timeout must be longer than 0',
    'services.api.health.interval must be longer than 0',
  ]);
});

test('an unknown reference in one field does not hide problems of others', async () => {
  const web = { port: 5000, command: '${nothing}', cwd: '${prot}', env: { PORT: 4, API: '${x' }, links: { Docs: 'docs', Api: '${y}' } };
  expect(await lines({ services: { web } })).toEqual([
    'services.web.command refers to "${nothing}", which is not a devup reference (${env.nothing})',
    'services.web.cwd refers to "${prot}", which is not a devup reference (${port})',
    'services.web.env.API contains "${x", which is never closed ($${x)',
    'services.web.env.PORT differs from the declared port 5000; devup sets it, so leave it out (${port})',
    'services.web.links.Api refers to "${y}", which is not a devup reference (${env.y})',
    'services.web.links.Docs must be a URL, or a path that begins with "/"',
  ]);
});

test('a port belongs to one service', async () => {
  const services = { a: { ...a, port: 8000 }, b: { ...a, port: 8000 }, c: { ...a, ports: { debug: { port: 8000, required: false } } } };
  expect(await lines({ services })).toEqual([
    'services.b.port is also claimed by a; a port belongs to one service',
    'services.c.ports.debug is also claimed by a; a port belongs to one service',
  ]);
  expect(await lines({ services: { a: { ...a, port: 8000, ports: { debug: 8000 } } } })).toEqual([
    'services.a.ports.debug is also claimed by a; a port belongs to one service',
  ]);
  expect(await lines({ services: { a: { ...a, port: 8000, ports: { main: 8001 } } } })).toEqual([
    'services.a.ports.main is declared twice: "port" is the port "main"',
  ]);
});

test('each cycle is reported as the path that closes it', async () => {
  const services = {
    a: { ...a, dependsOn: 'b' },
    b: { ...a, dependsOn: ['c'] },
    c: { ...a, dependsOn: { a: 'started' } },
    d: { ...a, dependsOn: 'd' },
  };
  expect(await lines({ services })).toEqual([
    'services.a.dependsOn closes a cycle: a → b → c → a',
    'services.d.dependsOn closes a cycle: d → d',
  ]);
});

test('a cycle through the default order names the default order', async () => {
  expect(await lines({ services: { a: { ...a, dependsOn: 'b' }, b: a } })).toEqual([
    'services.a.dependsOn closes a cycle: a → b → a; b follows the service declared before it, because it has no dependsOn of its own',
  ]);
});

test('unknown services are reported with the likely one', async () => {
  const services = {
    backend: { ...a, port: 1 },
    web: { ...a, dependsOn: ['backend', 'bakend'] },
    job: { ...a, dependsOn: { backedn: 'ready' } },
  };
  expect(await lines({ services, routes: { '/api': 'backnd', api: 'backend', '/job': 'job' } })).toEqual([
    'routes./api names a service that does not exist (backend)',
    'routes.api must begin with "/" (/api)',
    'routes./job leads to job, which has no port',
    'services.web.dependsOn[1] names a service that does not exist (backend)',
    'services.job.dependsOn.backedn names a service that does not exist (backend)',
  ]);
});

test('only a task completes', async () => {
  const services = { db: a, migrate: { ...a, ready: { exit: 0 } }, api: { ...a, dependsOn: { db: 'completed', migrate: 'completed' } } };
  expect(await lines({ services })).toEqual([
    'services.api.dependsOn.db waits for db to complete, which only a task does (ready: { exit: 0 })',
  ]);
});

test('a port in env that differs from the declared one is refused, an equal one is not', async () => {
  const ports = { main: 8000, debug: 9229, 'live-reload': 35729 };
  expect(await lines({ services: { a: { ...a, ports, env: { PORT: '${port}', PORT_DEBUG: 9229, PORT_MAIN: 1 } } } })).toEqual([]);
  expect(await lines({ services: { a: { ...a, ports, env: { PORT: 8001, PORT_DEBUG: '9230', PORT_LIVE_RELOAD: 1 } } } })).toEqual([
    'services.a.env.PORT differs from the declared port 8000; devup sets it, so leave it out (${port})',
    'services.a.env.PORT_DEBUG differs from the declared port 9229; devup sets it, so leave it out (${ports.debug})',
    'services.a.env.PORT_LIVE_RELOAD differs from the declared port 35729; devup sets it, so leave it out (${ports.live-reload})',
  ]);
  expect(await lines({ services: { a: { ...a, env: { PORT: 8001, DEVUP_RUN: 'x' } } } })).toEqual([
    'services.a.env.DEVUP_RUN is set by devup itself',
  ]);
});

test('two ports with the same variable are refused', async () => {
  expect(await lines({ services: { a: { ...a, ports: { 'live-reload': 1, LIVE_RELOAD: 2 } } } })).toEqual([
    'services.a.ports.LIVE_RELOAD would be PORT_LIVE_RELOAD in the environment, like "live-reload"',
  ]);
});

test.each([
  '__proto__',
  'constructor',
  'toString',
  '..',
  '.hidden',
  '-x',
  'a b',
  'a//b',
  '/a',
  'a/',
  'a/../b',
  ':a',
  'a:',
  '@',
  '@/a',
  'a\\b',
  'ä',
  '',
  '42',
  'x'.repeat(64),
])('%j is not a name for a service', async (name) => {
  const [problem, ...more] = await problems(JSON.parse(`{"services":{"ok":{"command":"x"},${JSON.stringify(name)}:{"command":"x"}}}`));
  expect(problem?.message).toMatch(/not a valid name|reserved name|not allowed as a name/);
  expect(more).toEqual([]);
});

test.each(['a', 'A', '_a', 'my.service', 'api_v2', 'api-v2', '2fa', 'dev:api', '@acme/web', '@acme/web:dev', 'apps/web', 'x'.repeat(63)])(
  '%j is a name for a service',
  async (name) => {
    expect(await lines({ services: { [name]: a } })).toEqual([]);
  },
);

test('names that differ only by case are refused', async () => {
  expect(await lines({ services: { db: a, DB: a } })).toEqual([
    'services.DB differs from "db" only in case; both would write the same log file',
  ]);
});

test('names that become the same environment variable are refused', async () => {
  expect(await lines({ services: { 'dev:api': a, 'dev-api': a } })).toEqual([
    'services.dev-api would be DEV_API in environment variables, like "dev:api"',
  ]);
  expect(await lines({ services: { '@acme/web': { ...a, port: 3000 }, 'acme.web': { ...a, port: 3001 } } })).toEqual([
    'services.acme.web would be ACME_WEB in environment variables, like "@acme/web"',
  ]);
});

test('a port and a service that become the same environment variable are refused', async () => {
  const db = { ...a, ports: { main: 5432, admin: 8080 } };
  expect(await lines({ services: { db, 'db:admin': { ...a, port: 8081 } } })).toEqual([
    'services["db:admin"].port would be DEVUP_PORT_DB_ADMIN in the environment of `devup run`, like a port of db',
  ]);
});

test('no key of a config reaches the prototype of anything', async () => {
  const text =
    '{"services":{"a":{"command":"x","env":{"__proto__":"1","constructor":"2"},"labels":{"__proto__":{"polluted":true}}}},"__proto__":{"polluted":true}}';
  expect(await lines(JSON.parse(text))).toEqual([
    '__proto__ is not allowed as a name',
    'services.a.env.__proto__ is not allowed as a name',
    'services.a.labels.__proto__ is not allowed as a name',
  ]);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('a task has no port and no health test, and must end', async () => {
  const task = { ...a, ready: { exit: 0 } };
  expect(await lines({ services: { a: { ...task, port: 8000 } } })).toEqual([
    expect.stringMatching(/^services\.a\.port cannot be held by a task/),
  ]);
  expect(await lines({ services: { a: { ...task, ports: { debug: { port: 9229, required: false } } } } })).toEqual([]);
  expect(await lines({ services: { a: { ...a, ready: [{ exit: 0 }, { http: 'http://localhost/' }] } } })).toEqual([
    expect.stringMatching(/^services\.a\.ready cannot ask/),
  ]);
  expect(await lines({ services: { a: { ...task, health: { command: 'x' } } } })).toEqual([
    expect.stringMatching(/^services\.a\.health has no effect on a task/),
  ]);
  expect(await lines({ services: { a: { ...task, restart: 'always' } } })).toEqual([
    expect.stringMatching(/^services\.a\.restart cannot be "always"/),
  ]);
});

test('a service without a command needs a test, and has nothing to stop', async () => {
  expect(await lines({ services: { a: { port: 5432 } } })).toEqual([
    expect.stringMatching(/^services\.a\.ready is missing: without a command/),
  ]);
  expect(await lines({ services: { a: { port: 5432, ready: { log: 'up' } } } })).toEqual([
    expect.stringMatching(/^services\.a\.ready\.log cannot be observed/),
  ]);
  expect(
    await lines({ services: { a: { port: 5432, ready: { command: 'pg_isready' }, stop: { timeout: 1 }, onConflict: 'reuse' } } }),
  ).toEqual([expect.stringMatching(/^services\.a\.stop has no effect/), expect.stringMatching(/^services\.a\.onConflict has no effect/)]);
  expect(await lines({ services: { a: { port: 5432, ready: { port: true } }, b: { ready: { http: 'http://localhost:9/' } } } })).toEqual(
    [],
  );
  expect(await lines({ services: { a: { port: 5432, comand: 'x' } } })).toEqual(['services.a.comand is not a known field here (command)']);
});

test('a field that needs a port is an error without one', async () => {
  const needs = {
    ready: [{ port: true }, { http: '/x' }],
    health: { http: '/x' },
    links: { App: '/x' },
    onConflict: 'fail',
    listener: 'any',
  };
  expect((await lines({ services: { a: { ...a, ...needs } } })).map((line) => line.split(' ')[0])).toEqual([
    'services.a.ready[0].port',
    'services.a.ready[1].http',
    'services.a.health.http',
    'services.a.links.App',
    'services.a.onConflict',
    'services.a.listener',
  ]);
  expect(await lines({ services: { a: { ...a, ...needs, port: 8000 } } })).toEqual([]);
});

test('a tcp test takes a host and a port, and nothing else', async () => {
  const wrong = 'must be "host:port", or a port of this machine, between 1 and 65535';
  const of = (tcp: unknown, more: object = {}) => lines({ services: { a: { ...a, ready: { tcp }, ...more } } });
  for (const tcp of ['x', 'db', 'db:0', 'db:99999', '::1:5432', 'tcp://db:5432', '${env.DB}:x'])
    expect(await lines({ services: { a: { ...a, env: { DB: 'db' }, ready: { tcp } } } })).toEqual([`services.a.ready.tcp ${wrong}`]);
  expect(await of(65536)).toEqual(['services.a.ready.tcp must be a whole number between 1 and 65535']);
  expect(await of(true)).toEqual(['services.a.ready.tcp must be "host:port", or a port of this machine']);
  expect(await of('localhost:1', { health: { tcp: 'x' } })).toEqual([`services.a.health.tcp ${wrong}`]);
  expect(await of('localhost:1', { port: 8000, onConflict: { reuse: [{ http: '/' }, { tcp: 'x' }] } })).toEqual([
    `services.a.onConflict.reuse[1].tcp ${wrong}`,
  ]);
  expect(await lines({ services: { db: { ready: { tcp: 5432 } } } })).toEqual([]);
});

test('reuse needs a test, and a container a stop command', async () => {
  const proof = 'an open port alone does not prove whose server it is';
  const of = (more: object) => lines({ services: { a: { ...a, port: 8000, ...more } } });
  expect(await of({ onConflict: 'reuse' })).toEqual([`services.a.onConflict needs "ready" to be { http } or { command }: ${proof}`]);
  expect(await of({ onConflict: 'reuse', ready: { port: true } })).toEqual([
    `services.a.onConflict needs "ready" to be { http } or { command }: ${proof}`,
  ]);
  expect(await of({ onConflict: { reuse: { log: 'up' } } })).toEqual([
    `services.a.onConflict.reuse must be { http } or { command }: ${proof}`,
  ]);
  expect(await of({ onConflict: { reuse: { tcp: 8000 } } })).toEqual([
    `services.a.onConflict.reuse must be { http } or { command }: ${proof}`,
  ]);
  expect(await of({ onConflict: { reuse: { http: 'x' } } })).toEqual([
    expect.stringMatching(/^services\.a\.onConflict\.reuse\.http must be/),
  ]);
  expect(await of({ onConflict: 'reuse', ready: { http: '/' } })).toEqual([]);
  expect(await of({ onConflict: { reuse: { command: 'x' } } })).toEqual([]);
  expect(await of({ listener: { container: 'db' } })).toEqual([
    expect.stringMatching(/^services\.a\.stop must be a command when a container/),
  ]);
  expect(await of({ listener: { container: 'db' }, stop: { command: 'docker compose stop db' } })).toEqual([]);
});

test('a list of tests has one timeout and one interval', async () => {
  const list = (first: object, second: object) =>
    lines({
      services: {
        a: {
          ...a,
          port: 8000,
          ready: [
            { http: '/', ...first },
            { log: 'x', ...second },
          ],
        },
      },
    });
  expect(await list({ timeout: '10s' }, { timeout: 10_000 })).toEqual([]);
  expect(await list({ timeout: '10s' }, { timeout: '20s', interval: 0 })).toEqual([
    'services.a.ready[1].timeout differs from another timeout of the same list; all tests of a list share one',
    'services.a.ready[1].interval must be longer than 0',
  ]);
});

test.each([
  [{ ready: { log: { source: '(' } } }, /^services\.a\.ready\.log is not a regular expression/],
  [{ ready: { http: '/', status: '400-300' } }, /^services\.a\.ready\.status begins after its end/],
  [{ ready: { http: '/', status: 'fine' } }, /^services\.a\.ready\.status must be an HTTP status such as 200/],
  [{ ready: { http: 'localhost:8000' } }, /^services\.a\.ready\.http must be a path that begins with "\/", or an http\(s\) URL/],
  [{ ready: { http: '/', command: 'x' } }, /^services\.a\.ready\.command cannot be combined with "http"; write a list that has both$/],
  [{ ready: { http: '/', timeout: 'soon' } }, /^services\.a\.ready\.timeout must be a duration/],
  [{ ready: { http: '/', timeout: '60d' } }, /^services\.a\.ready\.timeout must be a duration/],
  [{ ready: { http: '/', timeout: '900h' } }, /^services\.a\.ready\.timeout must be a duration such as .* at most 24 days/],
  [{ ready: {} }, /^services\.a\.ready must be one of/],
  [{ ready: [] }, /^services\.a\.ready must not be empty/],
  [{ ready: [{ http: '/' }, 'x'] }, /^services\.a\.ready\[1\] must be one of/],
  [{ ready: { exit: 1 } }, /^services\.a\.ready\.exit must be 0/],
  [{ stop: { signal: 'TERM' } }, /^services\.a\.stop\.signal must be a signal .*\(SIGTERM\)/],
  [{ stop: { command: 'x', signal: 'SIGTERM' } }, /^services\.a\.stop\.(signal|command) cannot be combined with/],
  [{ onConflict: 'reues' }, /^services\.a\.onConflict must be .*\(reuse\)/],
  [{ restart: { policy: 'always', backoff: '1s' } }, /^services\.a\.restart\.backoff must be an object/],
  [{ restart: { max: 3 } }, /^services\.a\.restart\.policy is missing|^services\.a\.restart must be/],
  [{ dependsOn: 7 }, /^services\.a\.dependsOn must be a service name/],
  [{ env: { A: null } }, /^services\.a\.env\.A must be a string, a number/],
  [{ env: { 'A=B': 'x' } }, /^services\.a\.env\[?.*is not a valid name of an environment variable/],
  [{ env: { A: 'x\0y' } }, /^services\.a\.env\.A must not contain a NUL character/],
  [{ command: '' }, /^services\.a\.command must not be empty/],
  [{ command: '  ' }, /^services\.a\.command is empty/],
  [{ command: [] }, /^services\.a\.command must not be empty/],
  [{ command: { linux: 'x' } }, /^services\.a\.command(\.default is missing| must be)/],
  [{ command: () => 'x' }, /^services\.a\.command must be data, not a function/],
  [{ host: 'http://localhost' }, /^services\.a\.host must be a host name/],
  [{ links: { App: 'localhost' } }, /^services\.a\.links\.App must be a URL/],
  [{ ports: { '1': 3000 } }, /^services\.a\.ports\.1 is not a valid port name/],
  [{ envFile: '.env' }, /^services\.a\.envFile names a file that does not exist: \/project\/\.env/],
  [{ cmd: 'x' }, /^services\.a\.cmd is not a known field here/],
  [{ environment: {} }, /^services\.a\.environment is not a known field here \(env\)/],
  [{ optional: 'yes' }, /^services\.a\.optional must be true or false/],
])('%j is one problem', async (more, expected) => {
  const ports = 'ports' in more ? {} : { port: 8000 };
  const found = await lines({ services: { a: { ...a, ...ports, ...more } } });
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(expected);
});

test.each([
  [{}, 'services is missing'],
  [{ services: {} }, 'services is empty: there is nothing to start'],
  [{ services: [] }, 'services must be an object of services'],
  [{ services: { a: 'x' } }, 'services.a must be an object: a service'],
  [{ services: { a: null } }, 'services.a must be an object: a service'],
  [{ services: { a }, check: { include: 'apps' } }, 'check.include must be a list of patterns such as "apps/**"'],
  [{ services: { a }, check: ['apps'] }, 'check must be an object { include, ignore }'],
  [{ services: { a }, check: { exclude: [] } }, 'check.exclude is not a known field here (ignore)'],
  [{ services: { a }, ranges: { web: '3000-3099' } }, 'ranges.web must be an object { ports, purpose }'],
  [{ services: { a }, ranges: { web: { ports: '3099-3000' } } }, 'ranges.web.ports must be a range such as "3000-3099"'],
  [{ service: { a } }, 'services is missing'],
  [7, 'must be an object with services'],
])('%j is not a stack', async (value, line) => {
  expect(await lines(value)).toContain(line);
});

test('a config that contains itself, or something other than data, is refused', async () => {
  const loop: Record<string, unknown> = { services: { a } };
  loop['ranges'] = loop;
  expect(await lines(loop)).toEqual(['ranges must not contain itself']);
  expect(await lines({ services: { a: { ...a, env: { A: Number.NaN, B: new Date(0), C: 1n } } } })).toEqual([
    'services.a.env.A must be a number, not NaN',
    'services.a.env.B must be data, not a Date',
    'services.a.env.C must be data, not a bigint',
  ]);
});

test('a value is shown as JSON, cut when it is long', async () => {
  const [problem] = await problems({ services: { a: { ...a, port: 'x'.repeat(200) } } });
  expect(problem?.value).toHaveLength(80);
  expect(problem?.value).toMatch(/^"x+…$/);
});

test('a wrong shape causes no second problem elsewhere', async () => {
  const services = {
    db: { command: 'db', port: 'x', ready: { htpp: '/' }, onConflict: 'reuse', links: { Admin: '/admin' } },
    migrate: { command: 'm', ready: { exits: 0 }, dependsOn: ['db', 3] },
    api: { command: ['x', '${services.db.port}', '${services.db.url}'], dependsOn: { migrate: 'completed' } },
  };
  expect((await problems({ services, routes: { '/': 'db' } })).map(({ path }) => path)).toEqual([
    'services.db.port',
    'services.db.ready.htpp',
    'services.migrate.ready.exits',
    'services.migrate.dependsOn[1]',
  ]);
});
