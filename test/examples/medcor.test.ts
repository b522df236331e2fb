/**
 * The real stack of examples/medcor on its fixed ports: the promises of its README, in the order in which a developer meets them.
 *
 *     postgres ◀─┬─ migrate ◀─ medcor_backend ◀─ migrate2 ◀─ medcor_backend2 ◀─┬─ frontend ◀─ proxy (optional)
 *     venv     ◀─┴─ venv_mcp (optional) ◀───────────────────────────────────── mcp (optional)
 */
import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { replaceOnce } from '../rig/default-stack.ts';
import { eventually } from '../rig/eventually.ts';
import { copyExample, networkSettings } from '../rig/example-stack.ts';
import { lacks } from '../rig/lacks.ts';
import { isFree } from '../rig/ports.ts';
import { type Answer, Rig } from '../rig/rig.ts';
import { python } from '../rig/terminal.ts';

interface Service {
  readonly name: string;
  readonly state: string;
  readonly port: number | null;
  readonly pid: number | null;
  readonly verdict: string;
  readonly restarts: number;
  readonly problem: { readonly message: string } | null;
}

const PORTS = { postgres: 5432, medcor_backend: 8000, medcor_backend2: 8002, frontend: 5000, mcp: 8080, proxy: 8090 };
const LEGACY = 'http://localhost:8000';
const NEW = 'http://localhost:8002';
/** The first start installs Python packages. */
const INSTALL_AND_START_MS = 280_000;

let rig: Rig;
let example: string;

beforeAll(async () => {
  rig = new Rig();
  for (const port of Object.values(PORTS)) await rig.port([port]);
  example = copyExample(rig, 'medcor');
});

afterAll(async () => {
  await devup(['stop']);
  await rig.close();
});

