import { describe, expect, test } from 'vitest';
import { EventLog } from '../../../../src/model/event-log.ts';
import { Leftovers } from '../../../../src/supervisor/session/reclaim.ts';
import { FakeMachine } from '../../../rig/fake-machine.ts';
import { inTime } from '../../processes/in-time.ts';

const STACK = '0123456789abcdef';

function world() {
  const machine = new FakeMachine();
  const events = new EventLog({ wallTime: () => machine.clock.wallTime() });
  const leftovers = new Leftovers(machine, { stackId: STACK, liveSession: 's2', record: null }, events);
  let looks = 0;
  machine.beforeRead = (read) => {
    if (read === 'variable') looks++;
  };
  const leftover = () =>
    machine.spawn({ parent: machine.table.init, uid: machine.uid, session: true, env: { DEVUP_RUN: `${STACK}:s1:web` }, name: 'node' });
  return { machine, events, leftovers, leftover, looks: () => looks };
}

describe('leftovers of an earlier session', () => {
  test('are found without ending any', async () => {
    const { machine, events, leftovers, leftover } = world();
    const { pid } = leftover();
    expect((await leftovers.find()).map((found) => found.pid)).toEqual([pid]);
    expect(machine.sent).toEqual([]);
    expect(events.lastSeq).toBe(0);
  });

  test('are ended as they are at the reclaim: those gone since are not reported', async () => {
    const { machine, events, leftovers, leftover } = world();
    const [first, second] = [leftover(), leftover()];
    await leftovers.find();
    second.exit();
    await inTime(machine, leftovers.reclaim());
    expect(machine.sent.map(({ target }) => target.pid)).toEqual([first.pid]);
    expect(await machine.process(first.pid)).toBeNull();
    expect(events.lastSeq).toBe(1);
  });

  test('are not searched for again if there were none', async () => {
    const { machine, leftovers, looks } = world();
    await leftovers.find();
    const before = looks();
    expect(before).toBeGreaterThan(0);
    await leftovers.reclaim();
    expect(looks()).toBe(before);
    expect(machine.sent).toEqual([]);
  });
});
