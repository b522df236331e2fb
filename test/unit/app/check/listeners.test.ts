import { expect, test } from 'vitest';
import { listeningNow } from '../../../../src/app/check/listeners.ts';
import type { SessionRecord } from '../../../../src/processes/record.ts';
import { nameHolder } from '../../../../src/render/words/holder.ts';
import { FakeMachine } from '../../../rig/fake-machine.ts';
import type { FakeProcess } from '../../../rig/fake-processes.ts';

const STACK = '0123456789abcdef';
const marked = (session: string, service: string, stack = STACK) => ({ DEVUP_RUN: `${stack}:${session}:${service}` });
const id = ({ pid, start }: FakeProcess) => ({ pid, start });

async function listening(machine: FakeMachine, declared: readonly number[], record: Partial<SessionRecord> | null = null) {
  const session = { stackId: STACK, key: 's1', record: record as SessionRecord | null };
  const all = await listeningNow(machine, session, new Set(declared), (holder) =>
    holder ? nameHolder(holder) : 'a process that cannot be seen',
  );
  return all.map(({ port, service, description }) => `${port} ${service} ${description}`).toSorted();
}

test('a process belongs to a service by its marker, and so do its descendants without a marker', async () => {
  const machine = new FakeMachine();
  const server = machine.spawn({ name: 'node', env: marked('s1', 'web') });
  machine.listen(server, 8000);
  machine.listen(server.fork({ name: 'worker', env: {} }).fork({ name: 'deep', env: {} }), 40_000);
  expect(await listening(machine, [8000])).toEqual(['40000 web web', '8000 web web']);
});

test('a process that overwrote its environment and left its parent is recognised by the record, if it is still the same', async () => {
  const machine = new FakeMachine();
  const { init } = machine.table;
  const postgres = machine.spawn({ parent: init, uid: machine.uid, name: 'postgres', env: {}, session: true });
  machine.listen(postgres, 5432);
  const services = (start: number) => [{ name: 'db', main: { pid: postgres.pid, start }, members: [id(postgres)], ports: [5432] }];
  expect(await listening(machine, [], { services: services(postgres.start) })).toEqual(['5432 db db']);
  const other = [{ name: 'db', main: { pid: postgres.pid, start: 1 }, members: [], ports: [5432] }];
  expect(await listening(machine, [], { services: other })).toEqual([]);
});

test('of foreign processes, only those on declared ports are reported: another stack, an earlier session, any other', async () => {
  const machine = new FakeMachine();
  const { init } = machine.table;
  const stranger = (name: string, env: Readonly<Record<string, string>>) =>
    machine.spawn({ parent: init, uid: machine.uid, name, argv: [name], env, session: true });
  machine.listen(stranger('other', marked('s1', 'web', 'fedcba9876543210')), 8000);
  machine.listen(stranger('earlier', marked('s0', 'web')), 8001);
  machine.listen(stranger('anybody', {}), 8002);
  machine.listen(stranger('elsewhere', {}), 9000);
  expect(await listening(machine, [8000, 8001, 8002])).toEqual([
    expect.stringMatching(/^8000 null other \(pid \d+/),
    expect.stringMatching(/^8001 null earlier \(pid \d+/),
    expect.stringMatching(/^8002 null anybody \(pid \d+/),
  ]);
});