describe.skipIf(lacks('python3'))('examples/medcor', () => {
  test('agrees with its own files, and its document is up to date', async () => {
    const checked = await devup(['check', '--json']);
    expect(checked.json()).toMatchObject({ findings: [] });
    expect(checked.code).toBe(0);
    expect(await devup(['docs', '--check'])).toMatchObject({ code: 0 });
    const document = join(example, 'PORTS.md');
    const written = readFileSync(document, 'utf8');
    rmSync(document);
    expect(await devup(['docs'])).toMatchObject({ code: 0 });
    expect(written).toContain(readFileSync(document, 'utf8'));
    writeFileSync(document, written);
  });

  test('the original guide has one fault: a host with a port', async () => {
    const checked = await devup(['check', '--json', '-C', 'original']);
    expect(checked.json()).toMatchObject({ findings: [{ code: 'D105', file: 'PORTS.md', line: 67, column: 35, found: '*:8002' }] });
    expect(checked.code).toBe(6);
  });

  test('a host with a port in ALLOWED_HOSTS, and a missing origin of the frontend, are named with their lines', async () => {
    const file = join(example, 'medcor_backend2', '.env');
    const right = readFileSync(file, 'utf8');
    const hosts = replaceOnce(right, 'localhost,127.0.0.1', 'localhost,127.0.0.1,*:8002');
    writeFileSync(file, replaceOnce(hosts, 'http://localhost:5000,', ''));
    const checked = await devup(['check', '--json']);
    writeFileSync(file, right);
    expect(checked.code).toBe(6);
    expect(checked.json()).toMatchObject({
      findings: [
        { code: 'D105', file: 'medcor_backend2/.env', line: 4, found: '*:8002' },
        { code: 'D104', file: 'medcor_backend2/.env', line: 5, expected: 'http://localhost:5000' },
      ],
    });
  });

  test('starts on its fixed ports; a foreign process on 8002 is named and ended', async () => {
    const squatter = rig.spawn([python(), '-u', '-m', 'http.server', '8002']);
    await squatter.waitForOutput(/Serving HTTP/);
    const started = await start([]);
    expect(started, started.stderr).toMatchObject({ code: 0 });
    expect(started.stderr).toMatch(new RegExp(`8002 medcor_backend2 +held by python3(\\.\\d+)? \\(pid ${squatter.pid}, you, .*freeing it`));
    expect((await squatter.exited).signal).toBe('SIGTERM');
    expect(await states()).toEqual([
      'postgres ready ours',
      'venv completed',
      'migrate completed',
      'medcor_backend ready ours',
      'migrate2 completed',
      'medcor_backend2 ready ours',
      'frontend ready ours',
      'venv_mcp stopped',
      'mcp stopped free',
      'proxy stopped free',
    ]);
  });

  test('both backends answer with rows of PostgreSQL, and have their admin and their documents', async () => {
    await expectRows();
    for (const url of [`${LEGACY}/admin/`, `${NEW}/admin/`]) {
      const admin = await fetch(url);
      expect(admin.url, url).toContain('/admin/login/');
      expect(await admin.text()).toContain('csrfmiddlewaretoken');
    }
    expect(await text(`${NEW}/api/docs/`)).toContain('swagger-ui');
    expect(await text(`${NEW}/api/schema/`)).toContain('/api/clinics/{clinic}/appointments/');
    expect((await fetch(`${NEW}/api/clinics/east/appointments/`)).status).toBe(404);
  });

  test('a row written through the API is in the database', async () => {
    const body = JSON.stringify({ patient: 'Mary Jackson', reason: 'Vaccination', at: '2027-01-19T09:00:00Z' });
    const headers = { 'content-type': 'application/json' };
    const added = await fetch(`${NEW}/api/clinics/south/appointments/`, { method: 'POST', headers, body });
    expect(added.status).toBe(201);
    const sql = "select patient, slug from clinics_appointment a join clinics_clinic c on c.id = a.clinic_id where patient like 'Mary%'";
    const shell = await devup(['exec', 'medcor_backend2', '--', 'python', '-c', QUERY, sql]);
    expect(shell.stdout.trim(), shell.stderr).toBe("('Mary Jackson', 'south')");
  });

  test("each backend allows the frontend's origin, and no other", async () => {
    for (const url of [`${LEGACY}/api/patients/`, `${NEW}/api/clinics/`]) {
      expect(await allowedOrigin(url, 'http://localhost:5000'), url).toBe('http://localhost:5000');
      expect(await allowedOrigin(url, 'http://localhost:5001'), url).toBeNull();
    }
  });

  test.skipIf(lacks('chromium'))('a browser shows the rows of both backends on the page that Vite serves', async () => {
    expect(await text('http://localhost:5000/')).toContain('/@vite/client');
    const page = await pageWithRows('http://localhost:5000/');
    expect(page).toContain('<li>Ada Lovelace, born 1815-12-10</li>');
    expect(page).toContain('<li>2027-01-18 11:00 Grace Hopper: Eye test</li>');
  });

  test('a changed view is served by the same service', async () => {
    const before = await service('medcor_backend');
    const views = editing('medcor_backend/patients/views.py');
    views.write((code) => replaceOnce(code, '"service": "medcor_backend"', '"service": "medcor_backend, changed"'));
    await eventually('the new answer', async () => (await answerOf(`${LEGACY}/api/`))?.includes('medcor_backend, changed'));
    const after = await eventually('ready', async () => {
      const now = await service('medcor_backend');
      return now.state === 'ready' && now;
    });
    expect(after).toMatchObject({ verdict: 'ours', pid: before.pid, restarts: 0 });
    views.restore();
  });

  test('a syntax error makes the service unhealthy, without a restart; once mended, it is ready again by itself', async () => {
    const before = await service('medcor_backend2');
    const views = editing('medcor_backend2/clinics/views.py');
    views.write((code) => `${code}\ndef broken(:\n`);
    const sick = await eventually('unhealthy', async () => {
      const now = await service('medcor_backend2');
      return now.state === 'unhealthy' && now;
    });
    expect(sick.problem?.message).toContain('runs but no longer listens on 8002');
    expect((await devup(['logs', 'medcor_backend2', '-n', '60'])).stdout).toContain('SyntaxError');
    views.restore();
    const well = await eventually('ready', async () => {
      const now = await service('medcor_backend2');
      return now.state === 'ready' && now;
    });
    expect(well).toMatchObject({ verdict: 'ours', pid: before.pid, restarts: 0, problem: null });
    await expectRows();
  });

  test('stops with nothing left, and starts again without installing anything', async () => {
    expect(await devup(['stop'])).toMatchObject({ code: 0 });
    for (const [name, port] of Object.entries(PORTS)) expect(await isFree(port), name).toBe(true);
    // `python` and `python3` are the environment's now, and it must recognise itself.
    const started = await start([]);
    expect(started, started.stderr).toMatchObject({ code: 0 });
    expect((await devup(['logs', 'venv', '-n', '1'])).stdout).toContain('requirements.txt: nothing has changed');
    await expectRows();
  });

  test('the MCP server starts on demand; its tool asks medcor_backend2', async () => {
    const started = await start(['mcp']);
    expect(started, started.stderr).toMatchObject({ code: 0 });
    expect(await callTool('list_clinics', {})).toMatchObject({ structuredContent: { result: [{ slug: 'north' }, { slug: 'south' }] } });
    expect(await callTool('list_appointments', { clinic: 'north' })).toMatchObject({
      structuredContent: { result: [{ patient: 'Ada Lovelace' }, { patient: 'Alan Turing' }] },
    });
    expect(await callTool('list_appointments', { clinic: 'east' })).toMatchObject({ isError: true });
  });

  test.skipIf(lacks('nginx'))('the proxy routes each prefix to its service', async () => {
    const started = await start(['proxy']);
    expect(started, started.stderr).toMatchObject({ code: 0 });
    const proxy = 'http://localhost:8090';
    expect(JSON.parse(await text(`${proxy}/api/v1/`))).toEqual({ service: 'medcor_backend', patients: `${proxy}/api/v1/patients/` });
    expect(JSON.parse(await text(`${proxy}/api/v2/clinics/`))).toMatchObject([{ slug: 'north' }, { slug: 'south' }]);
    expect(await text(`${proxy}/`)).toContain('/@vite/client');
    expect(await service('proxy')).toMatchObject({ state: 'ready', verdict: 'ours', port: 8090 });
  });

  test.skipIf(lacks('nginx'))('the running stack agrees with the config: listeners, origins, links and routes', async () => {
    const live = await devup(['check', '--live', '--json']);
    expect(live.json()).toMatchObject({ findings: [], notes: [], checked: { services: 6 } });
    expect(live.code).toBe(0);
  });

  test("a backend that does not allow its frontend's origin is reported, and correct again after a restart", async () => {
    const file = editing('medcor_backend/.env');
    file.write((lines) => replaceOnce(lines, 'http://localhost:5000,', ''));
    expect(await devup(['restart', 'medcor_backend'])).toMatchObject({ code: 0 });
    file.restore();
    // The files agree; the running stack does not.
    expect(await devup(['check'])).toMatchObject({ code: 0 });
    const live = await devup(['check', '--live', '--json']);
    expect(live.json()).toMatchObject({
      findings: [{ code: 'D202', service: 'medcor_backend', expected: 'http://localhost:5000' }],
    });
    expect(live.code).toBe(6);
    expect(await devup(['restart', 'medcor_backend'])).toMatchObject({ code: 0 });
    expect(await devup(['check', '--live'])).toMatchObject({ code: 0 });
  });

  test('a backend started by hand, as in the guide, is ended by its port, including its reloader', async () => {
    expect(await devup(['stop', 'medcor_backend2'])).toMatchObject({ code: 0 });
    const byHand = rig.spawn([join(example, '.venv', 'bin', 'python'), 'start_server.py'], { cwd: join(example, 'medcor_backend2') });
    await eventually('its answer', async () => (await answerOf(`${NEW}/api/clinics/`))?.includes('North Clinic'));
    const killed = await devup(['kill', '8002', '--json']);
    expect(killed.json()).toMatchObject({ ports: [{ port: 8002, outcome: 'freed', holders: [] }] });
    await byHand.exited;
    expect(await isFree(8002)).toBe(true);
  });

  test('ends with every port free', async () => {
    expect(await devup(['stop'])).toMatchObject({ code: 0 });
    for (const [name, port] of Object.entries(PORTS)) expect(await isFree(port), name).toBe(true);
    expect((await devup(['status', '--json'])).json()).toMatchObject({ session: null });
  });
});

