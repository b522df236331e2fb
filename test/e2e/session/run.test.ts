import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Puppet } from '../../rig/puppets.ts';
import { type Rig, test } from '../../rig/rig.ts';
import { CTRL_C } from '../../rig/terminal.ts';

/** db ◀ web, ready when the test tells them. */
function stack(rig: Rig, rest: object = {}): { db: Puppet; web: Puppet } {
  const db = rig.puppet('db', '--ready', 'up');
  const web = rig.puppet('web', '--ready', 'up');
  const service = (puppet: Puppet) => ({ command: puppet.command, ready: { log: 'up' }, restart: 'no', ...rest });
  rig.config({ db: service(db), web: service(web) });
  return { db, web };
}

function count(puppet: Puppet, event: 'started' | 'signal'): number {
  return puppet.journal().filter((entry) => entry.event === event).length;
}

async function session(rig: Rig): Promise<unknown> {
  return ((await rig.devup(['status', '--json'])).json() as { session: unknown }).session;
}

describe.concurrent('devup run', () => {
  test('a command that failed, and would find its file or program in the folder of a service, is offered `devup exec`', async ({ rig }) => {
    const { db } = stack(rig, { cwd: 'backend' });
    mkdirSync(join(rig.root, 'backend', 'node_modules', '.bin'), { recursive: true });
    writeFileSync(join(rig.root, 'backend', 'manage.sh'), 'echo "in $PWD with $DEVUP_SERVICE"\n');
    writeFileSync(join(rig.root, 'backend', 'node_modules', '.bin', 'own-tool'), '#!/bin/sh\n', { mode: 0o755 });
    const offered = await rig.devup(['run', 'db', '--', 'sh', 'manage.sh', 'a b']);
    expect(offered.code).not.toBe(0);
    expect(offered.stderr).toMatch(/^manage\.sh is in the folder of db, not here\. There: {2}devup exec db -- sh manage\.sh 'a b'$/m);
    expect(offered.stderr).not.toContain('exec web');
    expect((await rig.devup(['exec', 'db', 'sh', 'manage.sh'])).stdout).toMatch(/^in .*backend with db\n$/);
    const unknown = await rig.devup(['run', 'db', '--', 'own-tool', '--all']);
    expect(unknown).toMatchObject({ code: 127, stderr: expect.stringContaining('devup exec db -- own-tool --all\n') });
    expect((await rig.devup(['run', 'db', '--', 'false'])).stderr).not.toContain('devup exec');
    expect(count(db, 'started')).toBe(2);
  });

  test('exits as the command does, whose stdout is untouched, and leaves nothing', async ({ rig }) => {
    const { db, web } = stack(rig);
    const answer = await rig.devup(['run', '--', 'sh', '-c', 'echo out; echo err >&2; exit 3']);
    expect(answer).toMatchObject({ code: 3, stdout: 'out\n' });
    expect(answer.stderr).toMatch(/err\n/);
    expect([count(db, 'started'), count(web, 'started'), count(db, 'signal'), count(web, 'signal')]).toEqual([1, 1, 1, 1]);
    expect(await session(rig)).toBe(null);
  });

  test('tells its command the addresses of the stack, in variables and in place of references', async ({ rig }) => {
    const [api, web] = [await rig.port(), await rig.port()];
    const service = (name: string, port: number) => ({ command: rig.puppet(name, '--port', port).command, port });
    rig.config({
      'dev:api': service('api', api),
      '@acme/web': { ...service('web', web), ports: { hmr: { port: await rig.port(), required: false } } },
    });
    const script = 'echo "$DEVUP_PORT_DEV_API $DEVUP_URL_ACME_WEB $DEVUP_PORT_ACME_WEB ${DEVUP_PORT_ACME_WEB_HMR:+hmr} $1 $2"';
    const words = ['${services.dev:api.port}/${services.@acme/web.url}', '$${services.dev:api.port}${HOME}'];
    const { code, stdout } = await rig.devup(['run', '--', 'sh', '-c', script, 'sh', ...words]);
    expect(stdout).toBe(`${api} http://localhost:${web} ${web} hmr ${api}/http://localhost:${web} \${services.dev:api.port}\${HOME}\n`);
    expect(code).toBe(0);
    expect((await rig.devup(['logs', 'dev:api', '@acme/web'])).code).toBe(0);
    const unknown = await rig.devup(['run', '--', 'echo', '${services.dev:apy.port}']);
    expect(unknown).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('${services.dev:api.port}') });
  });

  test('uses the running session, and stops only what it started', async ({ rig }) => {
    const { db, web } = stack(rig);
    expect((await rig.devup(['start', 'db', '-d'])).code).toBe(0);
    expect((await rig.devup(['run', 'web', '--', 'true'])).code).toBe(0);
    expect([count(db, 'signal'), count(web, 'signal')]).toEqual([0, 1]);
    expect((await rig.devup(['status', '--json'])).json()).toMatchObject({ services: [{ state: 'ready' }, { state: 'stopped' }] });
    await rig.devup(['stop']);
  });

  for (const [where, first] of [
    ['in its own session', null],
    ['in another one', 'db'],
  ] as const) {
    test(`a service that fails meanwhile ends the command and what it started, exit 7 (${where})`, async ({ rig }) => {
      const { web } = stack(rig);
      if (first) await rig.devup(['start', first, '-d']);
      const running = rig.start(['run', '--', 'sh', '-c', 'sleep 1000 & echo begun; wait']);
      await running.waitForOutput(/begun/);
      await web.tell({ do: 'exit', code: 9 });
      expect((await running.exited).code).toBe(7);
      expect(running.stderr).toMatch(/error E101: web exited with code 9/);
      if (first) await rig.devup(['stop']);
      expect(await session(rig)).toBe(null);
    });
  }

  test('Ctrl-C goes to the command; everything is stopped when it has ended', async ({ rig }) => {
    const { db, web } = stack(rig);
    const terminal = rig.terminal(['run', '--', 'sh', '-c', 'trap "echo caught; exit 5" INT; echo begun; while :; do sleep 0.05; done']);
    await terminal.waitForOutput(/begun/);
    terminal.keys(CTRL_C);
    expect((await terminal.exited).code).toBe(5);
    expect(terminal.stdout).toMatch(/caught/);
    expect([count(db, 'signal'), count(web, 'signal')]).toEqual([1, 1]);
  });

  for (const [where, first] of [
    ['in its own session', false],
    ['in another one', true],
  ] as const) {
    test(`Ctrl-C during the start undoes it, and the command is not run (${where})`, async ({ rig }) => {
      const slow = rig.puppet('slow', '--wait', '--ready', 'up');
      const stay = rig.puppet('stay', '--ready', 'up');
      rig.config({ stay: { command: stay.command, ready: { log: 'up' } }, slow: { command: slow.command, ready: { log: 'up' } } });
      if (first) expect((await rig.devup(['start', 'stay', '-d'])).code).toBe(0);
      const terminal = rig.terminal(['run', '--', 'echo', 'it-ran']);
      await slow.waitFor('started');
      terminal.keys(CTRL_C);
      expect((await terminal.exited).code).toBe(130);
      expect(terminal.stdout).not.toMatch(/it-ran/);
      expect([count(stay, 'signal'), count(slow, 'signal')]).toEqual([first ? 0 : 1, 1]);
      if (first) await rig.devup(['stop']);
      expect(await session(rig)).toBe(null);
    });
  }

  test('a start that fails runs no command', async ({ rig }) => {
    rig.config({ web: { command: 'false', ready: { log: 'never' } } });
    const answer = await rig.devup(['run', '--', 'echo', 'it-ran']);
    expect(answer).toMatchObject({ code: 7, stdout: '' });
  });

  test('a missing command is reported before anything starts', async ({ rig }) => {
    const { db } = stack(rig);
    const answer = await rig.devup(['run', '--', 'no-such-command']);
    expect(answer.code).toBe(127);
    expect(answer.stderr).toMatch(/error E102/);
    expect(count(db, 'started')).toBe(0);
    expect((await rig.devup(['run'])).code).toBe(2);
  });
});

