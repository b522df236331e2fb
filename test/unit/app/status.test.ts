import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { namedServices, snapshotFromOutside } from '../../../src/app/status.ts';
import type { Target } from '../../../src/app/target.ts';
import type { Context } from '../../../src/cli/context.ts';
import { durationFlag, sinceFlag, wrongValue } from '../../../src/cli/parse/values.ts';
import { Secrets } from '../../../src/model/secrets.ts';
import { FakeMachine } from '../../rig/fake-machine.ts';

const ID = 'aaaaaaaaaaaaaaaa';

/** The status of a stack with this text as its config. */
async function look(machine: FakeMachine, config: string) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'devup-status-')));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const file = join(root, 'orchestrator.config.json');
  writeFileSync(file, config);
  const context = { machine, secrets: new Secrets({}), env: { HOME: root }, home: root, version: '0' } as unknown as Context;
  const target = { location: { file, root }, id: ID, root, folder: join(root, '.devup', ID) } as unknown as Target;
  return { file, snapshot: await snapshotFromOutside(target, context) };
}

test('without a session every declared port is compared with the machine, without signals or binds', async () => {
  const machine = new FakeMachine();
  const spawn = (env: Readonly<Record<string, string>> = {}) =>
    machine.spawn({ name: 'node', parent: machine.table.init, uid: 1000, session: true, env });
  machine.listen(spawn(), 8000);
  machine.listen(spawn({ DEVUP_RUN: `${ID}:s1:leftover` }), 8001);
  machine.listen(spawn(), 8003);
  machine.beforeRead = (read) => {
    if (read === 'canBind' || read === 'signal') throw new Error(`status asked for ${read}`);
  };
  const services = {
    foreign: { port: 8000, command: 'x' },
    leftover: { port: 8001, command: 'x' },
    free: { port: 8002, command: 'x' },
    theirs: { port: 8003, ready: { http: '/' } },
    worker: { command: 'x' },
  };
  const { snapshot } = await look(machine, JSON.stringify({ name: 'app', services }));
  if (!snapshot.ok) throw new Error(JSON.stringify(snapshot.failure));
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
  const { file, snapshot } = await look(new FakeMachine(), '{');
  expect(snapshot).toMatchObject({ ok: false, failure: { code: 'E302', file, line: 1 } });
});

test('a bare number is seconds, and a time ago or a date says since when', () => {
  const parsed = (flags: Readonly<Record<string, string>>) => ({ command: 'logs', words: [], flags, rest: null }) as const;
  expect(['30', '1.5s', '2m', '500ms', '0'].map((timeout) => durationFlag(parsed({ timeout }), 'timeout'))).toEqual([
    30_000, 1500, 120_000, 500, 0,
  ]);
  expect(sinceFlag(parsed({ since: '10m' }), 'since', 1_000_000)).toBe(400_000);
  expect(sinceFlag(parsed({ since: '2026-11-22T09:12:00Z' }), 'since', 0)).toBe(Date.UTC(2026, 10, 22, 9, 12));
  expect(['soon', '', '-5', '5 parsecs'].map((text) => wrongValue('duration', text))).not.toContain(null);
  expect(['tomorrow', '2026-', '2026-99-99'].map((text) => wrongValue('since', text))).not.toContain(null);
});
