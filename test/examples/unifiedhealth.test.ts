/**
 * The real stack of examples/unifiedhealth on its fixed ports: the promises of its README, in the order in which a developer
 * meets them.
 *
 *     postgres ◀─ migrate ◀─┬─ nine services ◀─ api-gateway ◀─┬─ web, admin, provider-portal, kiosk
 *                   redis ◀─┘                                 ├─ mobile (optional)
 *     elasticsearch, kafka (optional)                         └─ prometheus ◀─ grafana (optional)
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../rig/eventually.ts';
import { copyExample } from '../rig/example-stack.ts';
import { lacks } from '../rig/lacks.ts';
import { isFree } from '../rig/ports.ts';
import { type Answer, Rig } from '../rig/rig.ts';
import { python } from '../rig/terminal.ts';

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;

const DATA = { postgres: 5432, redis: 6379 };
const SERVICES = {
  'auth-service': 4001,
  api: 4002,
  telehealth: 4003,
  'mental-health': 4004,
  'chronic-care': 4005,
  notification: 4006,
  pharmacy: 4007,
  laboratory: 4008,
  imaging: 4009,
};
const APPLICATIONS = { web: 3000, admin: 3001, 'provider-portal': 3002, kiosk: 3004 };
const PORTS = { ...DATA, 'api-gateway': 4000, ...SERVICES, ...APPLICATIONS, prometheus: 9090 };
const GATEWAY = 'http://localhost:4000';

let rig: Rig;
let example: string;

describe.skipIf(lacks('redis-server') || lacks('redis-cli') || lacks('prometheus'))('examples/unifiedhealth', () => {
  beforeAll(async () => {
    rig = new Rig();
    for (const port of Object.values(PORTS)) await rig.port([port]);
    example = copyExample(rig, 'unifiedhealth');
  });

  afterAll(async () => {
    await devup('stop');
    await rig.close();
  });

  test('agrees with its own files, and its document is up to date', async () => {
    const checked = await devup('check', '--json');
    expect(checked.json()).toMatchObject({ findings: [], checked: { files: 17 } });
    expect(checked.code).toBe(0);
    expect(await devup('docs', '--check')).toMatchObject({ code: 0 });
    expect((await devup('docs', '--stdout')).stdout).toMatch(/^\| Mobile +\| N\/A +\| React Native/m);
  });

  test('the original document has exactly two faults', async () => {
    const checked = await devup('check', '--json', '-C', 'original');
    expect(checked.code).toBe(6);
    const { findings } = checked.json() as { findings: readonly object[] };
    expect(findings).toHaveLength(2);
    expect(findings).toMatchObject([
      { code: 'D106', service: 'notification', port: 3006, expected: '4000-4099', fix: expect.stringMatching(/^4006 is the next free/) },
      { code: 'D107', service: 'grafana', port: 3100, expected: '9000-9999', fix: expect.stringMatching(/^9000 is the next free/) },
    ]);
  });

  test.skipIf(!isRoot)("another user's Redis is left alone and named with the command to type, and nothing starts", async () => {
    const server = rig.spawn(['redis-server', '--port', '6379', '--bind', '127.0.0.1', '--save', ''], { uid: NOBODY, cwd: '/' });
    await server.waitForOutput(/Ready to accept connections/);
    const started = await devup('start', '-d');
    expect(started).toMatchObject({ code: 4 });
    expect(started.stderr).toMatch(
      new RegExp(`^error E201: 6379 redis is held\\nwhy {2}held by redis-server \\(pid ${server.pid}, nobody, `, 'm'),
    );
    expect(started.stderr).toMatch(/^fix {2}sudo devup kill 6379$/m);
    expect(server.alive).toBe(true);
    server.signal('SIGTERM');
    await server.exited;
    await expectFreePorts();
  });

  test('starts on its fixed ports; a foreign process on 4006 is named and ended', async () => {
    const squatter = rig.spawn([python(), '-u', '-m', 'http.server', '4006']);
    await squatter.waitForOutput(/Serving HTTP/);
    const started = await devup('start', '-d');
    expect(started, started.stderr).toMatchObject({ code: 0 });
    expect(started.stderr).toMatch(new RegExp(`4006 notification +held by python3(\\.\\d+)? \\(pid ${squatter.pid}, you, .*freeing it`));
    expect((await squatter.exited).signal).toBe('SIGTERM');
    expect(started.stderr).toMatch(/^18 services ready in /m);

    const { services } = (await devup('status', '--json')).json() as Status;
    const running = services.filter(({ state }) => state === 'ready');
    expect(Object.fromEntries(running.map(({ name, port }) => [name, port]))).toEqual(PORTS);
    expect(new Set(running.map(({ verdict }) => verdict))).toEqual(new Set(['ours']));
    const others = services.filter(({ state }) => state !== 'ready').map(({ name, state }) => `${name} ${state}`);
    expect(others.sort()).toEqual(['elasticsearch stopped', 'grafana stopped', 'kafka stopped', 'migrate completed', 'mobile stopped']);
  });

  test.each([
    ['/api/patients', { patients: [{ name: 'Ada Lovelace' }, { name: 'Alan Turing' }, { name: 'Grace Hopper' }] }],
    ['/telehealth/visits', { visits: [{ patient_name: 'Ada Lovelace' }] }],
    ['/mental-health/assessments', { assessments: [{ patient_name: 'Alan Turing', severity: 'minimal' }] }],
    ['/chronic-care/readings', { readings: [{ patient_name: 'Grace Hopper', kind: 'heart-rate', value: 72 }] }],
    ['/notifications/sent', { notifications: [] }],
    ['/pharmacy/prescriptions', { prescriptions: [{ patient_name: 'Ada Lovelace', dispensed_at: null }] }],
    ['/laboratory/orders', { orders: [{ patient_name: 'Alan Turing', result: null }] }],
    ['/imaging/studies', { studies: [{ patient_name: 'Grace Hopper', modality: 'MR' }] }],
  ])('the gateway routes %s to its service, which answers from PostgreSQL', async (path, rows) => {
    expect(await get(path)).toMatchObject(rows);
  });

  test('sessions are in Redis, from login to logout', async () => {
    expect(await post('/auth/login', { email: 'admin@example.org', password: 'wrong' }, 401)).toMatchObject({ error: expect.any(String) });
    const { token } = (await post('/auth/login', { email: 'admin@example.org', password: 'admin' })) as { token: string };
    expect(Number(await redis('ttl', `unifiedhealth:session:${token}`))).toBeGreaterThan(3500);
    const authorization = `Bearer ${token}`;
    expect(await get('/auth/me', { authorization })).toMatchObject({ role: 'administrator' });
    expect(await get('/auth/users', { authorization })).toMatchObject({ users: [{}, { email: 'provider@example.org', role: 'provider' }] });
    expect(await post('/auth/logout', {}, 200, { authorization })).toEqual({ ended: true });
    expect((await fetch(`${GATEWAY}/auth/me`, { headers: { authorization } })).status).toBe(401);
  });

  test('one service sends what others put into the outbox; rows are cached, visits joined, prescriptions dispensed once', async () => {
    await post('/laboratory/orders/1/result', { result: 'all in order' });
    await post('/chronic-care/readings', { patient: 3, kind: 'glucose', value: 300 }, 201);
    const both = { notifications: [{ text: 'glucose is 300' }, { text: 'The result of Complete blood count is there' }] };
    await eventually('two messages', async () => ((await get('/notifications/sent')) as typeof both).notifications.length === 2);
    expect(await get('/notifications/sent')).toMatchObject(both);
    expect(await get('/chronic-care/latest/3')).toEqual({ glucose: 300 });

    expect(await get('/api/patients/2')).toEqual({ id: 2, name: 'Alan Turing', cached: false });
    expect(await get('/api/patients/2')).toEqual({ id: 2, name: 'Alan Turing', cached: true });
    expect(await post('/telehealth/visits/1/join', { name: 'Ada' })).toMatchObject({ participants: ['Ada'] });
    expect(await post('/pharmacy/prescriptions/1/dispense', {})).toMatchObject({ dispensed_at: expect.any(String) });
    expect(await post('/pharmacy/prescriptions/1/dispense', {}, 409)).toMatchObject({ error: expect.stringMatching(/^dispensed already/) });
    const answers = [1, 2, 3, 0, 1, 2, 3, 0, 1];
    expect(await post('/mental-health/assessments', { patient: 1, answers }, 201)).toMatchObject({ score: 13, severity: 'moderate' });
    expect(await post('/imaging/studies', { patient: 99, modality: 'CT' }, 404)).toEqual({ error: 'no patient 99' });
  });

  test('the running stack agrees with the config: ports, origins, links, routes', async () => {
    const live = await devup('check', '--live', '--json');
    expect(live.json()).toMatchObject({ findings: [] });
    expect(live.code).toBe(0);
    for (const port of Object.values(APPLICATIONS)) expect(await allowedOrigin(port), String(port)).toBe(`http://localhost:${port}`);
    expect(await allowedOrigin(3003)).toBeNull();
  });

  test('Prometheus reaches the gateway and all services', async () => {
    const jobs = await eventually('eleven targets that are up', async () => {
      const { data } = (await json('http://localhost:9090/api/v1/targets')) as { data: { activeTargets: readonly Target[] } };
      return data.activeTargets.length === 11 && data.activeTargets.every(({ health }) => health === 'up') && data.activeTargets;
    });
    expect(jobs.map(({ labels }) => labels.job).sort()).toEqual(['api-gateway', 'prometheus', ...Object.keys(SERVICES)].sort());
    const query = encodeURIComponent('sum(http_requests_total{job="api-gateway",path="/pharmacy/",status="409"})');
    await eventually('the prescription that was refused, as a number', async () => {
      const { data } = (await json(`http://localhost:9090/api/v1/query?query=${query}`)) as {
        data: { result: [{ value: [number, string] }?] };
      };
      return data.result[0]?.value[1] === '1';
    });
  });

  test.each([
    [3000, 'Patient Portal'],
    [3001, 'Admin Dashboard'],
    [3002, 'Provider Portal'],
    [3004, 'Check-in'],
  ])('Vite serves the application on %i', async (port, title) => {
    const page = await text(`http://localhost:${port}/`);
    expect(page).toContain('/@vite/client');
    expect(page).toContain(`<title>${title}</title>`);
    expect(await text(`http://localhost:${port}/page.ts`)).toContain('shared/panels.ts');
  });

  test.skipIf(lacks('chromium'))('a browser shows what four services say through the gateway', async () => {
    const page = await pageWithRows('http://localhost:3002/');
    expect(page).toContain('<li>Alan Turing: Complete blood count, all in order</li>');
    expect(page).toContain('<li>Ada Lovelace: 13 of 27, moderate</li>');
    expect(page).toMatch(/<li>Grace Hopper: glucose 300, /);
  });

  test('all services reconnect to a restarted Redis, which has its old data', async () => {
    const { token } = (await post('/auth/login', { email: 'provider@example.org', password: 'provider' })) as { token: string };
    expect(await devup('restart', 'redis')).toMatchObject({ code: 0 });
    const known = await eventually('an answer from the new Redis', async () => {
      const response = await fetch(`${GATEWAY}/auth/me`, { headers: { authorization: `Bearer ${token}` } });
      return response.ok && response.json();
    });
    expect(known).toMatchObject({ name: 'Elizabeth Blackwell' });
  });

  test('more than 300 requests in a minute are rejected', async () => {
    // A new minute may begin in between: then one of the two counts is too high.
    const answers = await Promise.all(
      Array.from({ length: 602 }, async () => {
        const response = await fetch(`${GATEWAY}/api/patients`);
        return { status: response.status, retryAfter: Number(response.headers.get('retry-after')), body: await response.text() };
      }),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]));
    const [refused] = answers.filter(({ status }) => status === 429);
    expect(refused?.retryAfter).toBeGreaterThan(0);
    expect(refused?.body).toMatch(/"more than 300 requests in a minute; again in \d+ s"/);
    // Health checks of the gateway do not count.
    expect((await fetch(`${GATEWAY}/health`)).status).toBe(200);
  });

  test('stops with nothing left, and starts again with its data', async () => {
    expect(await devup('stop')).toMatchObject({ code: 0 });
    await expectFreePorts();
    const started = await devup('start', '-d', 'imaging', 'notification');
    expect(started, started.stderr).toMatchObject({ code: 0 });
    expect(await json('http://localhost:4006/notifications/sent')).toMatchObject({ notifications: [{}, {}] });
    expect(await isFree(4000)).toBe(true);
  });

  test('ends with every port free', async () => {
    expect(await devup('stop')).toMatchObject({ code: 0 });
    await expectFreePorts();
    expect((await devup('status', '--json')).json()).toMatchObject({ session: null });
  });

  test('a new service is added wherever its siblings are, and all files agree again', async () => {
    const added = await devup('add', 'billing', '--category', 'backend');
    expect(added, added.stderr).toMatchObject({ code: 0 });
    for (const [file, line] of [
      ['orchestrator.config.ts', /^ {4}billing: \{\n {6}\.\.\.backend,\n {6}port: 4010,/m],
      ['package.json', /"dev:billing": "PORT=4010 node --env-file=\.env services\/billing\.mjs"/],
      ['services/api-gateway/.env', /^BILLING_URL=http:\/\/localhost:4010$/m],
      ['k8s/backends.yaml', /name: billing\n.*image: registry\.example\.org\/unifiedhealth\/billing\n.*containerPort: 4010/s],
      ['PORTS.md', /^\| billing +\| 4010 \|/m],
    ] as const)
      expect(readFileSync(join(example, file), 'utf8'), file).toMatch(line);
    const checked = await devup('check', '--json');
    expect(checked.json()).toMatchObject({ findings: [] });
    expect(await devup('docs', '--check')).toMatchObject({ code: 0 });
    expect((await devup('ports', '--next', 'backend')).stdout.trim()).toBe('4011');
  });
});

interface Status {
  readonly services: readonly { readonly name: string; readonly state: string; readonly port: number | null; readonly verdict: string }[];
}

interface Target {
  readonly health: string;
  readonly labels: { readonly job: string };
}

function devup(...args: readonly string[]): Promise<Answer> {
  return rig.devup(args, { cwd: example, timeoutMs: 120_000 });
}

async function expectFreePorts(): Promise<void> {
  for (const [name, port] of Object.entries(PORTS)) expect(await isFree(port), name).toBe(true);
}

function get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
  return json(GATEWAY + path, headers);
}

async function json(url: string, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
  return JSON.parse(await text(url, headers));
}

async function text(url: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const response = await fetch(url, { headers });
  expect(response.status, url).toBe(200);
  return response.text();
}

async function post(path: string, body: object, status = 200, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const response = await fetch(GATEWAY + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  expect(response.status, JSON.stringify(answer)).toBe(status);
  return answer;
}

/** Asks the server itself, bypassing the example. */
async function redis(...command: readonly string[]): Promise<string> {
  return (await run('redis-cli', ['-p', '6379', ...command])).stdout.trim();
}

async function allowedOrigin(port: number): Promise<string | null> {
  const { headers } = await fetch(`${GATEWAY}/api/checkins`, {
    method: 'OPTIONS',
    headers: { origin: `http://localhost:${port}`, 'access-control-request-method': 'POST' },
  });
  return headers.get('access-control-allow-origin');
}

/** The page in a browser after its own requests were answered. */
function pageWithRows(url: string): Promise<string> {
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', `--user-data-dir=${join(rig.home, 'browser')}`];
  return eventually(`rows on ${url}`, async () => {
    const { stdout } = await run('chromium', [...flags, '--virtual-time-budget=3000', '--dump-dom', url], {
      env: rig.env,
      maxBuffer: 2 ** 24,
    });
    return stdout.split(/[1-9]\d* rows, /).length > 4 && stdout;
  });
}