const QUERY = `import os, sys, psycopg
for row in psycopg.connect(os.environ['DATABASE_URL']).execute(sys.argv[1]): print(row)`;

function devup(args: readonly string[], timeoutMs = 60_000): Promise<Answer> {
  return rig.devup(args, { cwd: example, env: networkSettings(), timeoutMs });
}

function start(services: readonly string[]): Promise<Answer> {
  return devup(['start', '-d', ...services], INSTALL_AND_START_MS);
}

async function services(): Promise<readonly Service[]> {
  return ((await devup(['status', '--json'])).json() as { services: readonly Service[] }).services;
}

async function service(name: string): Promise<Service> {
  const found = (await services()).find((one) => one.name === name);
  if (!found) throw new Error(`no service ${name}`);
  return found;
}

async function states(): Promise<readonly string[]> {
  return (await services()).map(({ name, state, port, verdict }) => [name, state, ...(port === null ? [] : [verdict])].join(' '));
}

async function expectRows(): Promise<void> {
  expect(JSON.parse(await text(`${LEGACY}/api/patients/`))).toMatchObject({
    patients: [{ name: 'Ada Lovelace', born: '1815-12-10' }, { name: 'Grace Hopper' }, { name: 'Alan Turing' }],
  });
  expect(JSON.parse(await text(`${NEW}/api/clinics/north/appointments/`))).toMatchObject([
    { patient: 'Ada Lovelace', reason: 'Check-up' },
    { patient: 'Alan Turing', reason: 'Blood test' },
  ]);
}

