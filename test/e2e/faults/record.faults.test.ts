/**
 * A record is a claim, not a fact: a broken, stale or forged one leads to no foreign process being signalled, and hides none of
 * ours.
 */
import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { currentMachine } from '../../../src/machine/current.ts';
import type { SessionRecord } from '../../../src/processes/record.ts';
import { Guard } from '../../../src/supervisor/session/guard.ts';
import type { Puppet } from '../../rig/puppets.ts';
import type { RunOptions } from '../../rig/rig.ts';
import { type Rig, test } from '../../rig/rig.ts';
import { expectCleanWorld } from '../../rig/world.ts';
import { isAlive } from '../ports/answers.ts';
import { diesWithItsGuard, identityOf, recordFile, recordOf } from './session.ts';

const NOBODY = 65534;
const asRoot = process.getuid?.() === 0;

/** A foreign process that writes down every signal it gets. */
async function bystander(rig: Rig, name = 'bystander', flags: readonly (string | number)[] = [], options: RunOptions = {}) {
  const puppet = rig.puppet(name, ...flags);
  const { pid } = rig.spawn(puppet.command, options);
  await puppet.waitFor('ready');
  return { puppet, pid };
}

function expectUntouched({ puppet, pid }: { readonly puppet: Puppet; readonly pid: number }): void {
  expect(puppet.journal().filter(({ event }) => event === 'signal')).toEqual([]);
  expect(isAlive(pid)).toBe(true);
}

/** A service with a grandchild in another session. */
function web(rig: Rig): Puppet {
  const puppet = rig.puppet('web', '--ready', 'up', '--child', 'setsid+orphan');
  rig.config({ web: { command: puppet.command, ready: { log: 'up' } } });
  return puppet;
}

/** The record of a session that has ended. */
async function recordOfBefore(rig: Rig): Promise<SessionRecord> {
  expect((await rig.devup(['start', '-d'])).code).toBe(0);
  const record = recordOf(rig);
  expect((await rig.devup(['stop'])).code).toBe(0);
  return record;
}

function forge(rig: Rig, record: unknown): void {
  writeFileSync(recordFile(rig), typeof record === 'string' ? record : JSON.stringify(record), { mode: 0o600 });
}

/** Makes every process of the record this one. */
function naming(record: SessionRecord, id: { readonly pid: number; readonly start: number }, ports: readonly number[] = []): SessionRecord {
  return { ...record, supervisor: id, services: [{ name: 'web', main: id, members: [id], ports }] };
}

/** All commands that read a record, in turn; the last one ends what was started. */
async function everyCommand(rig: Rig): Promise<void> {
  for (const args of [['status'], ['stop'], ['start', '-d'], ['stop']]) {
    const answer = await rig.devup(args);
    expect(answer.stderr).not.toMatch(/E470| at .*:\d+:\d+/);
    if (args[0] !== 'status') expect({ args, code: answer.code, stderr: answer.stderr }).toMatchObject({ code: 0 });
  }
}

describe.concurrent('F4: a record that cannot be read', () => {
  const variants: Readonly<Record<string, (rig: Rig, record: SessionRecord, id: { pid: number; start: number }) => void>> = {
    truncated: (rig, record, id) => forge(rig, JSON.stringify(naming(record, id)).slice(0, -30)),
    empty: (rig) => forge(rig, ''),
    'no JSON object': (rig) => forge(rig, '[null, 1, "record"]'),
    'without its fields': (rig) => forge(rig, '{"format":1,"services":[{}]}'),
    'bytes of no text': (rig) => writeFileSync(recordFile(rig), Buffer.from([0, 0xff, 0xfe, 0x7b, 0x22, 0xc3])),
    'of another format': (rig, record, id) => forge(rig, { ...naming(record, id), format: 2 }),
    'of another boot': (rig, record, id) => forge(rig, { ...naming(record, id), bootId: '00000000-0000-4000-8000-000000000000' }),
    'naming pid 1': (rig, record) => forge(rig, naming(record, { pid: 1, start: 0 })),
    'naming pid -1': (rig, record) => forge(rig, naming(record, { pid: -1, start: 0 })),
    'naming pid 0': (rig, record) => forge(rig, naming(record, { pid: 0, start: 0 })),
    'of two megabytes': (rig, record, id) => forge(rig, JSON.stringify(naming(record, id)) + ' '.repeat(2_000_000)),
    'a symbolic link': (rig, record, id) => {
      const target = rig.write('elsewhere.json', naming(record, id));
      rmSync(recordFile(rig));
      symlinkSync(target, recordFile(rig));
    },
  };
  const all = Object.entries(variants);
  for (const some of [all.slice(0, 4), all.slice(4, 8), all.slice(8)]) {
    test(`F4: ${some.map(([what]) => what).join(', ')}: no process is killed because of it, and leftovers are found by their marker`, async ({
      rig,
    }) => {
      const other = await bystander(rig);
      const puppet = web(rig);
      for (const [what, spoil] of some) {
        expect((await rig.devup(['start', '-d'])).code).toBe(0);
        const left = puppet.pids().filter(isAlive);
        expect(left).toHaveLength(2);
        await diesWithItsGuard(rig);
        spoil(rig, recordOf(rig), identityOf(other.pid));
        const answer = await rig.devup(['start', '-d']);
        expect({ what, code: answer.code, stderr: answer.stderr }).toMatchObject({ code: 0 });
        expect({ what, left: left.filter(isAlive) }).toEqual({ what, left: [] });
        expect(answer.stderr).toMatch(
          what === 'of another boot' ? /record\.json is ignored: .* has restarted/ : /record\.json is ignored: /,
        );
        expect((await rig.devup(['stop'])).code).toBe(0);
        expectUntouched(other);
      }
      await expectCleanWorld(rig, [other.pid]);
    });
  }

  test('F4: a stop also reports an ignored record, and finds leftovers by their marker', async ({ rig }) => {
    const puppet = web(rig);
    for (const text of ['', '{"format":1', '[]']) {
      expect((await rig.devup(['start', '-d'])).code).toBe(0);
      const left = puppet.pids().filter(isAlive);
      await diesWithItsGuard(rig);
      forge(rig, text);
      expect(await rig.devup(['stop'])).toMatchObject({ code: 0, stderr: expect.stringMatching(/record\.json is ignored: /) });
      expect(left.filter(isAlive)).toEqual([]);
      // Reported once: the record is gone with what it was about.
      expect((await rig.devup(['start', '-d'])).stderr).not.toContain('is ignored');
      expect((await rig.devup(['stop'])).code).toBe(0);
    }
    await expectCleanWorld(rig);
  });

  test('F4: a folder in place of the record is reported, and nothing is lost', async ({ rig }) => {
    const puppet = web(rig);
    await recordOfBefore(rig);
    mkdirSync(recordFile(rig));
    const answer = await rig.devup(['start', '-d']);
    expect(answer).toMatchObject({ code: 0, stderr: expect.stringContaining('record.json') });
    expect(await rig.devup(['stop'])).toMatchObject({ code: 0 });
    expect(puppet.pids().filter(isAlive)).toEqual([]);
    rmSync(recordFile(rig), { recursive: true });
    await expectCleanWorld(rig);
  });
});

