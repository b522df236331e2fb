import { beforeEach, describe, expect, test } from 'vitest';
import { type EngineClient, parseClient, recordable } from '../../../src/processes/engine-client.ts';
import { findLeftoverContainers } from '../../../src/processes/leftover-containers.ts';
import type { LeftoverSource } from '../../../src/processes/leftovers.ts';
import { type FakeContainer, FakeEngine } from '../../rig/fake-engine.ts';
import { FakeMachine } from '../../rig/fake-machine.ts';

const client = (line: string, machine: FakeMachine): EngineClient => {
  const argv = line.split(' ');
  const command = parseClient(argv);
  if (!command) throw new Error(`no client: ${line}`);
  return { pid: 7, start: 1, ...command, argv, cwd: '/home/you/shop', env: {}, startedAtMs: machine.clock.wallTime() };
};

describe('a container of a session that is over', () => {
  let machine: FakeMachine;
  let engine: FakeEngine;
  beforeEach(() => {
    machine = new FakeMachine();
    engine = new FakeEngine(machine);
  });

  const source = (line: string, ids: readonly string[], session = 's1', endedAtMs: number | null = null) =>
    ({
      stackId: '0123456789abcdef',
      liveSession: 's2',
      record: {
        session,
        touchedAtMs: endedAtMs ?? machine.clock.wallTime(),
        services: [{ name: 'db', main: { pid: 7, start: 1 }, members: [], ports: [], clients: [recordable(client(line, machine), ids)] }],
      },
    }) as unknown as LeftoverSource;
  const found = async (from: LeftoverSource, services: readonly string[] | null = null) =>
    (await findLeftoverContainers(from, services, () => engine.run)).map(({ id }) => id);

  test('is found by its id, and by the name that its client gave it', async () => {
    const { id } = engine.start(8000, { name: 'db' });
    expect(await found(source('docker run img', [id]))).toEqual([id]);
    expect(await found(source('docker run --name db -e PASSWORD=hunter2 img', []))).toEqual([id]);
    expect(await found(source('docker run --name db img', [id]), ['web'])).toEqual([]);
  });

  test('is none that has stopped, that nobody recorded, that is older than the client, or that the live session started', async () => {
    const one: FakeContainer = engine.start(8000, { name: 'db' });
    expect(await found(source('docker run img', []))).toEqual([]);
    expect(await found(source('docker run img', [one.id], 's2'))).toEqual([]);
    await machine.advance(60_000);
    expect(await found(source('docker run --name db img', []))).toEqual([]);
    one.running = false;
    expect(await found(source('docker run img', [one.id]))).toEqual([]);
    expect(await found(source('docker run img', ['f'.repeat(64)]))).toEqual([]);
  });

  test('is none that a person has started since, under the same name', async () => {
    const began = machine.clock.wallTime();
    const source1 = source('docker run --name db img', [], 's1', began);
    await machine.advance(3_600_000);
    engine.start(8000, { name: 'db' });
    expect(await found(source1)).toEqual([]);
  });

  test('is recorded without what its command line hands to it', () => {
    const secret = client('docker run --name db -e PASSWORD=hunter2 --label k=hunter2 img --token hunter2', machine);
    expect(JSON.stringify(recordable(secret, []))).not.toContain('hunter2');
    const composed = client('docker compose run -e PASSWORD=hunter2 db', machine);
    expect(JSON.stringify(recordable(composed, []))).not.toContain('hunter2');
  });
});