async function text(url: string): Promise<string> {
  const response = await fetch(url);
  expect(response.status, url).toBe(200);
  return response.text();
}

/** Null while no server answers: a reloader takes its server down for a moment. */
async function answerOf(url: string): Promise<string | null> {
  const response = await fetch(url).catch(() => null);
  return response?.ok ? response.text() : null;
}

async function allowedOrigin(url: string, origin: string): Promise<string | null> {
  const { headers } = await fetch(url, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'GET' } });
  return headers.get('access-control-allow-origin');
}

async function callTool(name: string, args: object): Promise<unknown> {
  const response = await fetch('http://localhost:8080/mcp', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }),
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as { result: unknown }).result;
}

/** The page in a browser after its own requests were answered. */
function pageWithRows(url: string): Promise<string> {
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', `--user-data-dir=${join(rig.home, 'browser')}`];
  return eventually(`rows on ${url}`, async () => {
    const { stdout } = await promisify(execFile)('chromium', [...flags, '--virtual-time-budget=3000', '--dump-dom', url], {
      env: rig.env,
      maxBuffer: 2 ** 24,
    });
    return stdout.split('<li>').length > 6 && stdout;
  });
}

/** A file of the example, edited as a developer would. */
function editing(name: string) {
  const file = join(example, name);
  const original = readFileSync(file, 'utf8');
  return {
    write: (change: (code: string) => string) => writeFileSync(file, change(original)),
    restore: () => writeFileSync(file, original),
  };
}
