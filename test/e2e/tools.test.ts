/** The commands that only report, as people and scripts run them. Nothing is started. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { eventually } from '../rig/eventually.ts';
import { MEDCOR_STACK, UNIFIED_HEALTH_MENDED } from '../rig/real-stacks.ts';
import { type Rig, test } from '../rig/rig.ts';

/** postgres ─▶ migrate ─▶ backend ─▶ frontend, and an optional mcp after frontend. */
function medcor(rig: Rig): void {
  rig.config(
    {
      postgres: { command: 'node db.js', port: 5432, category: 'database' },
      migrate: { command: 'node migrate.js', ready: { exit: 0 } },
      backend: { command: 'node server.js', port: 8000, envFile: '.env', env: { QUOTED: 'it is "here"' }, links: { Admin: '/admin/' } },
      frontend: { command: 'node vite.js', port: 5000, category: 'frontend', links: { App: '/', Docs: '/docs/' } },
      mcp: { command: 'node mcp.js', port: 8080, optional: true },
    },
    { ranges: { frontend: { ports: '5000-5099', purpose: 'Frontends' } }, routes: { '/api/': 'backend', '/': 'frontend' } },
  );
  rig.write('.env', 'SECRET=from-file\nSHARED=file\n');
}

test('a code is explained without a config, in lower case too; an unknown one is a usage error', async ({ rig }) => {
  const known = await rig.devup(['explain', 'e104']);
  expect(known).toMatchObject({ code: 0, stderr: '' });
  expect(known.stdout).toMatch(/^E104 {2}exit code 5\n\nThe service runs, but/);
  expect((await rig.devup(['explain', 'D102', '--json'])).json()).toMatchObject({ schemaVersion: 1, code: 'D102', exitCode: 6 });
  expect((await rig.devup(['explain'])).stdout).toMatch(/\nE470 +70 /);
  const unknown = await rig.devup(['explain', 'E999']);
  expect(unknown).toMatchObject({ code: 2, stdout: '' });
  expect((await rig.devup(['explain', 'e1044'])).stderr).toContain('did you mean devup explain E104?');
});

test('the graph of a stack is drawn as a tree, as mermaid and as data', async ({ rig }) => {
  medcor(rig);
  const tree = await rig.devup(['graph']);
  expect(tree).toMatchObject({ code: 0, stderr: '' });
  expect(tree.stdout).toMatch(/\n5 +└─ mcp +8080 +frontend ready +optional\n$/);
  expect((await rig.devup(['graph', '--format=mermaid'])).stdout).toMatch(/^flowchart LR\n/);
  expect((await rig.devup(['graph', 'backend', '--json'])).json()).toMatchObject({ waves: [['postgres'], ['migrate'], ['backend']] });
  expect(await rig.devup(['graph', 'bakend'])).toMatchObject({ code: 2 });
  expect(await rig.devup(['graph', '--format=png'])).toMatchObject({ code: 2 });
});

