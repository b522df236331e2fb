import { describe, expect } from 'vitest';
import { eventually } from '../../rig/eventually.ts';
import { interruptUntilKilled } from '../../rig/interrupt.ts';
import { isFree } from '../../rig/ports.ts';
import type { Puppet } from '../../rig/puppets.ts';
import { type Rig, test } from '../../rig/rig.ts';

interface Status {
  readonly session: { readonly pid: number } | null;
  readonly services: readonly { readonly name: string; readonly state: string; readonly pid: number | null; readonly verdict: string }[];
}

async function status(rig: Rig): Promise<Status> {
  return (await rig.devup(['status', '--json'])).json() as Status;
}

function wasSignalled(puppet: Puppet): readonly unknown[] {
  return puppet
    .journal()
    .filter(({ event }) => event === 'signal')
    .map(({ name }) => name);
}

/** A web service that becomes ready when it is told to go. */
async function waiting(rig: Rig, service: object = {}): Promise<{ puppet: Puppet; port: number }> {
  const port = await rig.port();
  const puppet = rig.puppet('web', '--port', port, '--wait');
  rig.config({ web: { port, command: puppet.command, ...service } });
  return { puppet, port };
}

describe.concurrent('a start in the background', () => {
  test('returns when all services are ready, and `stop` ends them all', async ({ rig }) => {
    const [one, two] = [await rig.port(), await rig.port()];
    const db = rig.puppet('db', '--port', one);
    const web = rig.puppet('web', '--port', two);
    rig.config({ db: { port: one, command: db.command }, web: { port: two, command: web.command } });
    const answer = await rig.devup(['start', '-d']);
    expect(answer).toMatchObject({ code: 0, stdout: '' });
    expect(answer.stderr).toMatch(/2 services ready/);
    expect((await status(rig)).services).toMatchObject([
      { name: 'db', state: 'ready', verdict: 'ours' },
      { name: 'web', state: 'ready', verdict: 'ours' },
    ]);
    expect((await rig.devup(['stop'])).code).toBe(0);
    expect([await isFree(one), await isFree(two)]).toEqual([true, true]);
    expect((await status(rig)).session).toBe(null);
    const again = await rig.devup(['stop']);
    expect(again).toMatchObject({ code: 0, stderr: 'nothing was running\n' });
  });

  test('`up`, `ps`, `logs --tail` and `down` are what they are elsewhere', async ({ rig }) => {
    const puppet = rig.puppet('web', '--ready', 'one\ntwo\nup');
    rig.config({ web: { command: puppet.command, ready: { log: 'up' } } });
    expect(await rig.devup(['up', '-d'])).toMatchObject({ code: 0, stderr: expect.stringContaining('1 service ready') });
    expect(await rig.devup(['ps'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/web .*ready/) });
    expect(await rig.devup(['logs', '--tail', '1'])).toMatchObject({ code: 0, stdout: 'web │ up\n' });
    expect(await rig.devup(['down'])).toMatchObject({ code: 0, stderr: expect.stringContaining('stopped web') });
    expect((await status(rig)).session).toBe(null);
  });

  test('as JSON it prints the same events, and ends with done', async ({ rig }) => {
    const { puppet } = await waiting(rig);
    const running = rig.start(['start', '-d', '--json']);
    await puppet.waitFor('started');
    await puppet.tell({ do: 'go' });
    expect((await running.exited).code).toBe(0);
    expect(running.stderr).toBe('');
    expect(running.lines).toContainEqual(expect.objectContaining({ type: 'state', service: 'web', state: 'ready' }));
    expect(running.lines.at(-1)).toMatchObject({ type: 'done', ok: true, exitCode: 0 });
    await rig.devup(['stop']);
  });

  for (const [what, service, code, text] of [
    ['exits', { command: ['sh', '-c', 'echo why; exit 3'], ready: { log: 'never' } }, 7, /error E101: web exited with code 3.*│ why/s],
    ['is not ready in time', { command: 'sleep 1000', ready: { log: 'never', timeout: '300ms' } }, 5, /error E104: web/],
    ['has no program', { command: 'no-such-program-here' }, 7, /error E102: web cannot start/],
  ] as const) {
    // db ◀ web
    test(`says the same as in the foreground when a service ${what}, exits ${code} and leaves nothing`, async ({ rig }) => {
      const db = rig.puppet('db', '--ready', 'up');
      rig.config({ db: { command: db.command, ready: { log: 'up' } }, web: service });
      const [detached, foreground] = [await rig.devup(['start', '-d']), await rig.devup(['start'])];
      expect([detached.code, foreground.code]).toEqual([code, code]);
      expect(detached.stderr).toMatch(text);
      const error = (stderr: string) => stderr.slice(stderr.indexOf('error E')).replaceAll(/pid \d+/g, 'pid n');
      expect(error(detached.stderr)).toBe(error(foreground.stderr));
      expect((await status(rig)).session).toBe(null);
      expect(wasSignalled(db)).toEqual(['SIGTERM', 'SIGTERM']);
    });
  }

  test('exits with 4 if a port may not be freed, and starts nothing', async ({ rig }) => {
    const port = await rig.port();
    await rig.squat({ how: 'listen', port });
    const db = rig.puppet('db');
    rig.config({ db: { command: db.command }, web: { port, command: 'sleep 1000', onConflict: 'fail' } });
    const answer = await rig.devup(['start', '-d']);
    expect(answer.code).toBe(4);
    expect(answer.stderr).toMatch(/error E201/);
    expect(db.journal()).toEqual([]);
  });

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    test(`${signal} to the launcher undoes the start`, async ({ rig }) => {
      const { puppet } = await waiting(rig);
      const running = rig.start(['start', '-d']);
      await puppet.waitFor('started');
      running.signal(signal);
      expect((await running.exited).code).toBe(code);
      expect((await status(rig)).session).toBe(null);
      expect(wasSignalled(puppet)).toEqual(['SIGTERM']);
    });
  }

  test('a second interrupt kills services that do not end', async ({ rig }) => {
    const port = await rig.port();
    const puppet = rig.puppet('web', '--port', port, '--wait', '--ignore', 'SIGTERM');
    rig.config({ web: { port, command: puppet.command, stop: { timeout: '5m' } } });
    const running = rig.start(['start', '-d']);
    await puppet.waitFor('started');
    running.signal('SIGINT');
    await puppet.waitFor('signal');
    await interruptUntilKilled([puppet], () => running.signal('SIGINT'));
    expect((await running.exited).code).toBe(130);
    expect((await status(rig)).session).toBe(null);
  });

  test('the death of the launcher undoes the start, too', async ({ rig }) => {
    const { puppet } = await waiting(rig);
    const running = rig.start(['start', '-d']);
    await puppet.waitFor('started');
    running.signal('SIGKILL');
    await running.exited;
    await puppet.waitFor('signal');
    await eventually('the session is over', async () => (await status(rig)).session === null);
  });

  test('of two simultaneous foreground starts, one runs the session and the other follows it', async ({ rig }) => {
    const port = await rig.port();
    const web = rig.puppet('web', '--port', port, '--ready', 'up');
    rig.config({ web: { port, command: web.command } });
    const both = [rig.start(['start']), rig.start(['start'])];
    await Promise.all(both.map((one) => one.waitForOutput(/1 service ready|following the logs/)));
    const { session } = await status(rig);
    const owner = both.find(({ pid }) => pid === session?.pid);
    const follower = both.find((one) => one !== owner);
    expect(owner).toBeDefined();
    await web.tell({ do: 'print', text: 'hello both\n' });
    await Promise.all(both.map((one) => one.waitForOutput(/web │ hello both/)));
    owner?.signal('SIGINT');
    expect((await owner?.exited)?.code).toBe(130);
    expect((await follower?.exited)?.code).toBe(0);
    expect(web.journal().filter(({ event }) => event === 'started').length).toBe(1);
  });

  test('a start while the old session ends waits for that, and begins a new one', async ({ rig }) => {
    const port = await rig.port();
    const web = rig.puppet('web', '--port', port, '--ignore', 'SIGTERM');
    rig.config({ web: { port, command: web.command, stop: { timeout: '700ms' } } });
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    const stopping = rig.start(['stop']);
    await web.waitFor('signal');
    expect(await rig.devup(['start', '-d'])).toMatchObject({ code: 0, stderr: expect.stringMatching(/is ending[\s\S]*1 service ready/) });
    expect((await stopping.exited).code).toBe(0);
    expect((await status(rig)).services).toMatchObject([{ state: 'ready' }]);
    await rig.devup(['stop']);
  });

  test('services get the environment of the command that began the session, also after a restart from another shell', async ({ rig }) => {
    rig.config({ web: { command: ['sh', '-c', 'echo "who=$WHO"; exec sleep 1000'], ready: { log: 'who=' } } });
    await rig.devup(['start', '-d'], { env: { WHO: 'first' } });
    expect((await rig.devup(['restart', 'web'], { env: { WHO: 'second' } })).code).toBe(0);
    expect((await rig.devup(['logs', '--no-prefix'])).stdout).toBe('who=first\nwho=first\n');
    await rig.devup(['stop']);
  });
});
