import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createDebugRecord,
  type DebugRecord,
  dropDebugRecord,
  readDebugRecords,
  removeDebugRecord,
} from '../../../src/processes/debug-record.ts';
import { DEBUGGED_ONLY, findLeftovers } from '../../../src/processes/leftovers.ts';
import { FakeMachine } from '../../rig/fake-machine.ts';
import type { FakeProcess } from '../../rig/fake-processes.ts';

const STACK = '0123456789abcdef';
let folder: string;
/** Belongs to the user who writes the tests' files. */
let machine: FakeMachine;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'debug-record-'));
  machine = new FakeMachine({ uid: process.geteuid?.() ?? 0 });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function spawn(env: Readonly<Record<string, string>> = {}): FakeProcess {
  return machine.spawn({ parent: machine.table.init, uid: machine.uid, session: true, env, name: 'node' });
}

function recordOf({ pid, start }: { readonly pid: number; readonly start: number }, service = 'api'): DebugRecord {
  return { format: 1, stackId: STACK, bootId: machine.boot, service, pid, start, sinceMs: 1, command: null, ports: [8000] };
}

const names = (records: readonly DebugRecord[]) => records.map(({ service }) => service);

describe('the record of a debugger', () => {
  test('is live as long as a process has its pid and start time', async () => {
    const by = spawn();
    createDebugRecord(folder, recordOf(by));
    createDebugRecord(folder, recordOf({ pid: by.pid, start: by.start + 1 }, 'web'));
    const { live, dead } = await readDebugRecords(machine, folder);
    expect([names(live), names(dead)]).toEqual([['api'], ['web']]);
  });

  test('exists once for each service, and leaves no other file', async () => {
    const by = spawn();
    createDebugRecord(folder, recordOf(by, '../api'));
    expect(() => createDebugRecord(folder, recordOf(spawn(), '../api'))).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    expect(readdirSync(join(folder, 'debug'))).toHaveLength(1);
    await dropDebugRecord(machine, folder, '../api');
    expect((await readDebugRecords(machine, folder)).live).toMatchObject([{ service: '../api', pid: by.pid }]);
    await removeDebugRecord(machine, folder, { ...recordOf(spawn()), service: '../api' });
    expect((await readDebugRecords(machine, folder)).live).toHaveLength(1);
    await removeDebugRecord(machine, folder, recordOf(by, '../api'));
    expect(readdirSync(join(folder, 'debug'))).toEqual([]);
  });

  test.each(['', '{', '[]', '{"format":1}', 'null'])('%j is none, and gives way to one', async (text) => {
    mkdirSync(join(folder, 'debug'));
    writeFileSync(join(folder, 'debug', 'api.json'), text);
    expect(await readDebugRecords(machine, folder)).toEqual({ live: [], dead: [] });
    await dropDebugRecord(machine, folder, 'api');
    createDebugRecord(folder, recordOf(spawn()));
    expect((await readDebugRecords(machine, folder)).live).toHaveLength(1);
  });

  test('counts only in the file of its service, and gives way elsewhere', async () => {
    const web = recordOf(spawn(), 'web');
    mkdirSync(join(folder, 'debug'));
    writeFileSync(join(folder, 'debug', 'api.json'), JSON.stringify(web));
    expect(await readDebugRecords(machine, folder)).toEqual({ live: [], dead: [] });
    await dropDebugRecord(machine, folder, 'api');
    createDebugRecord(folder, recordOf(spawn()));
    expect(names((await readDebugRecords(machine, folder)).live)).toEqual(['api']);
  });

  test('F6: names no process to end, unless that has its marker or holds a port of its service', async () => {
    const [bystander, holder, marked] = [spawn(), spawn(), spawn({ DEVUP_DEBUG: `${STACK}:4000:1:api` })];
    spawn({ DEVUP_DEBUG: `${STACK}:4001:1:api` });
    machine.listen(holder, 8000);
    const gone = { pid: 4000, start: 1 };
    const found = async (command: FakeProcess) => {
      const dead = [{ ...recordOf(gone), command: { pid: command.pid, start: command.start } }];
      const all = await findLeftovers(machine, { stackId: STACK, record: null, debug: { folder, dead }, ...DEBUGGED_ONLY });
      return all.map(({ pid, service }) => [pid, service]);
    };
    expect(await found(bystander)).toEqual([[marked.pid, 'api']]);
    expect(await found(holder)).toEqual([
      [marked.pid, 'api'],
      [holder.pid, 'api'],
    ]);
  });
});
