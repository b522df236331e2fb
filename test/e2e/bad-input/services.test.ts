import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Rig } from '../../rig/rig.ts';
import { test } from '../../rig/rig.ts';
import type { Running } from '../../rig/running.ts';
import { printedError } from './printed-error.ts';

interface State {
  readonly type: string;
  readonly state?: string;
  readonly problem?: { readonly code: string; readonly message: string } | null;
}

test('a start of only optional services says so and ends, instead of waiting for nothing', async ({ rig }) => {
  rig.config({ extra: { command: 'sleep 1000', optional: true }, tools: { command: 'sleep 1000', profiles: ['tools'] } });
  for (const args of [['start'], ['start', '-d'], ['start', '--dry-run'], ['run', '--', 'true']]) {
    expect(printedError(await rig.devup(args))).toMatchObject({
      exitCode: 2,
      code: 'E001',
      what: 'nothing to start: every service is optional',
      fix: 'did you mean devup start extra?',
    });
  }
  expect((await rig.devup(['status', '--json'])).json()).toMatchObject({ session: null });
});

describe('a service that does not start', () => {
  test('because its command is not found: the error names the command and each searched folder once', async ({ rig }) => {
    mkdirSync(join(rig.root, 'node_modules/.bin'), { recursive: true });
    rig.config({ web: { command: 'devup-no-such-program --port 1', port: await rig.port() } });
    // Files in a folder that devup may not enter are unknown, and so not blamed. Root may enter all.
    mkdirSync(join(rig.root, 'locked'), { mode: 0o600 });
    const PATH = `${join(rig.root, 'locked')}:${rig.env['PATH']}:${rig.env['PATH']}`;
    const [foreground, detached] = [await rig.devup(['start'], { env: { PATH } }), await rig.devup(['start', '-d'], { env: { PATH } })];
    for (const answer of [printedError(foreground), printedError(detached)]) {
      expect(answer).toMatchObject({ exitCode: 7, code: 'E102', what: 'web cannot start: devup-no-such-program was not found' });
      expect(answer.details[0]).toBe(join(rig.root, 'node_modules/.bin'));
      expect(answer.details).toContain('/usr/bin');
      expect(new Set(answer.details).size).toBe(answer.details.length);
    }
  });

  test('because its command is not executable or its folder is missing: the error says which', async ({ rig }) => {
    const file = rig.write('serve.sh', '#!/bin/sh\n');
    rig.config({ web: { command: './serve.sh' } });
    expect(printedError(await rig.devup(['start', '-d']))).toMatchObject({
      exitCode: 7,
      code: 'E105',
      why: expect.stringContaining('EACCES'),
      fix: `make it executable: chmod +x ${file}`,
    });
    rig.config({ web: { command: 'true', cwd: 'not/there' } });
    expect(printedError(await rig.devup(['start', '-d']))).toMatchObject({
      exitCode: 7,
      code: 'E103',
      why: expect.stringContaining(join(rig.root, 'not/there')),
    });
    rig.config({ web: { command: 'true', cwd: 'serve.sh' } });
    expect(printedError(await rig.devup(['start', '-d']))).toMatchObject({ exitCode: 7, code: 'E103', why: expect.stringContaining(file) });
  });

  // api ← web
  test('because it exits: the error has its code and last 20 lines, and devup stops the services started before it', async ({ rig }) => {
    const api = rig.puppet('api', '--port', await rig.port());
    const script = 'for (let i = 1; i <= 30; i++) console.log("line " + i); console.error("no database"); process.exitCode = 3';
    const web = { command: [process.execPath, '-e', script], port: await rig.port() };
    rig.config({ api: { command: api.command, port: Number(api.command.at(-1)) }, web });
    const answer = printedError(await rig.devup(['start', '-d']));
    expect(answer).toMatchObject({ exitCode: 7, code: 'E101', what: 'web exited with code 3 before it was ready' });
    const shown = answer.details.map((line) => line.replace('│ ', ''));
    expect(shown).toHaveLength(20);
    expect(shown).toContain('no database');
    expect(shown).toContain('line 30');
    expect(shown).not.toContain('line 10');
    expect(await api.waitFor('signal')).toMatchObject({ name: 'SIGTERM' });
    expect((await rig.devup(['logs', 'web', '--no-prefix'])).stdout).toContain('line 1\n');
  });

  test('because of a signal, or an unknown word in its command line: the error says so', async ({ rig }) => {
    rig.config({ web: { command: 'kill -SEGV $$', port: await rig.port() } });
    expect(printedError(await rig.devup(['start', '-d']))).toMatchObject({
      exitCode: 7,
      code: 'E101',
      what: 'web was ended by SIGSEGV before it was ready',
    });
    rig.config({ web: { command: 'true && devup-no-such-program', port: await rig.port() } });
    expect(printedError(await rig.devup(['start', '-d']))).toMatchObject({
      exitCode: 7,
      code: 'E101',
      why: 'a program in its command line was not found',
    });
  });

  test('in time: the error says where it listens, that it listens nowhere, or what it answered', async ({ rig }) => {
    const [wanted, other, silent, answering] = [await rig.port(), await rig.port(), await rig.port(), await rig.port()];
    const ready = { timeout: '1500ms' };
    rig.config({
      moved: { command: rig.puppet('moved', '--port', other).command, port: wanted, ready: { port: true, ...ready } },
      silent: { command: rig.puppet('silent').command, port: silent, ready: { port: true, ...ready }, dependsOn: [] },
      broken: {
        command: rig.puppet('broken', '--port', answering, '--status', 503).command,
        port: answering,
        ready: { http: '/health', ...ready },
        dependsOn: [],
      },
    });
    const moved = printedError(await rig.devup(['start', '-d', 'moved']));
    expect(moved).toMatchObject({ exitCode: 5, code: 'E104', what: 'moved did not become ready in 1.5 s' });
    expect(moved.why).toMatch(new RegExp(`^it runs \\(pid \\d+\\) but listens on ${other}, not ${wanted}$`));
    expect(moved.fix).toContain(`PORT=${wanted}`);
    expect(printedError(await rig.devup(['start', '-d', 'silent'])).why).toMatch(new RegExp(`but does not listen on ${silent}$`));
    expect(printedError(await rig.devup(['start', '-d', 'broken'])).why).toMatch(/but http:\/\/localhost:\d+\/health failed: status 503$/);
  });

  test('as JSON: an error object, and a last line with the outcome', async ({ rig }) => {
    rig.config({ web: { command: 'exit 4', port: await rig.port() } });
    const start = rig.start(['start', '-d', '--json']);
    expect((await start.exited).code).toBe(7);
    expect(start.lines.at(-2)).toMatchObject({
      schemaVersion: 1,
      error: { code: 'E101', service: 'web', exitCode: 4, fix: 'devup logs web' },
    });
    expect(start.lines.at(-1)).toMatchObject({ type: 'done', ok: false, exitCode: 7 });
    expect(start.stderr).toBe('');
  });
});

