import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasNoVariables, isDead, type ProcStat, parseProcStat } from '../../../../src/machine/parse/proc-stat.ts';
import { evilName, hostileName, mutated, numbersIn, pid } from './hostile.ts';

const captured =
  '1287 (node) S 1281 1281 581 0 -1 4194304 9021 2213 0 0 231 42 1 2 20 0 11 0 28416 1098989568 13356 18446744073709551615 4194304 86392453 140730000000000 0 0 0 0 16781312 134235650 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n';

const stat: fc.Arbitrary<ProcStat> = fc.record({
  pid,
  name: hostileName,
  state: fc.constantFrom('R', 'S', 'D', 'T', 't', 'Z', 'X', 'I'),
  ppid: fc.nat(4_194_304),
  pgid: fc.nat(4_194_304),
  sid: fc.nat(4_194_304),
  cpuTicks: fc.nat(),
  threads: fc.nat(1000),
  start: fc.nat(),
  residentPages: fc.nat(),
});

function render(s: ProcStat): string {
  const user = Math.floor(s.cpuTicks / 3);
  const head = `${s.pid} (${s.name}) ${s.state} ${s.ppid} ${s.pgid} ${s.sid} 34816 -1 4194304 1 2 3 4 ${user} ${s.cpuTicks - user} 7 8 20 0`;
  return `${head} ${s.threads} 0 ${s.start} 1098989568 ${s.residentPages} 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0\n`;
}

describe('/proc/PID/stat', () => {
  it('is read as captured', () => {
    expect(parseProcStat(captured)).toEqual({
      pid: 1287,
      name: 'node',
      state: 'S',
      ppid: 1281,
      pgid: 1281,
      sid: 581,
      cpuTicks: 273,
      threads: 11,
      start: 28416,
      residentPages: 13356,
    });
  });

  it('parses what was written, whatever the name of the process', () => {
    fc.assert(fc.property(stat, (s) => void expect(parseProcStat(render(s))).toEqual(s)));
    const evil = { ...parseProcStat(captured), name: evilName } as ProcStat;
    expect(parseProcStat(render(evil))).toEqual(evil);
  });

  it('never throws on damaged text, and never invents a number', () => {
    fc.assert(
      fc.property(mutated(stat.map(render)), (text) => {
        const parsed = parseProcStat(text);
        if (parsed === null) return;
        const there = numbersIn(text);
        for (const number of [parsed.pid, parsed.ppid, parsed.pgid, parsed.sid, parsed.start]) expect(there).toContain(number);
      }),
    );
    for (const text of ['', ' (', ') ', '12', '12 (a', '12 (a) ', '12 (a) S', '-1 (a) S 1 1 1', 'abc (a) S 1 1 1'])
      expect(parseProcStat(text)).toBeNull();
  });

  it('tells an environment that execve has not written yet from an empty one', () => {
    const at = (name: string, environment: string) => `7 (${name}) S ${'1 '.repeat(46)}${environment} 0\n`;
    expect(hasNoVariables(at('sleep', '0 0'))).toBe(false);
    expect(hasNoVariables(at('sleep', '140736973893613 140736973893613'))).toBe(true);
    expect(hasNoVariables(at('sleep', '140736973893613 140736973893700'))).toBe(false);
    expect(hasNoVariables(at(evilName, '0 0'))).toBe(false);
    expect(hasNoVariables('')).toBe(false);
  });

  it('F41: counts zombies as dead, but not a process of which only the first thread has ended', () => {
    const base = parseProcStat(captured) as ProcStat;
    expect(isDead({ ...base, state: 'Z', threads: 1 })).toBe(true);
    expect(isDead({ ...base, state: 'X', threads: 0 })).toBe(true);
    expect(isDead({ ...base, state: 'Z', threads: 3 })).toBe(false);
    expect(isDead({ ...base, state: 'T' })).toBe(false);
  });
});
