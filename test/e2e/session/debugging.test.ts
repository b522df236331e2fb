/** A service that somebody runs on a terminal (`devup debug`): other commands see it, name it, and leave it alone. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { eventually } from '../../rig/eventually.ts';
import type { Puppet } from '../../rig/puppets.ts';
import type { Rig } from '../../rig/rig.ts';
import { test } from '../../rig/rig.ts';
import type { Running } from '../../rig/running.ts';

interface Known {
  readonly name: string;
  readonly state: string;
  readonly pid: number | null;
  readonly startedAt: string | null;
  readonly verdict: string;
}

interface Status {
  readonly session: { readonly pid: number } | null;
  readonly services: readonly Known[];
}

async function status(rig: Rig): Promise<Status> {
  return (await rig.devup(['status', '--json'])).json() as unknown as Status;
}

async function stateOf(rig: Rig, service: string): Promise<string | undefined> {
  return (await status(rig)).services.find(({ name }) => name === service)?.state;
}

/** api ◀ web, and worker beside them. */
async function config(rig: Rig): Promise<{ readonly api: Puppet; readonly port: number; readonly write: (services?: object) => void }> {
  const port = await rig.port();
  const api = rig.puppet('api', '--port', port);
  const write = (services: object = { api: { port, command: api.command, dependsOn: [] } }) =>
    void rig.config({
      ...services,
      worker: { command: 'sleep 1000', dependsOn: [] },
      web: { command: 'sleep 1000', dependsOn: 'api' in services ? ['api'] : [] },
    });
  write();
  return { api, port, write };
}

/** Debugs the service until the test tells its puppet to exit. */
async function debug(rig: Rig, puppet: Puppet, nth: number): Promise<{ readonly client: Running; readonly pid: number }> {
  const client = rig.start(['debug', 'api']);
  const { pid } = await puppet.waitFor('listening', nth);
  return { client, pid };
}

async function quit(puppet: Puppet, client: Running): Promise<void> {
  await puppet.tell({ do: 'exit', code: 0 });
  expect(await client.exited).toMatchObject({ code: 0 });
}

