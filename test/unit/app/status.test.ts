import { expect, test } from 'vitest';
import { namedServices, snapshotFromOutside } from '../../../src/app/status.ts';
import type { Target } from '../../../src/app/target.ts';
import type { Context } from '../../../src/cli/context.ts';
import { durationFlag, sinceFlag, wrongValue } from '../../../src/cli/values.ts';
import type { Failure } from '../../../src/model/failure.ts';
import { fail, ok, type Result } from '../../../src/model/result.ts';
import { Secrets } from '../../../src/model/secrets.ts';
import type { Service, Stack } from '../../../src/model/service.ts';
import { FakeMachine } from '../../rig/fake-machine.ts';

const ID = 'aaaaaaaaaaaaaaaa';
const FILE = '/nowhere/app/orchestrator.config.ts';
const BROKEN: Failure = { code: 'E302', kind: 'config-broken', file: FILE, message: 'x', line: 1, column: 1, stack: null };

function service(name: string, port: number | null, command = true): Service {
  const ports = port === null ? [] : [{ name: 'main', port, required: true }];
  const runs = command ? { kind: 'line', line: 'x' } : null;
  return {
    name,
    ports,
    command: runs,
    host: 'localhost',
    links: {},
    category: null,
    optional: false,
    env: {},
    envFileValues: {},
  } as unknown as Service;
}

function look(machine: FakeMachine, stack: Result<Stack, Failure>) {
  const configs = { find: async () => fail(BROKEN), load: async () => stack };
  const context = { machine, configs, secrets: new Secrets({}), env: {}, home: '/nowhere', version: '0' } as unknown as Context;
  const location = { file: FILE, root: '/nowhere/app' };
  const target = { location, id: ID, root: location.root, folder: `/nowhere/app/.devup/${ID}` } as unknown as Target;
  return snapshotFromOutside(target, context);
}

test('without a session every declared port is held against the machine, and nobody is signalled or bound beside', async () => {
  const machine = new FakeMachine();
  const spawn = (env: Readonly<Record<string, string>> = {}) =>
    machine.spawn({ name: 'node', parent: machine.table.init, uid: 1000, session: true, env });
  machine.listen(spawn(), 8000);
  machine.listen(spawn({ DEVUP_RUN: `${ID}:s1:leftover` }), 8001);
  machine.listen(spawn(), 8003);
  machine.beforeRead = (read) => {
    if (read === 'canBind' || read === 'signal') throw new Error(`status asked for ${read}`);
  };
  const services = [
    service('foreign', 8000),
    service('leftover', 8001),
    service('free', 8002),
    service('theirs', 8003, false),
    service('worker', null),
  ];
  const snapshot = await look(machine, ok({ name: 'app', services } as unknown as Stack));
  if (!snapshot.ok) throw new Error(snapshot.failure.code);
  expect(snapshot.value).toMatchObject({ stack: 'app', id: ID, session: null, configProblem: null });
  expect(snapshot.value.services.map(({ name, verdict, state }) => [name, verdict, state])).toEqual([
    ['foreign', 'foreign', 'stopped'],
    ['leftover', 'leftover', 'stopped'],
    ['free', 'free', 'stopped'],
    ['theirs', 'external', 'stopped'],
    ['worker', 'free', 'stopped'],
  ]);
  expect(namedServices(['fre'], snapshot.value)).toMatchObject({ ok: false, failure: { code: 'E002', suggestion: 'free' } });
  expect(namedServices(['worker'], snapshot.value)).toMatchObject({ value: { services: [{ name: 'worker' }] } });
});

test('a broken config without a record is the answer itself', async () => {
  expect(await look(new FakeMachine(), fail(BROKEN))).toEqual(fail(BROKEN));
});

test('a bare number is seconds, and a time ago or a date says since when', () => {
  const parsed = (flags: Readonly<Record<string, string>>) => ({ command: 'logs', words: [], flags, rest: null });
  expect(['30', '1.5s', '2m', '500ms', '0'].map((timeout) => durationFlag(parsed({ timeout }), 'timeout'))).toEqual([
    30_000, 1500, 120_000, 500, 0,
  ]);
  expect(sinceFlag(parsed({ since: '10m' }), 'since', 1_000_000)).toBe(400_000);
  expect(sinceFlag(parsed({ since: '2026-11-22T09:12:00Z' }), 'since', 0)).toBe(Date.UTC(2026, 10, 22, 9, 12));
  expect(['soon', '', '-5', '5 parsecs'].map((text) => wrongValue('duration', text))).not.toContain(null);
  expect(['tomorrow', '2026-', '2026-99-99'].map((text) => wrongValue('since', text))).not.toContain(null);
});
