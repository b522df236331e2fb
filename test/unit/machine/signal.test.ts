import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ProcessRow } from '../../../src/machine/machine.ts';
import { type ReadProcess, signalGroupOf, signalProcess } from '../../../src/machine/signal.ts';

function row(pid: number, start: number, pgid: number): ProcessRow {
  return { pid, start, pgid, ppid: 1, sid: pgid, stopped: false, name: 'node', cpuMs: 0, residentBytes: 0 };
}

/** A world of these processes; `kill` is never the real one here. */
function world(...rows: readonly ProcessRow[]): { look: ReadProcess; kill: ReturnType<typeof vi.spyOn> } {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  return { look: (pid) => rows.find((each) => each.pid === pid) ?? null, kill };
}

function failing(code: string): void {
  vi.spyOn(process, 'kill').mockImplementation(() => {
    throw Object.assign(new Error(code), { code });
  });
}

describe('sending a signal', () => {
  afterEach(() => vi.restoreAllMocks());

  it('reaches the intended process', () => {
    const { look, kill } = world(row(500, 7, 500));
    expect(signalProcess({ pid: 500, start: 7 }, 'SIGTERM', look)).toBe('sent');
    expect(kill.mock.calls).toEqual([[500, 'SIGTERM']]);
  });

  it('F5: sends no signal if the pid is free or belongs to another process', () => {
    const { look, kill } = world(row(500, 8, 500));
    expect(signalProcess({ pid: 500, start: 7 }, 'SIGKILL', look)).toBe('reused');
    expect(signalProcess({ pid: 501, start: 7 }, 'SIGKILL', look)).toBe('gone');
    expect(kill).not.toHaveBeenCalled();
  });

  it('reports a process that has just ended, and one of another user', () => {
    const look: ReadProcess = (pid) => row(pid, 7, 500);
    failing('ESRCH');
    expect(signalProcess({ pid: 500, start: 7 }, 'SIGTERM', look)).toBe('gone');
    failing('EPERM');
    expect(signalProcess({ pid: 500, start: 7 }, 'SIGTERM', look)).toBe('denied');
    failing('EINVAL');
    expect(() => signalProcess({ pid: 500, start: 7 }, 'SIGTERM', look)).toThrow('EINVAL');
  });

  it('goes to a group through any member that is still in it', () => {
    const { look, kill } = world(row(501, 8, 500));
    const members = [
      { pid: 500, start: 7 },
      { pid: 501, start: 8 },
    ];
    expect(signalGroupOf(500, members, 'SIGTERM', look)).toBe('sent');
    expect(kill.mock.calls).toEqual([[-500, 'SIGTERM']]);
  });

  it('never goes to a group that was recycled, that a member has left, or that is our own', () => {
    const { look, kill } = world(row(500, 9, 500), row(501, 8, 777), row(process.pid, 1, 900));
    expect(signalGroupOf(500, [{ pid: 500, start: 7 }], 'SIGKILL', look)).toBe('reused');
    expect(signalGroupOf(500, [{ pid: 501, start: 8 }], 'SIGKILL', look)).toBe('gone');
    expect(signalGroupOf(500, [], 'SIGKILL', look)).toBe('gone');
    expect(() => signalGroupOf(900, [{ pid: process.pid, start: 1 }], 'SIGKILL', look)).toThrow(RangeError);
    expect(() => signalGroupOf(500, [{ pid: 1, start: 1 }], 'SIGKILL', look)).toThrow(RangeError);
    expect(kill).not.toHaveBeenCalled();
  });
});