describe.concurrent('devup wait', () => {
  test('exits with 0 when all are ready, whichever command starts them', async ({ rig }) => {
    const { db, web } = stack(rig);
    const waiting = rig.start(['wait']);
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    expect((await waiting.exited).code).toBe(0);
    expect([count(db, 'started'), count(web, 'started')]).toEqual([1, 1]);
    await rig.devup(['stop']);
  });

  test('exits with 5 when it takes too long, and starts nothing', async ({ rig }) => {
    const { db } = stack(rig);
    const answer = await rig.devup(['wait', '--timeout', '300ms']);
    expect(answer.code).toBe(5);
    expect(answer.stderr).toMatch(/error E114/);
    expect(count(db, 'started')).toBe(0);
  });

  test('exits with 7 when a service has failed', async ({ rig }) => {
    rig.config({ bad: { command: 'false', ready: { log: 'never' } }, stay: { command: 'sleep 1000', dependsOn: [] } });
    await rig.devup(['start', '--keep-going', '-d']);
    expect((await rig.devup(['wait', 'bad'])).code).toBe(7);
    expect((await rig.devup(['wait', 'stay'])).code).toBe(0);
    await rig.devup(['stop']);
  });
});

describe.concurrent('devup exec', () => {
  test("runs a command in the service's folder and environment, without the run marker", async ({ rig }) => {
    const port = await rig.port();
    rig.write('sub/.env', 'FROM_FILE=file\n');
    rig.config({ web: { port, command: 'x', cwd: 'sub', env: { OWN: 'own' }, envFile: 'sub/.env' } });
    const script = 'echo "$PWD $PORT $OWN $FROM_FILE $DEVUP_SERVICE $DEVUP_STACK marker=$DEVUP_RUN"; exit 4';
    const answer = await rig.devup(['exec', 'web', '--', 'sh', '-c', script], { env: { DEVUP_RUN: 'a:b:c' } });
    expect(answer.code).toBe(4);
    expect(answer.stdout).toBe(`${realpathSync(rig.root)}/sub ${port} own file web rig marker=\n`);
    const wrong = await rig.devup(['exec', 'wbe', '--', 'true']);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toMatch(/did you mean web/);
  });

  test('says why it cannot run its command, as `debug` does: missing, not executable, in a missing folder', async ({ rig }) => {
    rig.write('sub/tool.sh', '#!/bin/sh\n');
    rig.config({ web: { command: 'x', cwd: 'sub' }, lost: { command: 'x', cwd: 'nowhere' } });
    for (const command of ['exec', 'debug']) {
      const absent = await rig.devup([command, 'web', '--', 'no-such-program']);
      expect(absent).toMatchObject({ code: 127, stderr: expect.stringMatching(/^error E102: no-such-program was not found\n/) });
      const denied = await rig.devup([command, 'web', '--', './tool.sh']);
      expect(denied).toMatchObject({
        code: 126,
        stderr: expect.stringMatching(/^error E105: \S*tool.sh could not be run\n[\s\S]*chmod \+x/),
      });
      const lost = await rig.devup([command, 'lost', '--', 'true']);
      expect(lost).toMatchObject({ code: 7, stderr: expect.stringMatching(/^error E103: lost cannot start: its folder is missing\n/) });
    }
  });
});
