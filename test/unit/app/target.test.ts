import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AppContext } from '../../../src/app/context.ts';
import { findTarget, liveSession, loadTarget, targetName } from '../../../src/app/target.ts';
import { sessionEndpoint } from '../../../src/control/endpoint.ts';
import { acquireLock } from '../../../src/control/lock.ts';
import { currentMachine } from '../../../src/machine/current.ts';
import { linuxPlatform } from '../../../src/machine/linux.ts';
import { Secrets } from '../../../src/model/secrets.ts';
import { stackId } from '../../../src/model/stack-id.ts';

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), 'devup-target-')));
  mkdirSync(path.join(root, '.git'));
});

afterEach(() => rmSync(root, { recursive: true }));

function context(cwd: string): AppContext {
  const machine = currentMachine();
  return { machine, secrets: new Secrets({}), cwd, env: {}, home: root, version: '0.0.0-test' } as unknown as AppContext;
}

function write(file: string, text: string): string {
  const whole = path.join(root, file);
  mkdirSync(path.dirname(whole), { recursive: true });
  writeFileSync(whole, text);
  return whole;
}

/** The record that a session of this config would have left. */
async function writeRecord(config: string, changes: Readonly<Record<string, unknown>> = {}, id = stackId(config)): Promise<void> {
  const bootId = await currentMachine().bootId();
  const record = {
    format: 1,
    stackId: id,
    session: 's1',
    config,
    supervisor: { pid: 4242, start: 1 },
    version: '0',
    bootId,
    networkNamespace: '',
  };
  const text = JSON.stringify({ ...record, touchedAtMs: 1, startedAtMs: 1, guard: null, services: [], ...changes });
  write(path.relative(root, path.join(path.dirname(config), '.devup', id, 'record.json')), text);
}

describe('the target stack', () => {
  test.each(['.devup', '.devup/ID', '.devup/ID/logs', '.devup/ID/debug'])('is refused if its folder is a link: %s', async (name) => {
    const file = write('app/orchestrator.config.mjs', '');
    const link = path.join(root, 'app', name.replace('ID', stackId(file)));
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(root, link);
    const failure = { code: 'E407', kind: 'folder-unsafe', folder: link, reason: 'symlink' };
    expect(await findTarget(null, context(path.join(root, 'app')))).toEqual({ ok: false, failure });
  });

  test('is the nearest config upward, which is found but not run', async () => {
    const file = write('app/orchestrator.config.mjs', 'throw new Error("run")');
    mkdirSync(path.join(root, 'app/src/deep'), { recursive: true });
    const target = await findTarget(null, context(path.join(root, 'app/src/deep')));
    expect(target).toMatchObject({ ok: true, value: { id: stackId(file), root: path.dirname(file), location: { file } } });
    if (target.ok) expect(target.value.folder).toBe(path.join(root, 'app/.devup', stackId(file)));
  });

  test('is that of the record if its config is gone', async () => {
    const config = path.join(root, 'app/orchestrator.config.ts');
    mkdirSync(path.join(root, 'app/src'), { recursive: true });
    await writeRecord(config);
    const target = await findTarget(null, context(path.join(root, 'app/src')));
    expect(target).toMatchObject({ ok: true, value: { id: stackId(config), location: null, root: path.join(root, 'app') } });
    if (!target.ok) return;
    expect(targetName(target.value)).toBe('app');
    expect(await loadTarget(target.value, context(root))).toMatchObject({ ok: false, failure: { code: 'E301' } });
  });

  test('is the newest of several records', async () => {
    await writeRecord(path.join(root, 'orchestrator.config.ts'), { touchedAtMs: 5 });
    await writeRecord(path.join(root, 'orchestrator.config.js'), { touchedAtMs: 9 });
    expect(await findTarget(null, context(root))).toMatchObject({ value: { id: stackId(path.join(root, 'orchestrator.config.js')) } });
  });

  test('is the named one, even if the named file is gone but its record exists', async () => {
    const config = path.join(root, 'other.config.ts');
    expect(await findTarget('other.config.ts', context(root))).toMatchObject({ ok: false, failure: { code: 'E302' } });
    await writeRecord(config);
    expect(await findTarget('other.config.ts', context(root))).toMatchObject({ ok: true, value: { id: stackId(config), location: null } });
  });

  test('is not found without a config and a record', async () => {
    expect(await findTarget(null, context(root))).toMatchObject({ ok: false, failure: { code: 'E301', stoppedAt: root } });
  });

  test.each([
    ['another id than its folder', { stackId: '0123456789abcdef' }],
    ['a config elsewhere', { config: '/etc/orchestrator.config.ts' }],
    ['another boot', { bootId: 'before' }],
  ])('is not found if the record has %s', async (_, changes) => {
    await writeRecord(path.join(root, 'orchestrator.config.ts'), changes);
    expect(await findTarget(null, context(root))).toMatchObject({ ok: false, failure: { code: 'E301' } });
  });
});

describe('a live session', () => {
  test('exists while its lock is held', async () => {
    const here = context(root);
    const id = stackId(path.join(root, 'orchestrator.config.ts'));
    const endpoint = sessionEndpoint(id, { env: {}, home: root, uid: here.machine.uid, platform: linuxPlatform });
    if (!endpoint.ok) throw new Error(endpoint.failure.code);
    expect(await liveSession(here)(id)).toBeNull();
    const identity = { version: '0', pid: process.pid, uid: here.machine.uid, control: endpoint.value.socket, startedAtMs: 1 };
    const outcome = await acquireLock(endpoint.value, identity);
    if (outcome.kind !== 'acquired') throw new Error(outcome.kind);
    // The process started in the repository, where this stack has no record: all that is known is that it lives.
    expect(await liveSession(here)(id)).toEqual({ config: null });
    await outcome.lock.release();
    expect(await liveSession(here)(id)).toBeNull();
  });
});
