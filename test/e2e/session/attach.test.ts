import { describe, expect } from 'vitest';
import { test } from '../../rig/rig.ts';
import { CTRL_C } from '../../rig/terminal.ts';

describe.concurrent('a start while the stack runs', () => {
  // a, b, c, d: independent of each other
  test('says who runs it since when, starts what is missing, and lists changed and removed services with the command to type', async ({
    rig,
  }) => {
    const service = (text: string) => ({ command: ['sh', '-c', `echo ${text}; exec sleep 1000`], dependsOn: [] });
    rig.config({ a: service('a'), b: service('b'), c: service('c') });
    const session = rig.start(['start']);
    await session.waitForOutput(/3 services ready/);
    expect((await rig.devup(['stop', 'a'])).code).toBe(0);
    rig.config({ a: service('a'), b: service('other'), d: service('d') });
    const answer = await rig.devup(['start', '-d']);
    expect(answer.code).toBe(0);
    expect(answer.stderr).toMatch(new RegExp(`is already running \\(pid ${session.pid}, for [\\d.]+ m?s\\)`));
    expect(answer.stderr).toMatch(/b runs with an older config. Type: devup restart b/);
    expect(answer.stderr).toMatch(/c is no longer in the config, but still runs. Type: devup stop c/);
    expect(answer.stderr).toMatch(/started a, d/);
    expect((await rig.devup(['restart', 'b'])).code).toBe(0);
    expect((await rig.devup(['stop', 'c'])).code).toBe(0);
    const again = await rig.devup(['start', '-d', '--exit-on-failure']);
    expect(again.stderr).toMatch(/--exit-on-failure .* changes nothing/);
    expect(again.stderr).not.toMatch(/Type:/);
    expect(again.stderr).toMatch(/nothing was missing/);
    expect((await rig.devup(['logs', 'b', '--no-prefix'])).stdout).toBe('b\nother\n');
    expect((await rig.devup(['stop'])).code).toBe(0);
    expect((await session.exited).code).toBe(0);
  });

  test('in the foreground it follows the logs, and Ctrl-C only leaves them', async ({ rig }) => {
    const web = rig.puppet('web', '--ready', 'up');
    rig.config({ web: { command: web.command, ready: { log: 'up' } } });
    await rig.devup(['start', '-d']);
    const terminal = rig.terminal(['start']);
    await terminal.waitForOutput(/following the logs of 1 service/);
    await web.tell({ do: 'print', text: 'hello\n' });
    await terminal.waitForOutput(/│ .*hello/);
    terminal.keys(CTRL_C);
    expect((await terminal.exited).code).toBe(0);
    expect((await rig.devup(['status'])).code).toBe(0);
    expect(web.journal().filter(({ event }) => event === 'signal')).toEqual([]);
    await rig.devup(['stop']);
  });

  // web, other: independent of each other
  for (const json of [false, true]) {
    test(`with names it follows only these and their dependencies${json ? ', also as JSON' : ''}`, async ({ rig }) => {
      const [web, other] = [rig.puppet('web', '--ready', 'up'), rig.puppet('other', '--ready', 'up')];
      const service = ({ command }: typeof web) => ({ command, ready: { log: 'up' }, dependsOn: [] });
      rig.config({ web: service(web), other: service(other) });
      await rig.devup(['start', '-d']);
      await rig.devup(['stop', 'web']);
      const following = rig.start(['start', 'web', ...(json ? ['--json'] : [])]);
      await following.waitForOutput(json ? /"state":"ready"/ : /following the logs of 1 service/);
      // Events come in order: had it been shown, it would stand before `web`'s line.
      await other.tell({ do: 'print', text: 'from other\n' });
      await web.tell({ do: 'print', text: 'from web\n' });
      await following.waitForOutput(/from web/);
      expect(following.stdout).not.toMatch(/from other/);
      following.signal('SIGINT');
      await following.exited;
      await rig.devup(['stop']);
    });
  }

  test('Ctrl-C before all is ready leaves the start to the session', async ({ rig }) => {
    const web = rig.puppet('web', '--wait', '--ready', 'up');
    rig.config({ web: { command: web.command, ready: { log: 'up' } } });
    const session = rig.start(['start']);
    await web.waitFor('started');
    const terminal = rig.terminal(['start', '-d']);
    await terminal.waitForOutput(/is already running/);
    terminal.keys(CTRL_C);
    expect((await terminal.exited).code).toBe(130);
    expect(terminal.stdout).toMatch(/detached; the start continues/);
    await web.tell({ do: 'go' });
    await session.waitForOutput(/1 service ready/);
    session.signal('SIGINT');
    await session.exited;
  });

  test('exits as the session does when its last service fails, and 1 when the session is killed', async ({ rig }) => {
    const web = rig.puppet('web', '--ready', 'up');
    rig.config({ web: { command: web.command, ready: { log: 'up' }, restart: 'no' } });
    const follow = async (session: readonly string[]) => {
      const begun = rig.start(session);
      await (session.includes('-d') ? begun.exited : begun.waitForOutput(/1 service ready/));
      const following = rig.start(['start']);
      await following.waitForOutput(/following the logs of 1 service/);
      return { begun, following };
    };
    const failed = await follow(['start']);
    await web.tell({ do: 'exit', code: 3 });
    for (const { exited } of [failed.begun, failed.following]) expect((await exited).code).toBe(7);
    expect(failed.following.stderr).toMatch(/error E101: web/);
    const lost = await follow(['start', '-d']);
    const { session } = (await rig.devup(['status', '--json'])).json() as unknown as { session: { pid: number } };
    process.kill(session.pid, 'SIGKILL');
    expect((await lost.following.exited).code).toBe(1);
    expect(lost.following.stderr.match(/error E410/g)).toHaveLength(1);
    // Binds the socket of the killed session, and removes it.
    for (const args of [['start', '-d'], ['stop']]) expect(await rig.devup(args)).toMatchObject({ code: 0 });
  });

  test('exits 0 when the session is stopped from another terminal', async ({ rig }) => {
    rig.config({ web: { command: 'sleep 1000' } });
    await rig.devup(['start', '-d']);
    const following = rig.start(['start']);
    await following.waitForOutput(/following the logs of 1 service/);
    expect((await rig.devup(['stop'])).code).toBe(0);
    expect((await following.exited).code).toBe(0);
  });

  // db ◀ web ◀ extra
  test('`start x` starts x and its dependencies, `stop x` stops only x and names its dependents', async ({ rig }) => {
    const names = ['db', 'web', 'extra'];
    rig.config(Object.fromEntries(names.map((name) => [name, { command: 'sleep 1000' }])));
    const states = async () =>
      ((await rig.devup(['status', '--json'])).json() as { services: { state: string }[] }).services.map(({ state }) => state);
    expect((await rig.devup(['start', 'web', '-d'])).code).toBe(0);
    expect(await states()).toEqual(['ready', 'ready', 'stopped']);
    const stopped = await rig.devup(['stop', 'db']);
    expect(stopped).toMatchObject({ code: 0 });
    expect(stopped.stderr).toMatch(/stopped db\n.*web/);
    expect(await states()).toEqual(['stopped', 'ready', 'stopped']);
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    expect(await states()).toEqual(['ready', 'ready', 'ready']);
    expect((await rig.devup(['stop', 'db', '--with-dependents'])).code).toBe(0);
    expect((await rig.devup(['status', '--json'])).json()).toMatchObject({ session: null });
    const wrong = await rig.devup(['start', 'wbe', '-d']);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toMatch(/error E002: .*wbe[\s\S]*did you mean web/);
  });

  test('a failed start undoes only what it started', async ({ rig }) => {
    rig.config({ a: { command: 'sleep 1000' }, bad: { command: 'false', ready: { log: 'never' }, optional: true } });
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    const answer = await rig.devup(['start', 'bad', '-d']);
    expect(answer.code).toBe(7);
    expect(answer.stderr).toMatch(/error E101: bad/);
    expect((await rig.devup(['status', '--json'])).json()).toMatchObject({ services: [{ state: 'ready' }, {}] });
    await rig.devup(['stop']);
  });

  test('`stop` from another terminal ends a foreground session with exit code 0', async ({ rig }) => {
    rig.config({ a: { command: 'sleep 1000' } });
    const terminal = rig.terminal(['start']);
    await terminal.waitForOutput(/1 service ready/);
    expect((await rig.devup(['stop'])).code).toBe(0);
    expect((await terminal.exited).code).toBe(0);
  });
});
