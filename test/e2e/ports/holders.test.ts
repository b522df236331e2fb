/** Holders of every kind: `devup kill` ends them and no other process, and a start takes the port. */
import { describe, expect } from 'vitest';
import { isFree } from '../../rig/ports.ts';
import { type Rig, test } from '../../rig/rig.ts';
import type { SquatWish } from '../../rig/squatters.ts';
import { eventsOf, isAlive, kill, services } from './answers.ts';

const HOSTILE = 'a) "b\n,pid=1';
const ways: Readonly<Record<string, Omit<SquatWish, 'port'>>> = {
  'on 0.0.0.0': { how: 'listen' },
  'on 127.0.0.1': { how: 'listen', host: '127.0.0.1' },
  'on :: and so on IPv4 as well': { how: 'listen', host: '::', dual: true },
  'on :: alone': { how: 'listen', host: '::' },
  'on ::1': { how: 'listen', host: '::1' },
  'on 127.0.0.2': { how: 'listen', host: '127.0.0.2' },
  'with a socket each, by SO_REUSEPORT': { how: 'reuseport', count: 2 },
  'with pre-forked workers on one socket': { how: 'prefork', count: 3 },
  'as a daemon that has left its parent': { how: 'daemon' },
  'under a hostile name': { how: 'listen', name: HOSTILE },
};

describe('kill frees a port that is held', () => {
  for (const [how, wish] of Object.entries(ways)) {
    test(how, async ({ rig }) => {
      const port = await rig.port();
      const { pids } = await rig.squat({ ...wish, port });
      const { code, first } = await kill(rig, [port]);
      expect(first).toMatchObject({ port, outcome: 'freed', holders: [], problem: null });
      expect(code).toBe(0);
      expect(first.killed.map(({ pid }) => pid)).toEqual(expect.arrayContaining([...pids]));
      expect(new Set(first.killed.map(({ signal }) => signal))).toEqual(new Set(['SIGTERM']));
      expect(pids.filter(isAlive)).toEqual([]);
      expect(await isFree(port)).toBe(true);
    });
  }

  test('F9: a holder that ignores SIGTERM is killed after the grace', async ({ rig }) => {
    const port = await rig.port();
    const { pids } = await rig.squat({ how: 'listen', port, ignore: ['SIGTERM'] });
    const { code, first } = await kill(rig, [port, '--timeout', '300ms']);
    expect(first).toMatchObject({ outcome: 'freed', killed: [{ pid: pids[0], signal: 'SIGKILL' }] });
    expect(code).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test('F10: a stopped holder is ended with SIGTERM', async ({ rig }) => {
    const port = await rig.port();
    const { process, pids } = await rig.squat({ how: 'listen', port });
    process.signal('SIGSTOP');
    const { first } = await kill(rig, [port]);
    expect(first).toMatchObject({ outcome: 'freed', killed: [{ pid: pids[0], signal: 'SIGTERM' }] });
    expect(await process.exited).toEqual({ code: null, signal: 'SIGTERM' });
  });

  test('kill sends the signal that --signal names', async ({ rig }) => {
    const port = await rig.port();
    const { process } = await rig.squat({ how: 'listen', port });
    await kill(rig, [port, '--signal', 'HUP']);
    expect(await process.exited).toEqual({ code: null, signal: 'SIGHUP' });
  });

  test('F12: everything that the holder forked dies with it', async ({ rig }) => {
    const port = await rig.port();
    const puppet = rig.puppet('server', '--port', port, '--child', 'plain', '--child', 'setsid+bare', '--child', 'stubborn');
    rig.spawn(puppet.command);
    await puppet.waitFor('ready', 4);
    const { code } = await kill(rig, [port, '--timeout', '500ms']);
    expect(code).toBe(0);
    expect(puppet.pids().filter(isAlive)).toEqual([]);
  });
});

// web, api, worker: no dependencies, so that one claim covers all of their ports.
const CLAIMED: readonly (readonly [string, Omit<SquatWish, 'port'>])[] = [
  ['all', { how: 'listen' }],
  ['loopback', { how: 'listen', host: '127.0.0.1' }],
  ['six', { how: 'listen', host: '::1' }],
  ['second', { how: 'listen', host: '127.0.0.2' }],
  ['shared', { how: 'reuseport', count: 2 }],
  ['forked', { how: 'prefork', count: 2 }],
  ['daemon', { how: 'daemon' }],
  ['hostile', { how: 'listen', name: HOSTILE }],
];

test('F17: one start takes all these ports at once and names their holders', async ({ rig }) => {
  const held: { name: string; port: number; pids: readonly number[] }[] = [];
  for (const [name, wish] of CLAIMED) {
    const port = await rig.port();
    held.push({ name, port, pids: (await rig.squat({ ...wish, port })).pids });
  }
  rig.config(Object.fromEntries(held.map(({ name, port }) => [name, web(rig, name, port)])));
  const started = await rig.devup(['start', '-d', '--json']);
  expect(started.code, started.stdout + started.stderr).toBe(0);
  const freeing = eventsOf(started).filter((event) => event['type'] === 'port' && event['action'] === 'freeing');
  expect(new Map(freeing.map((event) => [event['port'], pidsOf(event['holders'])]))).toEqual(
    new Map(held.map(({ port, pids }) => [port, [...pids].sort()])),
  );
  expect(held.flatMap(({ pids }) => pids.filter(isAlive))).toEqual([]);
  const now = await services(rig);
  for (const { name, port } of held) {
    const { pid: listener } = await rig.puppet(name).waitFor('listening');
    expect(now[name]).toMatchObject({ state: 'ready', verdict: 'ours', port, holders: [{ pid: listener, stack: { service: name } }] });
  }
  expect((await rig.devup(['stop'])).code).toBe(0);
});

function web(rig: Rig, name: string, port: number): object {
  return { command: rig.puppet(name, '--port', port).command, port, dependsOn: [] };
}

function pidsOf(holders: unknown): readonly number[] {
  return (holders as readonly { pid: number }[]).map(({ pid }) => pid).sort();
}
