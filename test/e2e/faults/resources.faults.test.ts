/** A machine that runs out: of disk, descriptors or processes, or with a home that cannot be written. */

import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject } from 'vitest';
import { eventually } from '../../rig/eventually.ts';
import { test } from '../../rig/rig.ts';
import { Running } from '../../rig/running.ts';
import { expectCleanWorld } from '../../rig/world.ts';
import { services } from '../ports/answers.ts';
import { stackFolder, tell } from './measure.ts';
import { inNamespace, MOUNTS } from './namespace.ts';

const devup = `"${process.execPath}" "${inject('devup')}"`;

/** A path as the process sees it. */
function seenBy(pid: number, path: string): string {
  return join(`/proc/${pid}/root`, path);
}

/** Writes until the disk is full. */
function fill(file: string): void {
  const fd = openSync(file, 'w');
  try {
    for (let bytes = 64 * 1024; bytes > 0; ) {
      try {
        writeSync(fd, Buffer.alloc(bytes));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        bytes = Math.floor(bytes / 2);
      }
    }
  } finally {
    closeSync(fd);
  }
}

/** Sets how many files a process may have open (the soft limit; the hard one stays). */
function limit(pid: number, files: number): void {
  const { status, stderr } = spawnSync('prlimit', ['--pid', String(pid), `--nofile=${files}:`]);
  if (status !== 0) throw new Error(String(stderr));
}

