import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { eventually } from '../rig/eventually.ts';
import { isFree, reservePort } from '../rig/ports.ts';
import { Rig, test } from '../rig/rig.ts';

describe('the rig of the end-to-end tests', () => {
  test('a puppet listens, answers, takes orders, and is ended with the test', async ({ rig }) => {
    const port = await rig.port();
    const puppet = rig.puppet('web', '--port', port, '--ready', 'up', '--ignore', 'SIGTERM');
    const running = rig.spawn(puppet.command);
    await running.waitForOutput(/^up$/m);
    expect((await fetch(`http://localhost:${port}/`)).status).toBe(200);
    await puppet.tell({ do: 'status', status: 503 });
    expect((await fetch(`http://localhost:${port}/`)).status).toBe(503);
    running.signal('SIGTERM');
    expect(await puppet.waitFor('signal')).toMatchObject({ name: 'SIGTERM', ignored: true });
    await puppet.tell({ do: 'exit', code: 7 });
    expect(await running.exited).toEqual({ code: 7, signal: null });
  });

  test('a process has ended when all its output is here, which may be after its exit', async ({ rig }) => {
    const running = rig.spawn(['sh', '-c', 'mkfifo go; { read _ <go; rm go; echo late; } &']);
    const late = running.waitForOutput(/late/);
    await eventually('the exit', () => !running.alive);
    expect(running.ended).toBe(null);
    writeFileSync(join(rig.root, 'go'), '\n');
    await late;
    expect(await running.exited).toEqual({ code: 0, signal: null });
    expect(running.ended).toEqual({ code: 0, signal: null });
  });

  for (const how of ['listen', 'bind', 'prefork', 'reuseport', 'daemon'] as const) {
    test(`a squatter holds its port (${how})`, async ({ rig }) => {
      const port = await rig.port();
      const squatter = await rig.squat({ how, port, name: 'a) "b\n,pid=1' });
      expect(squatter.pids.length).toBe(how === 'prefork' ? 3 : how === 'reuseport' ? 2 : 1);
      expect(await isFree(port)).toBe(false);
    });
  }

  test('a port in TIME_WAIT has no holder', async ({ rig }) => {
    const squatter = await rig.squat({ how: 'time-wait', port: await rig.port() });
    expect(squatter.pids).toEqual([]);
    expect(await squatter.process.exited).toMatchObject({ code: 0 });
  });

  for (const how of ['plain', 'setsid', 'orphan', 'setsid+orphan+bare+stubborn']) {
    test(`an escaped grandchild is found and fails the test (${how})`, async () => {
      const rig = new Rig();
      const puppet = rig.puppet('parent', '--child', how);
      // Started as devup would start it, not as one of the rig's.
      const parent = spawn(puppet.command[0], puppet.command.slice(1), { env: rig.env, stdio: 'ignore' });
      await puppet.waitFor('ready', 2);
      parent.kill('SIGKILL');
      await expect(rig.close()).rejects.toThrow(/left behind:\npid \d+/);
    });
  }

  test('a port that a killed run had reserved can be reserved again', async ({ rig }) => {
    const port = await reservePort();
    const reservation = join(tmpdir(), `devup-test-ports-${userInfo().uid}`, String(port));
    const killed = rig.spawn([process.execPath, '-e', '']);
    await killed.exited;
    writeFileSync(reservation, `${killed.pid} some-run`);
    expect(await rig.port([port])).toBe(port);
    await expect(reservePort([port])).rejects.toThrow(`none of the ports ${port} is free`);
  });

  test('a port that stays held fails the test', async () => {
    const rig = new Rig();
    const port = await rig.port();
    const server = (await import('node:net')).createServer().listen(port);
    await expect(rig.close()).rejects.toThrow(`port ${port} is still held`);
    server.close();
  });

  test('a command at a terminal gets keys, the window size and a hang-up', async ({ rig }) => {
    const { Terminal } = await import('../rig/terminal.ts');
    const script = `const { stdout } = process; console.log(stdout.isTTY + ' ' + stdout.columns);
      stdout.on('resize', () => console.log('now ' + stdout.columns));
      process.on('SIGINT', () => console.log('interrupted')); process.stdin.resume()`;
    const terminal = new Terminal([process.execPath, '-e', script], { rows: 30, columns: 77 }, { cwd: rig.root, env: rig.env });
    await terminal.waitForOutput(/true 77/);
    terminal.resize({ rows: 30, columns: 99 });
    await terminal.waitForOutput(/now 99/);
    terminal.keys('\x03');
    await terminal.waitForOutput(/interrupted/);
    terminal.hangUp();
    expect((await terminal.exited).code).toBe(129);
  });
});