test('env prints what devup, the config and its files set, and sh can read it', async ({ rig }) => {
  medcor(rig);
  const outer = { SHARED: 'shell', OTHER: 'inherited' };
  const answer = await rig.devup(['env', 'backend'], { env: outer });
  expect(answer.code).toBe(0);
  expect(answer.stdout).not.toContain('OTHER');
  const script = `${answer.stdout}printf '%s|' "$PORT" "$SECRET" "$SHARED" "$QUOTED" "$DEVUP_SERVICE"`;
  expect(execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' })).toBe('8000|from-file|shell|it is "here"|backend|');
  const all = await rig.devup(['env', 'backend', '--all', '--json'], { env: outer });
  expect(all.json()).toMatchObject({ service: 'backend', env: { OTHER: 'inherited', PORT: '8000' } });
});

test('the document is written between its markers, is up to date then, and drift is exit 6', async ({ rig }) => {
  medcor(rig);
  expect(await rig.devup(['docs', '--check'])).toMatchObject({ code: 6, stdout: '' });
  expect(await rig.devup(['docs'])).toMatchObject({ code: 0, stdout: 'PORTS.md was written\n', stderr: '' });
  expect(readFileSync(join(rig.root, 'PORTS.md'), 'utf8')).toBe((await rig.devup(['docs', '--stdout'])).stdout);
  expect(await rig.devup(['docs', '--check'])).toMatchObject({ code: 0, stdout: 'PORTS.md is up to date\n' });
  expect(await rig.devup(['check'])).toMatchObject({ code: 0 });
});

test('the documents of two platforms are recreated byte for byte, and check finds nothing in them', async ({ rig }) => {
  for (const config of [MEDCOR_STACK, UNIFIED_HEALTH_MENDED]) {
    rig.write('orchestrator.config.json', JSON.stringify(config));
    const file = join(rig.root, 'PORTS.md');
    expect(await rig.devup(['docs'])).toMatchObject({ code: 0, stdout: 'PORTS.md was written\n' });
    const text = readFileSync(file, 'utf8');
    const services: readonly object[] = Object.values(config.services);
    for (const one of services) expect(text).toContain('port' in one ? String(one.port) : 'N/A');
    rmSync(file);
    expect(await rig.devup(['docs', '--check'])).toMatchObject({ code: 6 });
    expect(await rig.devup(['docs'])).toMatchObject({ code: 0 });
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(await rig.devup(['docs', '--check'])).toMatchObject({ code: 0 });
    expect((await rig.devup(['check', '--json'])).json()).toMatchObject({ findings: [], notes: [] });
    rmSync(file);
  }
});

test('a document is the same in every shell', async ({ rig }) => {
  rig.config({ a: { command: 'serve ${env.DATA} ${env.MODE:-fast}', cwd: '.', port: 8000 } });
  const here = await rig.devup(['docs', '--stdout'], { env: { DATA: '/home/me/secret', MODE: 'slow' } });
  expect(here.stdout).toContain('- **a** (8000): `serve $DATA fast`');
  expect(here.stdout).not.toContain('secret');
});

test('a hand-written document keeps every byte outside the markers', async ({ rig }) => {
  medcor(rig);
  const file = rig.write(
    'docs/services.md',
    '\uFEFF# Ours\r\n\r\n<!-- devup:ports -->\r\n| old |\r\n<!-- /devup:ports -->\r\n  after, no line end',
  );
  const answer = await rig.devup(['docs', '--json']);
  expect(answer.json()).toEqual({ schemaVersion: 1, file: 'docs/services.md', changed: true, written: true });
  const text = readFileSync(file, 'utf8');
  expect(text.startsWith('\uFEFF# Ours\r\n\r\n<!-- devup:ports -->\r\n## Ports of rig\r\n')).toBe(true);
  expect(text.endsWith('\r\n<!-- /devup:ports -->\r\n  after, no line end')).toBe(true);
  rig.write('other.md', '<!-- devup:ports -->\n');
  const several = await rig.devup(['docs']);
  expect(several.code).toBe(2);
  expect(several.stderr).toContain('docs/services.md and in other.md');
  expect((await rig.devup(['docs', '--file', 'other.md'])).stderr).toContain('has no <!-- /devup:ports -->');
});

test('a document is not written into a read-only file', async ({ rig }) => {
  medcor(rig);
  rig.write('docs/read-only.md', '# Ours\n');
  chmodSync(join(rig.root, 'docs/read-only.md'), 0o444);
  symlinkSync('nowhere.md', join(rig.root, 'docs/dead.md'));
  execFileSync('mkfifo', [join(rig.root, 'docs/pipe')]);
  for (const [file, code, said] of [
    ['docs', 2, 'docs cannot be read as text'],
    ['docs/pipe', 2, 'docs/pipe cannot be read as text'],
    ['none/x.md', 2, 'the folder of none/x.md does not exist'],
    ['docs/read-only.md', 1, 'error E504: docs/read-only.md could not be written'],
    ['docs/dead.md', 1, 'error E504: docs/dead.md could not be written'],
  ] as const) {
    const answer = await rig.devup(['docs', '--file', file]);
    expect([answer.code, answer.stderr]).toEqual([code, expect.stringContaining(said)]);
  }
  rmSync(join(rig.root, 'docs/pipe'));
});

interface Report {
  readonly ok: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly health: string;
    readonly text: string;
    readonly details: readonly string[];
  }[];
}