const NAMED = /api \(devup debug, pid \d+/;

describe('a service on a terminal', () => {
  test('F46: a debugged service is left alone and named by every command, and returns to the session', { timeout: 240_000 }, async ({
    rig,
  }) => {
    const { api, port } = await config(rig);
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    const before = await status(rig);
    const { client, pid } = await debug(rig, api, 2);
    const during = await status(rig);
    expect(during.services[0]).toMatchObject({ name: 'api', state: 'debugging', pid: client.pid, verdict: 'ours' });
    expect(during.services[0]?.startedAt).toEqual(expect.stringMatching(/^\d{4}-/));
    expect(await rig.devup(['status'])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/api +\d+ +◉ debugging +\d+ +devup debug/),
    });
    for (const args of [
      ['run', '--', 'true'],
      ['start', '-d'],
      ['start', 'api', '-d'],
      ['restart'],
      ['restart', 'api'],
      ['restart', 'web'],
      ['debug', 'api'],
    ]) {
      const answer = await rig.devup(args);
      expect(answer, args.join(' ')).toMatchObject({ code: 1, stderr: expect.stringMatching(/error E118/) });
      expect(answer.stderr, args.join(' ')).toMatch(NAMED);
    }
    for (const args of [
      ['kill', String(port)],
      ['kill', 'api'],
      ['kill', '--force', String(port)],
    ]) {
      expect(await rig.devup(args)).toMatchObject({ code: 4, stdout: expect.stringMatching(/which somebody debugs on a terminal/) });
    }
    expect(await rig.devup(['wait', 'api', '--timeout', '200ms'])).toMatchObject({ code: 5, stderr: expect.stringMatching(NAMED) });
    const left = await status(rig);
    expect(left.services[0]).toEqual({ ...during.services[0], uptimeMs: expect.any(Number) });
    // Its dependent was not stopped for a start that could not be; what needs nothing of it was restarted.
    expect(left.services[2]?.pid).toBe(before.services[2]?.pid);
    expect(left.services[1]?.pid).not.toBe(before.services[1]?.pid);
    expect(api.journal().filter(({ event, pid: one }) => event === 'signal' && one === pid)).toEqual([]);
    await quit(api, client);
    expect(client.stderr).toMatch(/api runs in the session again/);
    expect((await status(rig)).services).toMatchObject([{ state: 'ready', verdict: 'ours' }, { state: 'ready' }, { state: 'ready' }]);
    expect((await rig.devup(['stop'])).code).toBe(0);
  });

  test('F46: a debugged service is left alone by a session that begins later, which starts the rest, and it too when it is free', {
    timeout: 120_000,
  }, async ({ rig }) => {
    const { api } = await config(rig);
    const { client } = await debug(rig, api, 1);
    const before = await status(rig);
    expect(before.session).toBeNull();
    expect(before.services[0]).toMatchObject({ state: 'debugging', pid: client.pid, verdict: 'ours' });
    for (const args of [
      ['run', '--', 'true'],
      ['start', '--dry-run'],
    ])
      expect(await rig.devup(args), args.join(' ')).toMatchObject({ code: 1, stderr: expect.stringMatching(NAMED) });
    expect((await status(rig)).session).toBeNull();
    expect(await rig.devup(['stop'])).toMatchObject({ code: 0, stderr: expect.stringMatching(NAMED) });
    const started = await rig.devup(['start', '-d']);
    expect(started).toMatchObject({ code: 1, stderr: expect.stringMatching(/error E118/) });
    expect(started.stderr).toMatch(/web needs it/);
    expect((await status(rig)).services).toMatchObject([{ state: 'debugging', pid: client.pid }, { state: 'ready' }, { state: 'waiting' }]);
    expect((await rig.devup(['start', '-d', '--no-deps', 'web'])).code).toBe(0);
    expect(client.alive).toBe(true);
    await quit(api, client);
    expect(client.stderr).toMatch(/api runs in the session again/);
    expect((await status(rig)).services).toMatchObject([{ state: 'ready' }, { state: 'ready' }, { state: 'ready' }]);
    expect((await rig.devup(['stop'])).code).toBe(0);
  });

  test('F46: a debugged service survives the stop of its session, and stays stopped if it was stopped meanwhile', {
    timeout: 120_000,
  }, async ({ rig }) => {
    const { api } = await config(rig);
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    const first = await debug(rig, api, 2);
    expect(await rig.devup(['stop', 'api'])).toMatchObject({ code: 0, stderr: expect.stringMatching(NAMED) });
    expect(await stateOf(rig, 'api')).toBe('debugging');
    await quit(api, first.client);
    expect(await stateOf(rig, 'api')).toBe('stopped');
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    const second = await debug(rig, api, 4);
    const stopped = await rig.devup(['stop', '--json']);
    expect(stopped.json()).toMatchObject({ debugged: [{ service: 'api', pid: second.client.pid }], ended: true });
    expect(await status(rig)).toMatchObject({ session: null, services: [{ state: 'debugging', pid: second.client.pid }, {}, {}] });
    await quit(api, second.client);
    expect(second.client.stderr).toMatch(/the session has ended meanwhile, so api does not run/);
    expect(await status(rig)).toMatchObject({ session: null, services: [{ state: 'stopped', verdict: 'free' }, {}, {}] });
  });

  test('F46: a debugged service that holds no port is named by a kill of it', { timeout: 120_000 }, async ({ rig }) => {
    const { api } = await config(rig);
    const client = rig.start(['debug', 'worker', '--', ...api.command]);
    await api.waitFor('started');
    expect(await rig.devup(['kill', 'worker'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/error E118: worker \(devup debug, pid/),
    });
    expect(await rig.devup(['kill', 'worker', '--dry-run'])).toMatchObject({ code: 1 });
    expect(client.alive).toBe(true);
    await quit(api, client);
  });

  test('F46: a debugged service is ended when its command was killed, and its session runs it again', { timeout: 120_000 }, async ({
    rig,
  }) => {
    const { api } = await config(rig);
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    const { client, pid } = await debug(rig, api, 2);
    client.signal('SIGKILL');
    await client.exited;
    await api.waitFor('listening', 3);
    expect((await rig.devup(['wait', '--timeout', '60s'])).code).toBe(0);
    expect(api.journal().filter((entry) => entry.event === 'signal' && entry.pid === pid)).toMatchObject([{ name: 'SIGTERM' }]);
    expect((await rig.devup(['stop'])).code).toBe(0);
  });

  test('F46: a debugged service is a leftover when its command was killed without a session', { timeout: 120_000 }, async ({ rig }) => {
    const { api } = await config(rig);
    // `start` makes the puppet listen once more.
    for (const [nth, end] of [
      [1, ['stop']],
      [2, ['start', '-d']],
      [4, ['kill', 'api']],
      [5, ['debug', 'api', '--', 'true']],
    ] as const) {
      const { client, pid } = await debug(rig, api, nth);
      client.signal('SIGKILL');
      await client.exited;
      expect((await status(rig)).services[0], end.join(' ')).toMatchObject({ state: 'stopped', verdict: 'leftover' });
      expect((await rig.devup(end)).code, end.join(' ')).toBe(0);
      expect(
        api.journal().filter((entry) => entry.event === 'signal' && entry.pid === pid),
        end.join(' '),
      ).toHaveLength(1);
      if (end[0] === 'start') await rig.devup(['stop']);
    }
  });

  test('F46: a debugged service is known and ended even if it has overwritten its environment', { timeout: 120_000 }, async ({ rig }) => {
    const { api, port } = await config(rig);
    const client = rig.start(['debug', 'api', '--', 'env', '-i', ...api.command]);
    const { pid } = await api.waitFor('listening');
    rig.remember(pid);
    expect((await status(rig)).services[0]).toMatchObject({ state: 'debugging', verdict: 'ours' });
    expect(await rig.devup(['kill', String(port)])).toMatchObject({ code: 4 });
    client.signal('SIGKILL');
    await client.exited;
    expect(await rig.devup(['stop', 'api'])).toMatchObject({ code: 0, stderr: expect.stringMatching(/ended leftovers .*: api/) });
    expect(api.journal().filter((entry) => entry.event === 'signal' && entry.pid === pid)).toMatchObject([{ name: 'SIGTERM' }]);
  });

  test('F46: the record of a debugger that is gone, or whose pid has another process now, is ignored', { timeout: 120_000 }, async ({
    rig,
  }) => {
    const { api } = await config(rig);
    const { client } = await debug(rig, api, 1);
    const folder = join(rig.root, '.devup', readdirSync(join(rig.root, '.devup')).find((name) => name !== '.gitignore') ?? '', 'debug');
    const file = join(folder, 'api.json');
    const record = JSON.parse(readFileSync(file, 'utf8')) as object;
    await quit(api, client);
    for (const stale of [
      record,
      { ...record, pid: process.pid, start: 1 },
      { ...record, pid: process.pid, bootId: 'another' },
      'no record',
    ]) {
      writeFileSync(file, JSON.stringify(stale));
      expect(await stateOf(rig, 'api'), JSON.stringify(stale)).toBe('stopped');
      expect((await rig.devup(['debug', 'api', '--', 'true'])).code, JSON.stringify(stale)).toBe(0);
      writeFileSync(file, JSON.stringify(stale));
      expect((await rig.devup(['start', '-d'])).code, JSON.stringify(stale)).toBe(0);
      expect((await rig.devup(['stop'])).code).toBe(0);
    }
  });

  test('F46: a debugged service is left alone by another stack that wants its port', { timeout: 120_000 }, async ({ rig }) => {
    const { api, port } = await config(rig);
    const { client } = await debug(rig, api, 1);
    rig.write('other/orchestrator.config.json', { name: 'other', services: { web: { port, command: 'sleep 1000' } } });
    expect(await rig.devup(['-C', 'other', 'start', '-d'])).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/it is api, which somebody debugs/),
    });
    await quit(api, client);
  });

  test('F46: a debugged service stays alone when the config no longer declares it', { timeout: 120_000 }, async ({ rig }) => {
    const { api, write } = await config(rig);
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    const { client } = await debug(rig, api, 2);
    write({});
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    expect(await stateOf(rig, 'api')).toBe('debugging');
    await quit(api, client);
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    expect(await stateOf(rig, 'api')).toBeUndefined();
    expect((await rig.devup(['stop'])).code).toBe(0);
  });

  test('F46: a debugged service has one debugger, however many ask at once', { timeout: 120_000 }, async ({ rig }) => {
    const { api } = await config(rig);
    const clients = [1, 2, 3, 4].map(() => rig.start(['debug', 'api']));
    await api.waitFor('listening');
    const living = () => clients.filter(({ alive }) => alive);
    const [winner] = await eventually('one is left', () => (living().length === 1 ? living() : undefined));
    for (const client of clients) if (client !== winner) expect(await client.exited).toMatchObject({ code: 1 });
    for (const client of clients) if (client !== winner) expect(client.stderr).toMatch(NAMED);
    expect(api.journal().filter(({ event }) => event === 'started')).toHaveLength(1);
    await quit(api, winner as Running);
  });
});
