/** `devup debug`: hands a service to a terminal, on its port, and takes it back. */
import { describe, expect } from 'vitest';
import type { Rig } from '../../rig/rig.ts';
import { test } from '../../rig/rig.ts';
import { CTRL_C } from '../../rig/terminal.ts';

interface Known {
  readonly name: string;
  readonly state: string;
  readonly pid: number | null;
  readonly verdict: string;
  readonly flapping: boolean;
}

async function stack(rig: Rig): Promise<{ readonly session: unknown; readonly services: readonly Known[] }> {
  return (await rig.devup(['status', '--json'])).json() as { session: unknown; services: readonly Known[] };
}

/** api ◀ web */
async function config(rig: Rig, api: object = {}) {
  const port = await rig.port();
  const puppet = rig.puppet('api', '--port', port);
  rig.config({ api: { port, command: puppet.command, ...api }, web: { command: 'sleep 1000' } });
  return { port, puppet };
}

describe('devup debug', () => {
  test("takes a service's port from the session for another command, returns it, and exits as the command does", async ({ rig }) => {
    const { port, puppet } = await config(rig);
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    const before = await stack(rig);
    const script = 'echo "$PORT $DEVUP_SERVICE marker=$DEVUP_RUN"; exit 3';
    const answer = await rig.devup(['debug', 'api', '--', 'sh', '-c', script]);
    expect(answer).toMatchObject({ code: 3, stdout: `${port} api marker=\n` });
    expect(answer.stderr).toMatch(
      /api was stopped in the session and returns to it when this command ends; web keeps running without it\napi runs in the session again/,
    );
    const after = await stack(rig);
    expect(after.session).toEqual(before.session);
    expect(after.services).toMatchObject([
      { name: 'api', state: 'ready', verdict: 'ours', flapping: false },
      { name: 'web', state: 'ready', pid: before.services[1]?.pid },
    ]);
    expect(after.services[0]?.pid).not.toBe(before.services[0]?.pid);
    expect(puppet.journal().filter(({ event }) => event === 'started')).toHaveLength(2);
    expect((await rig.devup(['stop'])).code).toBe(0);
  });

  test('a session whose only service is debugged waits for it, in the foreground as well', async ({ rig }) => {
    const port = await rig.port();
    const api = rig.puppet('api', '--port', port);
    rig.config({ api: { port, command: api.command } });
    const running = rig.start(['start']);
    await running.waitForOutput(/1 service ready/);
    expect((await rig.devup(['debug', 'api', '--', 'true'])).code).toBe(0);
    expect((await stack(rig)).services).toMatchObject([{ state: 'ready' }]);
    expect(running.alive).toBe(true);
    // The session does not wait for a service that is stopped by hand.
    expect((await rig.devup(['stop', 'api'])).code).toBe(0);
    expect(await running.exited).toMatchObject({ code: 0 });
  });

  test("the service's own command gets the terminal's keys and Ctrl-C", async ({ rig }) => {
    const { port, puppet } = await config(rig, { command: `python3 -c 'name = input("who? "); print("hello " + name)'` });
    const terminal = rig.terminal(['debug', 'api']);
    await terminal.waitForOutput(/who\? /);
    terminal.keys('pdb\r');
    await terminal.waitForOutput(/hello pdb/);
    expect((await terminal.exited).code).toBe(0);
    rig.config({ api: { port, command: puppet.command }, web: { command: 'sleep 1000' } });
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    const other = rig.terminal(['debug', 'api']);
    await puppet.waitFor('listening', 2);
    expect((await stack(rig)).services[0]).toMatchObject({ state: 'debugging' });
    other.keys(CTRL_C);
    await other.exited;
    expect((await stack(rig)).services[0]).toMatchObject({ state: 'ready', verdict: 'ours' });
    expect((await rig.devup(['stop'])).code).toBe(0);
  });

  test('without a session the port is claimed as by a start, and its holder is named', async ({ rig }) => {
    const { port } = await config(rig);
    const squatter = await rig.squat({ how: 'listen', port });
    const answer = await rig.devup(['debug', 'api', '--', 'true']);
    expect(answer.code).toBe(0);
    expect(answer.stderr).toMatch(new RegExp(`port ${port} is held by .*pid ${squatter.pids[0]}.*; freeing it\nport ${port} is free now`));
    rig.config({ api: { port, command: 'x', onConflict: 'fail' } });
    await rig.squat({ how: 'listen', port });
    const refused = await rig.devup(['debug', 'api', '--', 'echo', 'ran']);
    expect(refused).toMatchObject({ code: 4, stdout: '' });
    expect(refused.stderr).toMatch(/error E201/);
  });

  test('a missing command, no command and an unknown service stop nothing', async ({ rig }) => {
    const { puppet } = await config(rig);
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    expect((await rig.devup(['debug', 'api', '--', 'no-such-program'])).code).toBe(127);
    expect(await rig.devup(['debug', 'apo'])).toMatchObject({ code: 2, stderr: expect.stringMatching(/did you mean api/) });
    expect(puppet.journal().filter(({ event }) => event === 'signal')).toEqual([]);
    expect((await rig.devup(['stop'])).code).toBe(0);
    rig.config({ outside: { port: await rig.port(), ready: { http: '/' } } });
    expect(await rig.devup(['debug', 'outside'])).toMatchObject({ code: 2, stderr: expect.stringMatching(/has no command of its own/) });
  });
});
