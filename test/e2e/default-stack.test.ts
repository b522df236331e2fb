/**
 * A newcomer's first sight, on real services: this repository's own stack. One test runs it as `npm start` does, in a
 * fresh clone on the fixed ports; the others use reserved ports.
 *
 *     postgres ◀─ migrate ◀─ backend ◀─ backend2 ◀─ frontend
 *                                          ▲
 *                                          └─ mcp (optional)
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect } from 'vitest';
import { cloneOfThis, defaultStack, FIXED_PORTS, replaceOnce, type StackPorts } from '../rig/default-stack.ts';
import { eventually } from '../rig/eventually.ts';
import { lacks } from '../rig/lacks.ts';
import { isFree } from '../rig/ports.ts';
import { type Rig, test } from '../rig/rig.ts';
import type { Running } from '../rig/running.ts';
import { CTRL_C, python, Terminal } from '../rig/terminal.ts';

const run = promisify(execFile);
const fixedPortsAreFree = (await Promise.all(Object.values(FIXED_PORTS).map(isFree))).every(Boolean);

/** The compiler and all services run at once on a busy machine. */
const BUILD_AND_START_MS = 120_000;

interface Status {
  readonly session: { readonly pid: number } | null;
  readonly services: readonly {
    readonly name: string;
    readonly state: string;
    readonly port: number | null;
    readonly verdict: string;
    readonly holders: readonly { readonly pid: number }[];
    readonly links: Readonly<Record<string, string>>;
  }[];
}

