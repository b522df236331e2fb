/** How services end: in which order, by which signal or command, and that nothing is left of them. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { processRow } from '../../../scripts/world.mjs';
import { eventually } from '../../rig/eventually.ts';
import { isFree } from '../../rig/ports.ts';
import { test } from '../../rig/rig.ts';
import { python } from '../../rig/terminal.ts';
import { recordOf } from '../faults/session.ts';
import { node, tell, up } from './stack.ts';

const STAYS = { command: ['sleep', '1000'] };
const alive = (pid: number) => processRow(pid) !== null;

describe.concurrent('stopping', () => {
  // db ◀ api ◀ web
  test('`stop x` stops only x and names its dependents; --with-dependents stops them first', async ({ rig }) => {
    rig.config({ db: STAYS, api: STAYS, web: STAYS });
    const stack = up(rig);
    await stack.until('web', 'ready');
    const only = await stack.devup('stop', 'api');
    expect(only.code).toBe(0);
    expect(only.stdout + only.stderr).toContain('web');
    expect(stack.history('stopped')).toEqual(['api stopped']);
    expect((await stack.devup('start', '-d')).code).toBe(0);
    expect((await stack.devup('stop', 'db', '--with-dependents')).code).toBe(0);
    await stack.running.exited;
    expect(stack.history('stopped')).toEqual(['api stopped', 'web stopped', 'api stopped', 'db stopped']);
  });

  // a ◀ b: b takes its time
  test('no service is stopped before its dependents are gone, and its port is free when the stop returns', async ({ rig }) => {
    const [a, b] = [await rig.port(), await rig.port()];
    const first = rig.puppet('a', '--port', a);
    const second = rig.puppet('b', '--port', b, '--ignore', 'SIGTERM');
    rig.config({ a: { port: a, command: first.command }, b: { port: b, command: second.command, stop: { timeout: '600ms' } } });
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    const stopped = await rig.devup(['stop']);
    expect(stopped.code).toBe(0);
    expect(await isFree(a)).toBe(true);
    expect(await isFree(b)).toBe(true);
    expect(first.journal().filter(({ event }) => event === 'signal')).toHaveLength(1);
  });

  test('F12: what carries the marker of a service that was stopped before is ended with the session', async ({ rig }) => {
    rig.config({ a: STAYS, b: { ...STAYS, dependsOn: [] } });
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    expect((await rig.devup(['stop', 'b'])).code).toBe(0);
    const { stackId, session } = recordOf(rig);
    const helper = rig.spawn(['sleep', '1000'], { env: { DEVUP_RUN: `${stackId}:${session}:b` } });
    expect((await rig.devup(['stop'])).code).toBe(0);
    expect(alive(helper.pid)).toBe(false);
  });

  test('F9: a service gets its own stop signal once; one that ignores it is killed after its time and reported', async ({ rig }) => {
    const [a, b] = [await rig.port(), await rig.port()];
    const asked = rig.puppet('asked', '--port', a);
    const stubborn = rig.puppet('stubborn', '--port', b, '--ignore', 'SIGTERM');
    rig.config({
      asked: { port: a, command: asked.command, stop: { signal: 'SIGINT' }, dependsOn: [] },
      stubborn: { port: b, command: stubborn.command, stop: { timeout: '300ms' }, dependsOn: [] },
    });
    const stack = up(rig);
    await stack.until('asked', 'ready');
    await stack.until('stubborn', 'ready');
    await stack.stop();
    expect(asked.journal().filter(({ event }) => event === 'signal')).toMatchObject([{ name: 'SIGINT' }]);
    const forced = stack.events().filter(({ type, service }) => type === 'notice' && service === 'stubborn');
    expect(JSON.stringify(forced)).toContain('forced');
  });

  test('F9: a stop that takes long names the services that it waits for', async ({ rig }) => {
    const slow = rig.puppet('slow', '--ignore', 'SIGTERM', '--ready', 'up');
    rig.config({ slow: { command: slow.command, ready: { log: 'up' }, stop: { timeout: '5m' } } });
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    const stopping = rig.start(['stop']);
    await stopping.waitForOutput(/^· waiting for slow to end \([\d.]+ s\)$/m, 'stderr');
    await slow.tell({ do: 'exit', code: 0 });
    expect((await stopping.exited).code).toBe(0);
    expect(stopping.stderr).not.toMatch(/killed/);
  });

  test('F9: a stop names what it had to kill, as a restart does', async ({ rig }) => {
    const [one, other] = ['one', 'other'].map((name) => rig.puppet(name, '--ignore', 'SIGTERM', '--ready', 'up'));
    const service = (puppet: typeof one) => ({ command: puppet?.command, ready: { log: 'up' }, stop: { timeout: '200ms' }, dependsOn: [] });
    rig.config({ one: service(one), other: service(other) });
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    const killed = (name: string) =>
      new RegExp(`^! warning: killed processes of ${name} that did not end in time: node \\(pid \\d+\\)$`, 'm');
    expect(await rig.devup(['stop', 'one'])).toMatchObject({ code: 0, stderr: expect.stringMatching(killed('one')) });
    expect(await rig.devup(['stop'])).toMatchObject({ code: 0, stderr: expect.stringMatching(killed('other')) });
  });

  test('F11: a server behind npm and a shell ends with them', async ({ rig }) => {
    const port = await rig.port();
    const web = rig.puppet('web', '--port', port);
    rig.write('package.json', {
      name: 'app',
      private: true,
      scripts: { dev: `true && ${web.command.map((word) => `'${word}'`).join(' ')}` },
    });
    rig.config({ web: { port, command: 'npm run dev' } });
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    const { pid } = await web.waitFor('listening');
    expect((await rig.devup(['stop'])).code).toBe(0);
    expect(alive(pid)).toBe(false);
    expect(await isFree(port)).toBe(true);
  });

  test('F10, F12: a stop ends a stopped process, a grandchild in its own session, and an orphan', async ({ rig }) => {
    const frozen = rig.puppet('frozen');
    const family = rig.puppet('family', '--child', 'setsid', '--child', 'setsid+orphan', '--child', 'setsid+orphan+stubborn');
    rig.config({
      frozen: { ...{ command: frozen.command }, dependsOn: [] },
      family: { command: family.command, stop: { timeout: '1s' }, ready: { log: 'never', timeout: '60s' }, dependsOn: [] },
    });
    const stack = up(rig);
    await stack.until('frozen', 'ready');
    const { pid } = await frozen.waitFor('ready');
    await family.waitFor('ready', 4);
    process.kill(pid, 'SIGSTOP');
    await stack.stop();
    expect([...frozen.pids(), ...family.pids()].filter(alive)).toEqual([]);
    // It was continued, so that it could handle its signal.
    expect(frozen.journal().filter(({ event }) => event === 'signal')).toMatchObject([{ name: 'SIGTERM' }]);
  });

  test('F12, F13: a helper without environment or parent is found by the port that it inherited', async ({ rig }) => {
    const port = await rig.port();
    const program = `
import os, socket, subprocess, time
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('127.0.0.1', ${port})); s.listen(); s.set_inheritable(True)
subprocess.Popen(['/bin/sh', '-c', 'setsid sleep 1000 & echo helper $!'], env={}, close_fds=False).wait()
time.sleep(1000)`;
    rig.config({ web: { port, command: [python(), '-c', program] } });
    const stack = up(rig);
    await stack.until('web', 'ready');
    const { text } = await stack.untilEvent('the helper', (event) => event.text?.includes('helper') === true);
    const helper = Number(/helper (\d+)/.exec(text ?? '')?.[1]);
    rig.remember(helper);
    await eventually('the helper', () => alive(helper));
    await stack.stop();
    expect(alive(helper)).toBe(false);
    expect(await isFree(port)).toBe(true);
  });

  test('F13: a process that is older than the service and was handed its socket lives, and the stop names it', async ({ rig }) => {
    const port = await rig.port();
    const keeper = rig.spawn([
      python(),
      '-c',
      `
import socket, time
server = socket.socket(socket.AF_UNIX); server.bind('hand.sock'); server.listen(); print('up', flush=True)
_, handed, _, _ = socket.recv_fds(server.accept()[0], 1, 1); print('has', len(handed), flush=True)
time.sleep(1000)`,
    ]);
    await keeper.waitForOutput(/up/, 'stdout');
    const program = `
import socket, time
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('127.0.0.1', ${port})); s.listen()
to = socket.socket(socket.AF_UNIX); to.connect('hand.sock'); socket.send_fds(to, [b'x'], [s.fileno()])
time.sleep(1000)`;
    rig.config({ web: { port, command: [python(), '-c', program] } });
    const stack = up(rig);
    await stack.until('web', 'ready');
    await keeper.waitForOutput(/has 1/, 'stdout');
    const stop = await stack.devup('stop');
    expect(alive(keeper.pid)).toBe(true);
    expect(stop.code).toBe(1);
    expect(stop.stderr).toContain(`pid ${keeper.pid}`);
    keeper.signal('SIGKILL');
    await keeper.exited;
    await stack.running.exited;
    rmSync(join(rig.root, 'hand.sock'));
  });

  test('a stop command replaces the signal; if it hangs or fails, the service is ended as usual', async ({ rig }) => {
    const ports = [await rig.port(), await rig.port(), await rig.port()];
    const puppets = ['good', 'hangs', 'fails'].map((name, i) => rig.puppet(name, '--port', ports[i] as number));
    const by = (i: number, command: unknown) => ({
      port: ports[i],
      command: puppets[i]?.command,
      stop: { command, timeout: '800ms' },
      dependsOn: [],
    });
    rig.config({
      good: by(0, 'test "$DEVUP_SERVICE" = good && kill -s KILL $(cat good.pid)'),
      hangs: by(1, 'sleep 1000'),
      fails: by(2, 'echo cannot; exit 3'),
    });
    const stack = up(rig);
    for (const name of ['good', 'hangs', 'fails']) await stack.until(name, 'ready');
    rig.write('good.pid', String((await stack.status())['good']?.pid));
    await stack.stop();
    expect(puppets[0]?.journal().filter(({ event }) => event === 'signal')).toEqual([]);
    for (const puppet of puppets.slice(1))
      expect(puppet.journal().filter(({ event }) => event === 'signal')).toMatchObject([{ name: 'SIGTERM' }]);
    const told = stack.events().filter(({ type }) => type === 'notice');
    expect(JSON.stringify(told.filter(({ service }) => service === 'hangs'))).toContain('E113');
    expect(JSON.stringify(told.filter(({ service }) => service === 'fails'))).toContain('cannot');
  });

  // a ◀ b ◀ c: c never becomes ready
  test('a failed start stops what it started, and leaves what ran before', async ({ rig }) => {
    const port = await rig.port();
    const before = rig.puppet('before', '--port', port);
    rig.config({
      before: { port, command: before.command },
      b: STAYS,
      c: { command: node(`setTimeout(() => process.exit(5), 50)`), ready: { log: 'never' } },
    });
    const stack = up(rig, ['before']);
    await stack.until('before', 'ready');
    expect((await stack.devup('start', '-d')).code).toBe(7);
    const now = await stack.status();
    expect(now['before']?.state).toBe('ready');
    expect(now['b']?.state).toBe('stopped');
    expect(['stopped', 'failed']).toContain(now['c']?.state);
    expect(stack.states('before').filter((state) => state === 'starting')).toHaveLength(1);
    await stack.stop();
  });

  test('a stop ends a service that is becoming ready, and the waiting start reports it', async ({ rig }) => {
    const web = rig.puppet('web', '--wait');
    rig.config({ keeper: { ...STAYS, dependsOn: [] }, web: { command: web.command, ready: { log: 'never' }, dependsOn: [] } });
    const stack = up(rig, ['keeper']);
    await stack.until('keeper', 'ready');
    const starting = rig.start(['start', '-d', 'web']);
    await stack.until('web', 'starting');
    await tell(web, { do: 'print', text: 'hello\n' });
    expect((await stack.devup('stop', 'web')).code).toBe(0);
    const exit = await starting.exited;
    expect(exit.code).toBe(1);
    expect(starting.stderr).toContain('E115');
    expect(web.pids().filter(alive)).toEqual([]);
    await stack.stop();
  });
});
