import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readRecord, recordFile, removeRecord, type SessionRecord, writeRecord } from '../../../src/processes/record.ts';
import { FakeMachine } from '../../rig/fake-machine.ts';

let folder: string;
/** Belongs to the user who writes the tests' files. */
const machine = new FakeMachine({ uid: process.geteuid?.() ?? 0 });
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'record-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const id = fc.record({ pid: fc.integer({ min: 2, max: 4_194_304 }), start: fc.nat() });
const records: fc.Arbitrary<SessionRecord> = fc.record({
  format: fc.constant(1 as const),
  stackId: fc.string(),
  session: fc.string(),
  config: fc.string(),
  supervisor: id,
  version: fc.string(),
  bootId: fc.constant(machine.boot),
  networkNamespace: fc.string(),
  touchedAtMs: fc.nat(),
  startedAtMs: fc.nat(),
  guard: fc.option(id),
  services: fc.array(
    fc.record({ name: fc.string(), main: id, members: fc.array(id), ports: fc.array(fc.integer({ min: 1, max: 65_535 })) }),
    { maxLength: 3 },
  ),
});
const [sample] = fc.sample(records, { numRuns: 1, seed: 1 }) as [SessionRecord];

/** As read back from disk. */
async function readBack(text: string): Promise<SessionRecord | null> {
  writeFileSync(recordFile(folder), text);
  return readRecord(machine, folder);
}

test('a record is read back unchanged', async () => {
  await fc.assert(
    fc.asyncProperty(records, async (record) => {
      await writeRecord(machine, folder, record);
      expect(await readBack(machine.files.get(recordFile(folder)) ?? '')).toEqual(record);
    }),
    { numRuns: 50 },
  );
});

describe('a record that is not trusted', () => {
  const text = JSON.stringify(sample);
  test('F4: a record that was cut off is ignored', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: text.length - 1 }), async (length) => {
        expect(await readBack(text.slice(0, length))).toBeNull();
      }),
      { numRuns: 50 },
    );
  });

  test('F4, F6: a damaged record never names init, our own group or all processes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: text.length - 1 }), fc.constantFrom(...'-0.e",]}'), async (at, byte) => {
        const record = await readBack(`${text.slice(0, at)}${byte}${text.slice(at + 1)}`);
        const named = record ? [record.supervisor, record.guard, ...record.services.flatMap((one) => [one.main, ...one.members])] : [];
        for (const process of named) expect(process === null || (Number.isSafeInteger(process.pid) && process.pid > 1)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  const lies: Readonly<Record<string, unknown>> = {
    'of another boot': { ...sample, bootId: 'another' },
    'of another format': { ...sample, format: 2 },
    'that names our own group': { ...sample, supervisor: { pid: 0, start: 1 } },
    'that names everybody': { ...sample, guard: { pid: -1, start: 1 } },
    'that names init': { ...sample, services: [{ name: 'web', main: { pid: 1, start: 1 }, members: [], ports: [] }] },
    'that names half a process': { ...sample, services: [{ name: 'web', main: { pid: 2.5, start: 1 }, members: [], ports: [] }] },
    'with a port that is no number': {
      ...sample,
      services: [{ name: 'web', main: { pid: 2, start: 1 }, members: [], ports: ['8000; rm'] }],
    },
    'that is a list': [sample],
    'that is nothing': null,
  };
  for (const [which, lie] of Object.entries(lies)) {
    test(which, async () => expect(await readBack(JSON.stringify(lie))).toBeNull());
  }

  test('F4: a record that is a link, a folder, too long or missing is ignored', async () => {
    expect(await readRecord(machine, folder)).toBeNull();
    writeFileSync(join(folder, 'elsewhere'), JSON.stringify(sample));
    symlinkSync(join(folder, 'elsewhere'), recordFile(folder));
    expect(await readRecord(machine, folder)).toBeNull();
    removeRecord(folder);
    expect(await readBack(`${JSON.stringify(sample)}${' '.repeat(1024 * 1024)}`)).toBeNull();
  });
});

test('a record is removed, and a missing one is no error', async () => {
  writeFileSync(recordFile(folder), JSON.stringify(sample));
  removeRecord(folder);
  removeRecord(folder);
  expect(await readRecord(machine, folder)).toBeNull();
});