describe('the default stack', () => {
  test.skipIf(lacks('chromium') || (!fixedPortsAreFree && !process.env['DEVUP_REQUIRE_ALL']))(
    'comes up with `npm start` in a fresh clone, shows live rows of both backends, and is gone after Ctrl-C',
    async ({ rig }) => {
      for (const port of Object.values(FIXED_PORTS)) await rig.port([port]);
      cloneOfThis(rig);
      const env = { ...rig.env, npm_config_update_notifier: 'false' };
      const terminal = new Terminal(['npm', 'start'], { rows: 40, columns: 120 }, { cwd: rig.root, env });
      await terminal.waitForOutput(
        /5 services ready in [\d.]+ m?s(, of which \w+ [\d.]+ m?s)? · Ctrl-C stops everything/,
        'stdout',
        BUILD_AND_START_MS,
      );

      await expectRowsFromPostgres(FIXED_PORTS);
      await expectEveryPortToBeOurs(rig);
      const page = await pageOf(rig, 'http://localhost:5000/');
      expect(page).toMatch(/id="patients">.*3 rows.*<li>1\. Ada Lovelace, born 1815-12-10<\/li>/s);
      expect(page).toMatch(/id="appointments">.*3 rows.*<li>North Clinic: Ada Lovelace, .*Check-up<\/li>/s);

      terminal.keys(CTRL_C);
      expect(await terminal.exited).toMatchObject({ code: 130 });
      for (const port of Object.values(FIXED_PORTS)) expect(await isFree(port), String(port)).toBe(true);
      const [, tree = '', logs = ''] = /^(.*)5 services ready(.*)$/s.exec(terminal.stdout) ?? [];
      expect(lastFrame(tree)).toEqual([
        expect.stringMatching(/^✔ 5432 postgres {3}ready +[\d.]+ m?s$/),
        expect.stringMatching(/^✔ {6}migrate {4}completed +[\d.]+ m?s$/),
        expect.stringMatching(/^✔ 8000 backend {4}ready +[\d.]+ m?s {2}http:\/\/localhost:8000$/),
        expect.stringMatching(/^✔ 8002 backend2 {3}ready +[\d.]+ m?s {2}http:\/\/localhost:8002$/),
        expect.stringMatching(/^✔ 5000 frontend {3}ready +[\d.]+ m?s {2}http:\/\/localhost:5000$/),
      ]);
      // The tree is complete before the first line of a service, the cursor is back, and nothing is drawn over afterwards.
      expect(tree).not.toContain('│');
      expect(tree.lastIndexOf('\x1b[?25h')).toBeGreaterThan(tree.lastIndexOf('\x1b[?25l'));
      expect(logs).toContain('│ \x1b[0mPostgreSQL 18');
      expect([...logs.matchAll(/○\S* +(?:\d+ )?(\w+) +\S*stopped/g)].map(([, name]) => name)).toEqual([
        'frontend',
        'backend2',
        'backend',
        'postgres',
      ]);
      expect(logs).not.toMatch(/\x1b\[(\d*[ABCDGHJK]|\?25l)/);
    },
    2 * BUILD_AND_START_MS,
  );

  test('names the holder of a port, frees it, runs in the background, preserves its data, and leaves nothing', async ({ rig }) => {
    const ports = await defaultStack(rig);
    const squatter = rig.spawn([python(), '-u', '-m', 'http.server', String(ports.backend2)]);
    await squatter.waitForOutput(/Serving HTTP/);

    const started = await rig.devup(['start', '-d']);
    expect(started, started.stderr).toMatchObject({ code: 0 });
    const said = `${ports.backend2} backend2  held by python3(.\\d+)? \\(pid ${squatter.pid}, you, [\\d.]+ m?s\\)  ~?.*/project  -u -m http.server ${ports.backend2}; freeing it`;
    expect(started.stderr).toMatch(new RegExp(said));
    expect((await squatter.exited).signal).toBe('SIGTERM');
    expect(started.stderr).toMatch(/^5 services ready in .*, in the background/m);
    await expectEveryPortToBeOurs(rig);
    await expectRowsFromPostgres(ports);
    const added = await fetch(`http://localhost:${ports.backend}/api/v1/patients`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Mary Jackson' }),
    });
    expect(added.status).toBe(201);
    expect(await rig.devup(['stop'])).toMatchObject({ code: 0 });
    for (const port of Object.values(ports)) expect(await isFree(port)).toBe(true);
    // Also when root begins the session and PostgreSQL's account must reach the folder.
    expect(existsSync(join(rig.root, '.devup', 'postgres', 'data', 'PG_VERSION'))).toBe(true);

    expect(await rig.devup(['start', '-d', 'backend'])).toMatchObject({ code: 0 });
    expect(await json(`http://localhost:${ports.backend}/api/v1/patients`)).toMatchObject({
      patients: [{ name: 'Mary Jackson' }, {}, {}, {}],
    });
    expect(await rig.devup(['stop'])).toMatchObject({ code: 0 });
  });

  test.concurrent('starts the MCP server on demand; its tool asks backend2', async ({ rig }) => {
    const ports = await defaultStack(rig);
    const started = await rig.devup(['start', '-d', '--with', 'mcp', 'backend2']);
    expect(started, started.stderr).toMatchObject({ code: 0 });
    const answer = await fetch(`http://localhost:${ports.mcp}/mcp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'list_appointments', arguments: { tenant: 'south' } },
      }),
    });
    const { result } = (await answer.json()) as { result: { content: [{ text: string }] } };
    expect(JSON.parse(result.content[0].text)).toMatchObject({ appointments: [{ patient: 'Grace Hopper', reason: 'Eye test' }] });
    const states = (await statusOf(rig)).services.map(({ name, state }) => `${name} ${state}`);
    expect(states).toEqual(['postgres ready', 'migrate completed', 'backend ready', 'backend2 ready', 'frontend stopped', 'mcp ready']);
    expect(await rig.devup(['stop'])).toMatchObject({ code: 0 });
  });

  test.concurrent('does not consider a Vite on another port ready', async ({ rig }) => {
    const elsewhere = await rig.port();
    const ports = await defaultStack(rig, (config) =>
      replaceOnce(
        replaceOnce(config, `'vite --configLoader native'`, `'vite --configLoader native --port ${elsewhere}'`),
        `ready: { http: '/' }`,
        `ready: { http: '/', timeout: '4s' }`,
      ),
    );
    const started = await rig.devup(['start', '-d']);
    expect(started).toMatchObject({ code: 5 });
    expect(started.stderr).toContain(`! warning: frontend listens on ${elsewhere}, not ${ports.frontend}\n`);
    expect(started.stderr).toMatch(
      new RegExp(
        `error E104: frontend did not become ready in 4 s\nwhy {2}it runs \\(pid \\d+\\) but listens on ${elsewhere}, not ${ports.frontend}`,
      ),
    );
    // The others stop in order; no message says that one lost a dependency.
    expect([...started.stderr.matchAll(/^○ \d+ (\w+)/gm)].map(([, name]) => name)).toEqual(['backend2', 'backend', 'postgres']);
    expect(started.stderr).not.toContain('keeps running without');
    expect((await statusOf(rig)).session).toBeNull();
  });

  test.concurrent("uses the user's own PostgreSQL when the login works, and never stops it", async ({ rig }) => {
    const ports = await defaultStack(rig);
    const server = await ownPostgres(rig, ports.postgres);
    const config = join(rig.root, 'orchestrator.config.ts');

    const wrong = await rig.devup(['start', '-d', 'backend'], { env: { DEVUP_CONFIG: withOtherPassword(rig) } });
    expect(wrong, wrong.stderr).toMatchObject({ code: 4 });
    expect(wrong.stderr).toMatch(/password authentication failed for user "devup"/);
    expect(server.alive).toBe(true);

    const right = await rig.devup(['start', '-d', 'backend'], { env: { DEVUP_CONFIG: config } });
    expect(right, right.stderr).toMatchObject({ code: 0 });
    const { services } = await statusOf(rig);
    expect(services.slice(0, 3)).toMatchObject([{ state: 'external', verdict: 'external' }, { state: 'completed' }, { state: 'ready' }]);
    expect(await json(`http://localhost:${ports.backend}/api/v1/patients`)).toMatchObject({ patients: [{}, {}, {}] });
    expect(await rig.devup(['stop'])).toMatchObject({ code: 0 });
    expect(await isFree(ports.backend)).toBe(true);
    expect(server.alive).toBe(true);
    expect(await isFree(ports.postgres)).toBe(false);
    server.signal('SIGINT');
    expect(await server.exited).toMatchObject({ code: 0 });
  });
});

/** A PostgreSQL that devup did not start, with the login of the default config. */
async function ownPostgres(rig: Rig, port: number): Promise<Running> {
  const serve = join(rig.root, 'examples', 'default', 'postgres', 'serve.mjs');
  const server = rig.spawn([process.execPath, serve, join(rig.root, 'own')], {
    env: { PORT: String(port), DATABASE_URL: `postgres://devup:devup@localhost:${port}/devup` },
  });
  await server.waitForOutput(/database system is ready to accept connections/);
  return server;
}

/** A second config of the same services, with another password. Returns its path. */
function withOtherPassword(rig: Rig): string {
  const config = readFileSync(join(rig.root, 'orchestrator.config.ts'), 'utf8');
  return rig.write('orchestrator.config.mts', replaceOnce(config, 'postgres://devup:devup@', 'postgres://devup:other@'));
}

async function expectRowsFromPostgres(ports: StackPorts): Promise<void> {
  const backend = `http://localhost:${ports.backend}`;
  const backend2 = `http://localhost:${ports.backend2}`;
  expect(await json(`${backend}/api/v1/patients`)).toMatchObject({
    patients: [{ name: 'Grace Hopper' }, { name: 'Alan Turing' }, { name: 'Ada Lovelace' }],
  });
  expect(await json(`${backend2}/api/v2/tenants/north/appointments`)).toMatchObject({
    tenant: { name: 'North Clinic' },
    appointments: [{ patient: 'Ada Lovelace' }, { patient: 'Alan Turing' }],
  });
  const origin = `http://localhost:${ports.frontend}`;
  for (const url of [`${backend}/api/v1/patients`, `${backend2}/api/v2/tenants`]) {
    const preflight = await fetch(url, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe(origin);
  }
}

/** Asks both devup and `lsof`, which knows nothing of devup. */
async function expectEveryPortToBeOurs(rig: Rig): Promise<void> {
  const { services } = await statusOf(rig);
  const running = services.filter(({ port, state }) => port !== null && state !== 'stopped');
  expect(running.map(({ name }) => name)).toEqual(['postgres', 'backend', 'backend2', 'frontend']);
  for (const { name, port, state, verdict, holders } of running) {
    expect({ name, state, verdict }).toEqual({ name, state: 'ready', verdict: 'ours' });
    if (lacks('lsof')) continue;
    const { stdout } = await run('lsof', ['-nP', '-t', `-iTCP:${port}`, '-sTCP:LISTEN']);
    expect(stdout.trim().split('\n').map(Number), name).toEqual(holders.map(({ pid }) => pid));
  }
}

async function statusOf(rig: Rig): Promise<Status> {
  return (await rig.devup(['status', '--json'])).json() as Status;
}

async function json(url: string): Promise<unknown> {
  const response = await fetch(url);
  expect(response.status, url).toBe(200);
  return response.json();
}

/** The page in a browser after its own requests were answered. */
async function pageOf(rig: Rig, url: string): Promise<string> {
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', `--user-data-dir=${join(rig.home, 'browser')}`];
  return eventually(`rows on ${url}`, async () => {
    const { stdout } = await run('chromium', [...flags, '--virtual-time-budget=3000', '--dump-dom', url], {
      env: rig.env,
      maxBuffer: 2 ** 24,
    });
    return stdout.split(/\d+ rows/).length > 2 && stdout;
  });
}

/** The lines on the screen after they were last drawn. */
function lastFrame(tree: string): readonly string[] {
  const frames = tree.split(/\x1b\[G/);
  const plain = (frames.at(-1) ?? '').replaceAll(/\x1b\[[\d;?]*[A-Za-z]/g, '');
  return plain
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
}