describe.concurrent('F5: a number that belongs to another process by now', () => {
  test('F5: a recorded pid with another start time is not signalled, in whatever role it is recorded', async ({ rig }) => {
    const other = await bystander(rig);
    web(rig);
    const record = await recordOfBefore(rig);
    const { pid, start } = identityOf(other.pid);
    for (const reused of [start - 1, start + 1]) {
      const id = { pid, start: reused };
      forge(rig, { ...naming(record, id), guard: id });
      await everyCommand(rig);
    }
    expectUntouched(other);
    await expectCleanWorld(rig, [other.pid]);
  });

  test('F5: a guard skips a group whose number was reused, and ends the one it watches', async ({ rig }) => {
    const [recycled, meant] = [await bystander(rig, 'recycled'), await bystander(rig, 'meant')];
    const guard = new Guard({
      machine: currentMachine(),
      markerPrefix: '0123456789abcdef:nobody:',
      onStarted: ({ pid }) => rig.remember(pid),
    });
    await guard.start();
    const { pid, start } = identityOf(recycled.pid);
    guard.watch({ pid, start: start - 1 }, 'SIGTERM');
    guard.watch(identityOf(meant.pid), 'SIGTERM');
    await guard.sweep();
    expect(isAlive(meant.pid)).toBe(false);
    expectUntouched(recycled);
  });
});

describe.concurrent('F6: a forged record that names somebody else’s process', () => {
  test('F6: a process recorded with the right pid and start time, but unrelated to the stack, is not signalled', async ({ rig }) => {
    const [other, port] = [await bystander(rig), await rig.port()];
    web(rig);
    const record = await recordOfBefore(rig);
    // A foreign process, and the one that runs devup.
    for (const pid of [other.pid, process.pid]) {
      forge(rig, naming(record, identityOf(pid), [port]));
      await everyCommand(rig);
    }
    expectUntouched(other);
    await expectCleanWorld(rig, [other.pid]);
  });

  test.runIf(asRoot)('F6: a recorded process of another user is not signalled, not even by root', async ({ rig }) => {
    const puppets = rig.puppet('foreign').command[3] as string;
    chmodSync(puppets.slice(0, puppets.lastIndexOf('/')), 0o777);
    const foreign = await bystander(rig, 'foreign', [], { uid: NOBODY });
    web(rig);
    forge(rig, naming(await recordOfBefore(rig), identityOf(foreign.pid)));
    await everyCommand(rig);
    expectUntouched(foreign);
    await expectCleanWorld(rig, [foreign.pid]);
  });

  test.runIf(asRoot)('F6: a record written by another user is ignored, even if it names the holder of a port', async ({ rig }) => {
    const port = await rig.port();
    const holder = await bystander(rig, 'holder', ['--port', port]);
    web(rig);
    const record = await recordOfBefore(rig);
    forge(rig, naming(record, identityOf(holder.pid), [port]));
    chownSync(recordFile(rig), NOBODY, NOBODY);
    expect((JSON.parse(readFileSync(recordFile(rig), 'utf8')) as SessionRecord).services[0]?.main.pid).toBe(holder.pid);
    await everyCommand(rig);
    expectUntouched(holder);
    await expectCleanWorld(rig, [holder.pid]);
  });
});