function descriptors(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/fd`).map(Number);
}

describe.runIf(MOUNTS)('F30: a full disk', () => {
  test('F30: a full disk loses log lines but no service, is reported, and ends when there is space again', async ({ rig }) => {
    mkdirSync(join(rig.root, '.devup'));
    const web = rig.puppet('web', '--ready', 'up');
    const other = rig.puppet('other', '--ready', 'up');
    rig.config({ web: { command: web.command, ready: { log: 'up' } }, other: { command: other.command, ready: { log: 'up' } } });
    const running = inNamespace(rig, `mount -t tmpfs -o size=200k,mode=755 tmpfs .devup && exec ${devup} start --json`);
    await running.waitForOutput(/"service":"other".*"state":"ready"|"state":"ready".*"service":"other"/, 'stdout');
    const folder = seenBy(running.pid, stackFolder(rig));
    const record = readFileSync(join(folder, 'record.json'), 'utf8');
    const filler = join(seenBy(running.pid, join(rig.root, '.devup')), 'filler');
    fill(filler);
    await web.tell({ do: 'print', text: `${'lost '.repeat(40_000)}\n` });
    await running.waitForOutput(/"log-degraded"[^\n]*ENOSPC|ENOSPC[^\n]*"log-degraded"/, 'stdout');
    // The record cannot be written either: the old one stays as it was.
    expect((await rig.devup(['restart', 'other'])).code).toBe(0);
    await running.waitForOutput(/"record-degraded"/, 'stdout');
    expect(readFileSync(join(folder, 'record.json'), 'utf8')).toBe(record);
    expect(await services(rig)).toMatchObject({ web: { state: 'ready' }, other: { state: 'ready' } });
    rmSync(filler);
    await eventually('the log is written again', async () => {
      await web.tell({ do: 'print', text: 'after\n' });
      return running.stdout.includes('"log-restored"');
    });
    expect((await rig.devup(['restart', 'other'])).code).toBe(0);
    const { pid } = (await services(rig))['other'] as { pid: number };
    await eventually('the record is true again', () => readFileSync(join(folder, 'record.json'), 'utf8').includes(`"pid":${pid}`));
    expect(readFileSync(join(folder, 'logs', 'web.log'), 'utf8')).toMatch(/after\n$/);
    expect(web.journal().filter(({ event }) => event === 'signal')).toEqual([]);
    running.signal('SIGINT');
    expect((await running.exited).code).toBe(130);
    await expectCleanWorld(rig);
  });

  test('F30: a start on a full disk says so, or runs without logs', async ({ rig }) => {
    mkdirSync(join(rig.root, '.devup'));
    rig.config({ web: { command: rig.puppet('web', '--ready', 'up').command, ready: { log: 'up' } } });
    const script = `mount -t tmpfs -o size=8k,mode=755 tmpfs .devup && head -c 8k /dev/zero > .devup/filler; exec ${devup} start -d`;
    const running = inNamespace(rig, script);
    const { code } = await running.exited;
    expect(running.stderr).toMatch(/ENOSPC|no space/i);
    expect(running.stderr).not.toMatch(/bug|E470/);
    if (code === 0) expect((await rig.devup(['stop'])).code).toBe(0);
    else expect(code).toBe(1);
    await expectCleanWorld(rig);
  });

  test('F30: a stack works with a read-only home; if the runtime folder is missing too, the error names it', async ({ rig }) => {
    rig.write(
      'orchestrator.config.ts',
      `export default { services: { web: { command: ${JSON.stringify(rig.puppet('web', '--ready', 'up').command)}, ready: { log: 'up' } } } }`,
    );
    const readOnly = `mount --bind "$HOME" "$HOME" && mount -o remount,ro,bind "$HOME" && mkdir "$HOME/x" 2>/dev/null; ${devup}`;
    const home = { XDG_CACHE_HOME: join(rig.home, '.cache') };
    const running = inNamespace(rig, `${readOnly} start -d && ${devup} status && ${devup} stop`, home);
    expect(await running.exited).toMatchObject({ code: 0 });
    expect(running.stderr).not.toMatch(/EROFS/);
    const without = inNamespace(rig, `unset XDG_RUNTIME_DIR; ${readOnly} start -d`, home);
    expect(await without.exited).toMatchObject({ code: 1 });
    expect(without.stderr).toMatch(/error E406/);
    expect(without.stderr).toContain('~/.local/state/devup/run cannot be written\nwhy  it is on a read-only file system (EROFS)');
    await expectCleanWorld(rig);
  });
});

describe('F31: no more files, no more processes', () => {
  // s0 … s23: independent
  test('F31: with 64 descriptors for 24 services, devup survives, reports EMFILE, and starts the rest later', async ({ rig }) => {
    const names = Array.from({ length: 24 }, (_, i) => `s${i}`);
    rig.config(Object.fromEntries(names.map((name) => [name, { command: 'sleep 1000', dependsOn: [] }])));
    const running = new Running('sh', ['-c', `ulimit -n 64; exec ${devup} start --keep-going`], {
      cwd: rig.root,
      env: rig.env,
      detached: true,
    });
    await running.waitForOutput(/EMFILE/);
    const some = await eventually('all are decided', async () => {
      const now = await services(rig);
      return names.every((name) => ['ready', 'failed'].includes(now[name]?.state ?? '')) && now;
    });
    const failed = names.filter((name) => some[name]?.state === 'failed');
    const ready = names.filter((name) => some[name]?.state === 'ready');
    expect(failed.length).toBeGreaterThan(0);
    expect(ready.length).toBeGreaterThan(0);
    expect(running.alive).toBe(true);
    tell(`F31: ${ready.length} of 24 services run with 64 descriptors`);
    // The other commands ask and stop the session. The inherited number may be above the limit.
    expect(descriptors(running.pid).filter((descriptor) => descriptor < 64).length).toBeLessThanOrEqual(54);
    // The stopped ones make room for one that failed.
    expect((await rig.devup(['stop', ...ready.slice(0, 4)])).code).toBe(0);
    expect((await rig.devup(['start', failed[0] as string, '-d'])).code).toBe(0);
    expect((await services(rig))[failed[0] as string]).toMatchObject({ state: 'ready' });
    expect((await rig.devup(['stop'])).code).toBe(0);
    await running.exited;
    await expectCleanWorld(rig);
  });

  test('F31: a running session without free descriptors goes on, fails only what needs one, and recovers', async ({ rig }) => {
    const port = await rig.port();
    const web = rig.puppet('web', '--port', port, '--ready', 'up');
    rig.config({ web: { command: web.command, port }, task: { command: 'true', ready: { exit: 0 }, optional: true, dependsOn: [] } });
    const running = rig.start(['start'], { forFailures: true, env: { DEVUP_WATCH_MS: '100' } });
    await running.waitForOutput(/1 service ready/);
    limit(running.pid, descriptors(running.pid).length - 1);
    // Many scans of the processes and their ports.
    const start = performance.now();
    await eventually('it lives for a while', () => {
      if (!running.alive) throw new Error(running.report());
      return performance.now() - start > 1500;
    });
    expect(web.journal().filter(({ event }) => event === 'signal')).toEqual([]);
    // The session may be unable to answer now, which does not mean that nothing runs.
    const status = await rig.devup(['status']);
    expect(status.code === 0 ? status.stdout : status.stderr).toMatch(status.code === 0 ? /web .* ready/ : /^error E402/);
    limit(running.pid, 1024);
    expect((await services(rig))['web']).toMatchObject({ state: 'ready', verdict: 'ours' });
    expect((await rig.devup(['start', 'task', '-d'])).code).toBe(0);
    expect((await rig.devup(['restart', 'web'])).code).toBe(0);
    await web.waitFor('ready', 2);
    running.signal('SIGINT');
    expect((await running.exited).code).toBe(130);
    await expectCleanWorld(rig);
  });

  test('F31: if no process can be created (EAGAIN), a start fails with that reason, running services go on, and a later start works', async ({
    rig,
  }) => {
    // Root has no such limit. A separate user, since all processes of a user count together.
    const uid = process.getuid?.() === 0 ? 61_000 + (process.pid % 1000) : undefined;
    if (uid !== undefined) spawnSync('chown', ['-R', String(uid), join(rig.root, '..')]);
    const options = uid === undefined ? {} : { uid };
    rig.config({
      web: {
        command: "sh -c 'echo up; exec sleep 1000'",
        ready: { log: 'up' },
        restart: { policy: 'on-failure', backoff: { initial: '100ms' } },
      },
      task: { command: 'true', ready: { exit: 0 }, optional: true, dependsOn: [] },
      hard: { command: 'sleep 1000', stop: { command: 'true' }, dependsOn: [] },
      stay: { command: 'sleep 1000', dependsOn: [] },
    });
    const running = rig.start(['start', '--json'], options);
    await eventually('all are ready', () => running.lines.filter(({ state }) => state === 'ready').length === 3);
    const processes = (many: string) =>
      spawnSync('prlimit', ['--pid', String(running.pid), `--nproc=${many}:`], uid === undefined ? {} : { uid });
    expect(processes('1').status).toBe(0);
    const refused = await rig.devup(['start', 'task', '-d'], options);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('no process could be started to read it again (EAGAIN)');
    expect(running.alive).toBe(true);
    const { pid } = (await services(rig, options))['web'] as { pid: number };
    process.kill(pid, 'SIGKILL');
    const failed = await eventually(
      () => `web cannot be restarted\n${running.report()}`,
      async () => {
        const { web } = await services(rig, options);
        return web?.state === 'failed' && web;
      },
      8000,
    );
    expect(failed.problem).toMatchObject({ code: 'E105', why: expect.stringMatching(/EAGAIN|no more processes/) as string });
    // Its stop command cannot run either: it is ended all the same.
    expect((await rig.devup(['stop', 'hard'], options)).code).toBe(0);
    processes(String(readLimit(running.pid)));
    expect((await rig.devup(['start', 'task', '-d'], options)).code).toBe(0);
    expect((await rig.devup(['start', 'web', '-d'], options)).code).toBe(0);
    expect((await services(rig, options))['web']).toMatchObject({ state: 'ready' });
    running.signal('SIGINT');
    expect((await running.exited).code).toBe(130);
    await expectCleanWorld(rig);
  });
});

/** The hard limit of processes. */
function readLimit(pid: number): string {
  return /^Max processes +\S+ +(\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1] ?? 'unlimited';
}