test('the doctor reports on machine and stack, shows no values, and exits 1 when the config is wrong', async ({ rig }) => {
  medcor(rig);
  const env = { DEVUP_ON_CONFLICT: 'fail', NODE_PATH: 'secret-value' };
  const well = await rig.devup(['doctor'], { env });
  expect(well).toMatchObject({ code: 0, stderr: '' });
  expect(well.stdout).toMatch(/✔ node +v\d+/);
  expect(well.stdout).toMatch(/✔ config +\S+orchestrator\.config\.json: 5 services \(1 optional\), 4 ports\n/);
  expect(well.stdout).toMatch(/✔ session +not running\n/);
  expect(well.stdout).toMatch(/✔ environment +.*DEVUP_ON_CONFLICT=… .*NODE_PATH=…/);
  expect(well.stdout).not.toContain('secret-value');
  rig.config({ web: { command: 'x', prot: 'secret-value' } });
  const ill = await rig.devup(['doctor', '--json'], { env });
  expect(ill.code).toBe(1);
  expect(ill.stdout).not.toContain('secret-value');
  const { ok, checks } = ill.json() as Report;
  expect(ok).toBe(false);
  expect(checks.filter(({ health }) => health === 'problem')).toMatchObject([
    { name: 'config', details: [expect.stringContaining('services.web.prot')] },
  ]);
});

test('a missing tool is a problem for the doctor, a missing config is not', async ({ rig }) => {
  expect((await rig.devup(['doctor'])).code).toBe(0);
  const bare = await rig.devup(['doctor'], { env: { PATH: '/nowhere' } });
  expect(bare.code).toBe(1);
  expect(bare.stdout).toMatch(/✖ tools +sh, grep missing/);
});

function checksOf(answer: { json(): unknown }): Readonly<Record<string, Report['checks'][number]>> {
  return Object.fromEntries((answer.json() as Report).checks.map((check) => [check.name, check]));
}

test('the doctor names holders of declared ports, and leftovers of an earlier session', async ({ rig }) => {
  const [port, blocked] = [await rig.port(), 6000];
  rig.config({ web: { command: 'node web.js', port }, sip: { command: 'node sip.js', port: blocked, optional: true } });
  const squatter = await rig.squat({ how: 'listen', port });
  const { id } = (await rig.devup(['status', '--json'])).json() as { readonly id: string };
  const before = await rig.devup(['doctor', '--json']);
  expect(before.code).toBe(0);
  expect(checksOf(before)).toMatchObject({
    holders: { health: 'note', details: [expect.stringMatching(new RegExp(`^${port} of web is held by .*pid ${squatter.pids[0]}`))] },
    ports: { health: 'note', details: [expect.stringMatching(/^6000 of sip: browsers refuse to open it/)] },
    leftovers: { health: 'ok' },
    disk: { text: expect.stringMatching(/ free$/) },
  });
  const left = rig.spawn([process.execPath, '-e', 'process.stdin.resume(); console.log(1)'], { env: { DEVUP_RUN: `${id}:gone:web` } });
  await eventually('the leftover did not start', () => left.stdout || null);
  const after = await rig.devup(['doctor', '--json']);
  expect(after.code).toBe(1);
  expect(checksOf(after)['leftovers']).toMatchObject({ health: 'problem', details: [`node (pid ${left.pid}) of web`], fix: 'devup stop' });
});