/** Like Django's `runserver`: the parent watches, the child serves, and dies of a syntax error until the file is mended. */
const RELOADER = `
  import { spawn } from 'node:child_process';
  import { watch } from 'node:fs';
  let child;
  const run = () => { child = spawn(process.execPath, ['child.mjs'], { stdio: 'inherit' }); };
  watch('child.mjs', () => { child.kill(); child.once('exit', run); if (child.exitCode !== null) run(); });
  process.on('SIGTERM', () => { child.kill(); process.exit(0); });
  run();
`;
const CHILD =
  "import { createServer } from 'node:http';\ncreateServer((_, answer) => answer.end('ok')).listen(Number(process.env.PORT));\n";

test('a reloader whose child dies of a syntax error is unhealthy, is not restarted, and is ready again by itself', async ({ rig }) => {
  const port = await rig.port();
  rig.write('reload.mjs', RELOADER);
  rig.write('child.mjs', CHILD);
  rig.config({ web: { command: 'node reload.mjs', port } });
  const running = rig.start(['start', '--json']);
  await state(running, 'ready');
  rig.write('child.mjs', `${CHILD}this is no JavaScript\n`);
  await state(running, 'unhealthy');
  const { services } = (await rig.devup(['status', '--json'])).json() as { services: readonly object[] };
  expect(services).toMatchObject([
    {
      name: 'web',
      state: 'unhealthy',
      restarts: 0,
      verdict: 'free',
      problem: { code: 'E107', message: `web runs but no longer listens on ${port}` },
    },
  ]);
  rig.write('child.mjs', CHILD);
  await running.waitForOutput(/"state":"unhealthy"[\s\S]*"state":"ready"/, 'stdout');
  running.signal('SIGINT');
  expect((await running.exited).code).toBe(130);
  const restarted = (running.lines as unknown as readonly State[]).filter((line) => line.state === 'starting');
  expect(restarted).toHaveLength(1);
});

async function state(running: Running, wanted: string): Promise<void> {
  await running.waitForOutput(new RegExp(`"state":"${wanted}"`), 'stdout');
}

/** One service that starts in this folder, whatever its name. */
async function startsIn(rig: Rig, name: string, through = name): Promise<void> {
  const port = await rig.port();
  const folder = join(rig.root, name);
  mkdirSync(join(folder, '.git'), { recursive: true });
  if (through !== name) symlinkSync(folder, join(rig.root, through));
  const cwd = join(rig.root, through);
  const script = 'require("http").createServer((_, a) => a.end("ok")).listen(process.env.PORT); console.log("in " + process.cwd())';
  rig.write(join(name, 'serve me.cjs'), script);
  rig.write(join(name, 'orchestrator.config.json'), { services: { web: { command: "node 'serve me.cjs'", port } } });
  const start = await rig.devup(['start', '-d'], { cwd });
  expect({ name, code: start.code, stderr: start.stderr }).toMatchObject({ name, code: 0 });
  const status = (await rig.devup(['status', '--json'], { cwd })).json();
  expect(status).toMatchObject({ services: [{ name: 'web', state: 'ready', verdict: 'ours' }] });
  expect((await rig.devup(['logs', '--no-prefix'], { cwd: folder })).stdout).toContain('in /');
  // The real path makes it the same stack.
  expect((await rig.devup(['stop'], { cwd: folder })).code).toBe(0);
}

describe('a project starts, reports and stops in a folder named', () => {
  test.for([['my project'], ['-it\'s "$(touch injected)`id`;$HOME #{x} %s'], ['プロジェクト é ✔ of two\nlines']])(
    'F38: %j',
    async ([name], { rig }) => {
      await startsIn(rig, name as string);
    },
  );

  test('F38: a project reached through a symlink works', async ({ rig }) => {
    await startsIn(rig, 'real place', 'link');
  });
});
