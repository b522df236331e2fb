import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, watch, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type LaunchOptions, launch } from '../../../src/control/launch.ts';

let folder: string;
let puppet: string;
let work: string;
let notes: string;
let log: string;
/** Supervisors that outlive their launcher by design. */
const left = new Set<number>();

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'la-'));
  puppet = path.join(folder, 'puppet.mjs');
  await build({
    entryPoints: [path.join(import.meta.dirname, 'launch-puppet.ts')],
    outfile: puppet,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  work = mkdtempSync(path.join(folder, 'w-'));
  notes = path.join(work, 'notes');
  writeFileSync(notes, '');
  log = path.join(work, 'state', 'supervisor.log');
});
afterEach(() => {
  for (const pid of left) process.kill(pid, 'SIGKILL');
  left.clear();
});

/** Resolves when the puppet has noted it. */
function noted(text: string | RegExp): Promise<string> {
  const matches = () =>
    readFileSync(notes, 'utf8')
      .split('\n')
      .find((line) => (typeof text === 'string' ? line === text : text.test(line)));
  return new Promise((resolve) => {
    const look = () => {
      const line = matches();
      if (line === undefined) return;
      watcher.close();
      resolve(line);
    };
    const watcher = watch(notes, look);
    look();
  });
}

/** Gone, or a zombie that its parent has not yet waited for. */
function alive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z /s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return false;
  }
}

const options = (mode: string, more: Partial<LaunchOptions> = {}): LaunchOptions => ({
  execPath: process.execPath,
  bin: puppet,
  argv: [mode, notes],
  cwd: work,
  env: process.env,
  log,
  onLine: () => {},
  signal: new AbortController().signal,
  ...more,
});

describe.skipIf(process.platform !== 'linux')('a detached start', () => {
  test('passes every line on, ends with the exit code of `done`, and the supervisor stays in a session of its own', async () => {
    const lines: string[] = [];
    expect(await launch(options('ready', { onLine: (line) => lines.push(line) }))).toEqual({ ok: true, value: { exitCode: 0 } });
    expect(lines.map((line) => JSON.parse(line).type)).toEqual(['state', 'done']);
    expect(JSON.parse(lines[0] as string).service).toBe('ä');
    const pid = Number((await noted(/^pid /)).slice(4));
    left.add(pid);
    expect(alive(pid)).toBe(true);
    const [, , pgid, sid] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    expect([pgid, sid]).toEqual([String(pid), String(pid)]);
    expect(readFileSync(notes, 'utf8')).not.toContain('gone');
  });

  // Those threads and the exit of Node 24 and newer may wait for each other for ever (nodejs/node#54918).
  test('lets no thread of V8 make code', async () => {
    await launch(options('ready'));
    left.add(Number((await noted(/^pid /)).slice(4)));
    const told = await noted(/^maglev /);
    expect(told).toMatch(/^maglev false, /);
    if (Number.parseInt(process.versions.node, 10) >= 24) expect(told).toContain(' --no-concurrent-sparkplug ');
  });

  test('lets its launcher exit at once, while the supervisor stays', async () => {
    const launcher = spawn(process.execPath, [puppet, 'launcher', notes, log, 'ready'], { stdio: ['ignore', 'ignore', 'inherit'] });
    expect(await new Promise((resolve) => launcher.once('exit', resolve))).toBe(0);
    const pid = Number((await noted(/^pid /)).slice(4));
    left.add(pid);
    expect(alive(pid)).toBe(true);
  });

  test('that failed ends only when its supervisor has ended', async () => {
    let told: () => void = () => {};
    const done = new Promise<void>((resolve) => (told = resolve));
    let over = false;
    const launching = launch(options('fails', { onLine: told })).finally(() => (over = true));
    await done;
    const pid = Number((await noted(/^pid /)).slice(4));
    for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect([over, alive(pid)]).toEqual([false, true]);
    process.kill(pid, 'SIGTERM');
    expect(await launching).toEqual({ ok: true, value: { exitCode: 3 } });
    expect(alive(pid)).toBe(false);
  });

  test('that ends without `done` fails with the output of this supervisor only', async () => {
    const failure = { code: 'E408', kind: 'launch-failed', log, lastLines: ['no such thing', 'as a config'] };
    expect(await launch(options('dies'))).toEqual({ ok: false, failure });
    expect(await launch(options('dies'))).toEqual({ ok: false, failure });
    expect(statSync(log).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(log)).mode & 0o777).toBe(0o700);
  });

  test('starts a new log when the old one exceeds 1 MiB', async () => {
    await launch(options('dies'));
    writeFileSync(log, 'x'.repeat(1024 * 1024 + 1));
    await launch(options('dies'));
    expect(readFileSync(log, 'utf8')).toBe('no such thing\nas a config\n');
  });

  test('that cannot be spawned is an error', async () => {
    expect(await launch(options('ready', { execPath: path.join(work, 'nowhere') }))).toMatchObject({
      ok: false,
      failure: { code: 'E408', lastLines: [expect.stringContaining('ENOENT')] },
    });
  });

  test('whose log cannot be written starts nothing', async () => {
    writeFileSync(path.dirname(log), '');
    expect(await launch(options('ready'))).toMatchObject({
      ok: false,
      failure: { code: 'E406', errno: expect.stringMatching(/ENOTDIR|EEXIST/) },
    });
    expect(readFileSync(notes, 'utf8')).toBe('');
  });

  test('that is interrupted is undone before the end is reported', async () => {
    const interrupt = new AbortController();
    let pid = 0;
    const onLine = (line: string) => {
      pid ||= JSON.parse(line).pid;
      if (!interrupt.signal.aborted) interrupt.abort('SIGINT');
    };
    expect(await launch(options('starting', { onLine, signal: interrupt.signal }))).toEqual({ ok: true, value: { exitCode: 143 } });
    expect(alive(pid)).toBe(false);
    expect(readFileSync(notes, 'utf8')).toBe('undone\n');
  });

  test('that is interrupted once more ends at once', async () => {
    const interrupt = new AbortController();
    const urgent = new AbortController();
    const launching = launch(
      options('stubborn', { onLine: () => interrupt.abort('SIGINT'), signal: interrupt.signal, urgent: urgent.signal }),
    );
    await noted('ignored');
    urgent.abort();
    expect(await launching).toEqual({ ok: false, failure: { code: 'E115', kind: 'start-cancelled', by: 'SIGINT' } });
  });

  test('notifies the supervisor if its launcher is killed before `done`', async () => {
    const launcher: ChildProcessByStdio<null, Readable, null> = spawn(process.execPath, [puppet, 'launcher', notes, log, 'starting'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const first = await new Promise<string>((resolve) => launcher.stdout.once('data', (chunk) => resolve(String(chunk))));
    left.add(JSON.parse(first).pid);
    launcher.kill('SIGKILL');
    await noted('gone');
    left.clear();
  });
});
