/** Tools that are missing, lie or hang; a log whose file was removed; commands and clients that never end. */

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, inject } from 'vitest';
import { eventually } from '../../rig/eventually.ts';
import { type Rig, test } from '../../rig/rig.ts';
import { expectCleanWorld } from '../../rig/world.ts';
import { isAlive, kill, services } from '../ports/answers.ts';
import { logFile, nth, peakMiB, supervisorPid, tell } from './measure.ts';
import { inNamespace, MOUNTS } from './namespace.ts';

const devup = `"${process.execPath}" "${inject('devup')}"`;

/** A folder for PATH with only these: links to the system's tools, and scripts written by the test. */
function toolbox(rig: Rig, links: readonly string[], written: Readonly<Record<string, string>> = {}): string {
  const folder = join(rig.root, 'toolbox');
  mkdirSync(folder);
  for (const link of links) symlinkSync(link, join(folder, link.split('/').at(-1) as string));
  for (const [name, script] of Object.entries(written)) {
    writeFileSync(join(folder, name), script);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/** devup's main uses, on one service and a squatter: start, status, kill, restart, stop. */
async function worksFromStartToStop(rig: Rig, env: Readonly<Record<string, string>>): Promise<void> {
  const [port, other] = [await rig.port(), await rig.port()];
  const web = rig.puppet('web', '--port', port, '--child', 'setsid');
  const { pids } = await rig.squat({ how: 'listen', port });
  rig.config({ web: { command: web.command, port } });
  expect(await rig.devup(['start', '-d'], { env })).toMatchObject({ code: 0 });
  expect(pids.filter(isAlive)).toEqual([]);
  expect((await services(rig, { env }))['web']).toMatchObject({ state: 'ready', verdict: 'ours' });
  const squatter = await rig.squat({ how: 'listen', port: other });
  expect((await kill(rig, [other], { env })).first).toMatchObject({ outcome: 'freed', killed: [{ pid: squatter.pids[0] }] });
  expect(await rig.devup(['restart', 'web'], { env })).toMatchObject({ code: 0 });
  expect(await rig.devup(['stop'], { env })).toMatchObject({ code: 0 });
  expect(web.pids().filter(isAlive)).toEqual([]);
  await expectCleanWorld(rig);
}

describe('F32: tools', () => {
  test('F32: everything works without ps, lsof, ss, grep and mkfifo on PATH', async ({ rig }) => {
    await worksFromStartToStop(rig, { PATH: toolbox(rig, [process.execPath]) });
  });

  test('F32: a ps, lsof, ss or kill on PATH that hangs or lies is never called', async ({ rig }) => {
    const script = `#!/bin/sh\necho "$0" >> "${rig.root}/asked"\ncase $0 in */lsof|*/ps) exec sleep 1000 ;; *) echo 1 ;; esac\n`;
    const names = ['ps', 'lsof', 'ss', 'netstat', 'fuser', 'pgrep', 'pkill', 'kill', 'grep', 'docker'];
    const fake = toolbox(rig, [], Object.fromEntries(names.map((name) => [name, script])));
    const began = performance.now();
    await worksFromStartToStop(rig, { PATH: `${fake}:${rig.env['PATH']}` });
    expect(spawnSync('cat', [join(rig.root, 'asked')]).stdout.toString()).toBe('');
    expect(performance.now() - began).toBeLessThan(30_000);
  });

  test.runIf(MOUNTS)(
    'F32: without grep, the guard still ends the process groups of a killed session; the next command finds the rest',
    async ({ rig }) => {
      const web = rig.puppet('web', '--child', 'setsid', '--ready', 'up');
      rig.config({ web: { command: web.command, ready: { log: 'up' } } });
      rig.write('empty', '');
      const hidden = ['/bin/grep', '/usr/bin/grep'].map((grep) => `if [ -e ${grep} ]; then mount --bind empty ${grep}; fi`).join('; ');
      const running = inNamespace(rig, `${hidden}; exec ${devup} start`);
      await running.waitForOutput(/1 service ready/);
      const main = (await services(rig))['web']?.pid as number;
      const grandchild = web.pids().filter((pid) => pid !== main);
      expect(grandchild.length).toBeGreaterThan(0);
      running.signal('SIGKILL');
      await running.exited;
      await eventually('the group is ended', () => !isAlive(main));
      // In another session and without a readable marker it is a leftover, which the next command ends.
      expect((await rig.devup(['stop'])).code).toBe(0);
      expect(web.pids().filter(isAlive)).toEqual([]);
      rmSync(join(rig.root, '.devup'), { recursive: true });
      rmSync(rig.env['XDG_RUNTIME_DIR'] as string, { recursive: true });
      await expectCleanWorld(rig);
    },
  );
});

describe('F32: the file of a log', () => {
  test('F32: a symlink or folder in place of the log is neither followed nor written to; the service goes on, and later so does its log', async ({
    rig,
  }) => {
    const target = rig.write('precious', 'mine');
    const web = rig.puppet('web', '--ready', 'up');
    rig.config({ web: { command: web.command, ready: { log: 'up' } } });
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    expect((await rig.devup(['stop'])).code).toBe(0);
    const file = logFile(rig, 'web');
    for (const inItsPlace of ['link', 'folder'] as const) {
      rmSync(file, { force: true });
      if (inItsPlace === 'link') symlinkSync(target, file);
      else mkdirSync(file);
      const running = rig.start(['start']);
      await running.waitForOutput(/1 service ready/);
      await running.waitForOutput(
        inItsPlace === 'link' ? /cannot be written \(.*ELOOP|symbolic link/i : /cannot be written \(.*(EISDIR|folder)/i,
        'stderr',
      );
      await web.tell({ do: 'print', text: 'meanwhile\n' });
      await running.waitForOutput(/meanwhile/, 'stdout');
      expect((await rig.devup(['logs'])).stderr).not.toMatch(/E470| at /);
      if (inItsPlace === 'link') rmSync(file);
      else rmdirSync(file);
      await eventually('the log is written again', async () => {
        await web.tell({ do: 'print', text: 'again\n' });
        return /can be written again/.test(running.stderr);
      });
      expect(readFileSync(file, 'utf8')).toMatch(/^again\n/);
      running.signal('SIGINT');
      expect((await running.exited).code).toBe(130);
    }
    expect(readFileSync(target, 'utf8')).toBe('mine');
    await expectCleanWorld(rig);
  });

  test('F32: a log that is removed or replaced by a folder while it is written is created again', async ({ rig }) => {
    const web = rig.puppet('web', '--ready', 'up');
    rig.config({ web: { command: web.command, ready: { log: 'up' } } });
    const running = rig.start(['start']);
    await running.waitForOutput(/1 service ready/);
    const file = logFile(rig, 'web');
    const again = async (text: string) =>
      eventually(`${text} in the log`, async () => {
        await web.tell({ do: 'print', text: `${text}\n` });
        return spawnSync('cat', [file]).stdout.toString().includes(text);
      });
    renameSync(file, join(rig.root, 'taken'));
    await again('after the move');
    rmSync(file);
    mkdirSync(file);
    await eventually('it is told', async () => {
      await web.tell({ do: 'print', text: 'lost\n' });
      return /cannot be written/.test(running.stderr);
    });
    rmdirSync(file);
    await again('after the folder');
    running.signal('SIGINT');
    expect((await running.exited).code).toBe(130);
    await expectCleanWorld(rig);
  });
});

describe('F32: what never ends', () => {
  test('F32: a stop command that hangs is ended in time, with the service and all its processes', async ({ rig }) => {
    const port = await rig.port();
    const web = rig.puppet('web', '--port', port);
    const hang = rig.puppet('hang', '--child', 'plain', '--ignore', 'SIGTERM');
    rig.config({ web: { command: web.command, port, stop: { command: hang.command, timeout: '500ms' } } });
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    const began = performance.now();
    expect((await rig.devup(['stop'])).code).toBe(0);
    expect(performance.now() - began).toBeLessThan(5500);
    expect([...web.pids(), ...hang.pids()].filter(isAlive)).toEqual([]);
    await expectCleanWorld(rig);
  });

  test('F32: clients that stop reading or never finish a request delay neither service nor session', async ({ rig }) => {
    const bytes = 50_000_000;
    rig.write(
      'burst.mjs',
      `
      import { appendFileSync, writeSync } from 'node:fs';
      const chunk = Buffer.from(('x'.repeat(99) + '\\n').repeat(10_000));
      const print = (bytes) => { for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at); };
      process.on('SIGUSR2', () => {
        const began = performance.now();
        for (let left = ${bytes}; left > 0; left -= chunk.length) print(chunk);
        appendFileSync('bursts', JSON.stringify({ ms: performance.now() - began }) + '\\n');
      });
      setInterval(() => 0, 1e9);
      print(Buffer.from('up\\n'));
    `,
    );
    rig.config({ web: { command: 'node burst.mjs', ready: { log: 'up' } } });
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    const supervisor = await supervisorPid(rig);
    const { pid } = (await services(rig))['web'] as { pid: number };
    let bursts = 0;
    const burst = async () => {
      process.kill(pid, 'SIGUSR2');
      return (await nth(rig, 'bursts', ++bursts))['ms'] as number;
    };
    await burst();
    const alone = await burst();
    const socket = join(rig.env['XDG_RUNTIME_DIR'] as string, 'devup', stackOf(rig));
    const clients: Socket[] = [];
    const open = (request: string) => {
      const client = connect(socket).on('error', () => undefined);
      client.write(request);
      client.pause();
      clients.push(client);
    };
    for (let i = 0; i < 20; i++) {
      open('GET /v1/events?since=0 HTTP/1.1\r\nHost: x\r\n\r\n');
      open('GET /v1/services/web/logs HTTP/1.1\r\nHost: x\r\n\r\n');
      open('POST /v1/stop HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nContent-Type: application/json\r\n\r\n{');
      open('GET /v1/sess');
    }
    // The answers are being written to them during the first of these.
    await burst();
    // Other programs delay some bursts; the clients would delay each of them.
    let beside = await burst();
    for (let more = 0; more < 5 && beside >= 2 * alone + 1000; more++) beside = Math.min(beside, await burst());
    const asked = performance.now();
    expect((await services(rig))['web']).toMatchObject({ state: 'ready', pid });
    const answered = performance.now() - asked;
    tell(
      `F32: 50 MB in ${Math.round(alone)} ms alone, in ${Math.round(beside)} ms beside 80 clients that do not read; status in ${Math.round(answered)} ms; peak ${Math.round(peakMiB(supervisor))} MiB`,
    );
    expect(beside).toBeLessThan(2 * alone + 1000);
    expect(peakMiB(supervisor)).toBeLessThan(200);
    const began = performance.now();
    expect((await rig.devup(['stop'])).code).toBe(0);
    expect(performance.now() - began).toBeLessThan(5000);
    for (const client of clients) client.destroy();
    await expectCleanWorld(rig);
  });
});

function stackOf(rig: Rig): string {
  return logFile(rig, 'x').split('/').at(-3) as string;
}