test('the doctor does not report services of an unresponsive session as leftovers', async ({ rig }) => {
  rig.config({ web: { command: rig.puppet('web').command } });
  expect((await rig.devup(['start', '-d'])).code).toBe(0);
  const { session } = (await rig.devup(['status', '--json'])).json() as { readonly session: { readonly pid: number } };
  process.kill(session.pid, 'SIGSTOP');
  const answer = await rig.devup(['doctor', '--json']);
  process.kill(session.pid, 'SIGCONT');
  expect(answer.code).toBe(1);
  const checks = checksOf(answer);
  expect(checks['session']).toMatchObject({ health: 'problem', text: expect.stringMatching(/^E402 /) });
  expect(checks['leftovers']).toMatchObject({ health: 'note', details: [] });
  expect((await rig.devup(['stop'])).code).toBe(0);
});

test('an unresponsive container engine is a problem for the doctor only if a service is in a container', async ({ rig }) => {
  const port = await rig.port();
  const docker = rig.write('bin/docker', '#!/bin/sh\n[ -e "$HOME/up" ] && echo 27.0.1\n');
  chmodSync(docker, 0o755);
  // Hides any engine of this machine.
  const env = { PATH: join(rig.root, 'bin') };
  const engine = async () => checksOf(await rig.devup(['doctor', '--json'], { env }))['containers'];
  expect(await engine()).toMatchObject({ health: 'note', text: 'docker installed, but no engine answers' });
  rig.config({ db: { command: 'docker compose up db', port, listener: { container: 'db' }, stop: { command: 'docker compose stop db' } } });
  expect(await engine()).toMatchObject({ health: 'problem', text: expect.stringMatching(/no engine answers; needed by db$/) });
  writeFileSync(join(rig.home, 'up'), '');
  expect(await engine()).toMatchObject({ health: 'ok', text: 'docker 27.0.1' });
});

test('open prints the address into a pipe, and suggests the right link for an unknown one', async ({ rig }) => {
  medcor(rig);
  expect(await rig.devup(['open'])).toMatchObject({ code: 0, stdout: 'http://localhost:5000\n', stderr: '' });
  expect((await rig.devup(['open', 'backend:admin'])).stdout).toBe('http://localhost:8000/admin/\n');
  expect((await rig.devup(['open', 'frontend:docs', '--json'])).json()).toEqual({ schemaVersion: 1, url: 'http://localhost:5000/docs/' });
  const wrong = await rig.devup(['open', 'backend:Amdin']);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('did you mean devup open backend:Admin?');
  expect(await rig.devup(['open', 'migrate'])).toMatchObject({ code: 2 });
  expect((await rig.devup(['open', 'bakend'])).stderr).toContain('did you mean backend?');
});

test("at a terminal, open passes the address to the desktop's opener as one argument, without a shell", async ({ rig }) => {
  const url = 'http://localhost:8000/?a=1&b=$(id);\'"';
  rig.config({ backend: { command: 'node server.js', port: 8000, links: { Odd: url } } });
  const opener = rig.write('bin/xdg-open', `#!/bin/sh\n[ "$DEVUP_RUN" = '' ] && printf '%s' "$#" "$1" > "${rig.root}/opened"\n`);
  chmodSync(opener, 0o755);
  const env = { DISPLAY: ':0', DEVUP_RUN: 'x', PATH: `${join(rig.root, 'bin')}:${rig.env['PATH']}` };
  const terminal = rig.terminal(['open', 'backend:odd'], { env, columns: 200 });
  expect(await terminal.exited).toMatchObject({ code: 0 });
  expect(terminal.stdout).toContain('http://localhost:8000/?a=1');
  expect(await eventually('the opener was not run', () => opened(rig))).toBe(`1${url}`);
  const printed = rig.terminal(['open', '--print'], { env });
  await printed.exited;
  expect(printed.stdout).toContain('http://localhost:8000');
});

function opened(rig: Rig): string | null {
  const file = join(rig.root, 'opened');
  return existsSync(file) ? readFileSync(file, 'utf8') || null : null;
}
