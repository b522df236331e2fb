/** The simulated machine beyond the contract: what a test may do with it. */
import { describe, expect, it } from 'vitest';
import { FakeMachine } from '../rig/fake-machine.ts';

describe('the simulated machine', () => {
  it('lets a test act between any two reads', async () => {
    const machine = new FakeMachine();
    const victim = machine.spawn({ session: true });
    const id = { pid: victim.pid, start: victim.start };
    machine.beforeRead = (read) => {
      if (read !== 'signal') return;
      machine.beforeRead = null;
      victim.exit();
      machine.spawn({ pid: id.pid, session: true });
    };
    expect(await machine.signal(id, 'SIGKILL')).toBe('reused');
    expect(machine.sent).toEqual([]);
    expect(await machine.process(id.pid)).not.toBeNull();
  });

  it('moves its time only on request, and each wait ends at its own moment', async () => {
    const machine = new FakeMachine();
    const ends: number[] = [];
    const began = machine.clock.now();
    const nested = (async () => {
      await machine.clock.sleep(10);
      ends.push(machine.clock.now() - began);
      await machine.clock.sleep(15);
      ends.push(machine.clock.now() - began);
    })();
    const slow = machine.spawn({ on: { SIGTERM: { dieAfterMs: 12 } } });
    await machine.signal(slow, 'SIGTERM');
    await machine.advance(11);
    expect(slow.alive).toBe(true);
    await machine.advance(30);
    await nested;
    expect(slow.alive).toBe(false);
    expect(ends).toEqual([10, 25]);
    expect(machine.clock.pending).toBe(0);
  });

  it("hides files and folders of another user's processes, and does not signal them", async () => {
    const machine = new FakeMachine({ uid: 1000 });
    const theirs = machine.spawn({ parent: machine.table.init, uid: 0, session: true, env: { A: 'b' } });
    const { handle } = machine.listen(theirs, 80);
    expect((await machine.holders(new Set([handle]))).size).toBe(0);
    expect(await machine.variable(theirs.pid, 'A')).toBeNull();
    expect(await machine.details(theirs)).toMatchObject({ cwd: null, uid: 0, user: 'root' });
    expect(await machine.signal(theirs, 'SIGTERM')).toBe('denied');
    expect(await machine.signalGroup(theirs.pid, [theirs], 'SIGTERM')).toBe('denied');
    expect(theirs.alive).toBe(true);
  });
});
