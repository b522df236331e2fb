import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PsRow, parsePs, parsePsVariable } from '../../../../src/machine/parse/ps.ts';
import { hostileName, mutated, numbersIn, pid } from './hostile.ts';

const sample = [
  '    1     0     1     0 Ss     0:12.34   21504 Sun Nov 22 08:01:02 2026     launchd',
  ' 5210  5100  5210   501 S+     0:01.25   48392 Sun Nov 22 09:12:00 2026     node',
  '  611     1   611   501 T      1:02:03   80000 Tue Jan  5 23:59:59 2027     Google Chrome He',
  '  700     1   700   501 Z   2-03:04:05       0 Tue Jan  5 23:59:59 2027     ',
  '',
].join('\n');

const row: fc.Arbitrary<PsRow> = fc.record({
  pid,
  ppid: fc.nat(99999),
  pgid: fc.nat(99999),
  uid: fc.nat(4_294_967_294),
  state: fc.constantFrom('R', 'S', 'I', 'T', 'U', 'Z'),
  cpuMs: fc.nat(100_000_000).map((n) => n * 10),
  residentBytes: fc.nat(1_000_000).map((n) => n * 1024),
  startedAtMs: fc.integer({ min: 0, max: 4_000_000_000 }).map((n) => n * 1000),
  // BSD escapes what it cannot print (vis(3)), so that a row stays a line.
  name: hostileName.map((name) =>
    name.replace(/[\p{C}\s]/gu, (char) => (char === ' ' ? ' ' : `\\${char.charCodeAt(0).toString(8)}`)).trim(),
  ),
});

function render(rows: readonly PsRow[]): string {
  return rows
    .map((r) => {
      const date = new Date(r.startedAtMs);
      const [day = '', , month = '', year = '', clock = ''] = date.toUTCString().replace(',', '').split(' ');
      const minutes = Math.floor(r.cpuMs / 60_000);
      const seconds = ((r.cpuMs % 60_000) / 1000).toFixed(2).padStart(5, '0');
      const lstart = `${day} ${month} ${String(date.getUTCDate()).padStart(2)} ${clock} ${year}`;
      return `${String(r.pid).padStart(5)} ${r.ppid} ${r.pgid} ${r.uid} ${r.state}s+ ${minutes}:${seconds} ${r.residentBytes / 1024} ${lstart}     ${r.name}\n`;
    })
    .join('');
}

describe('ps of BSD', () => {
  it('is read as printed', () => {
    expect(parsePs(sample)).toMatchObject([
      {
        pid: 1,
        ppid: 0,
        state: 'S',
        cpuMs: 12_340,
        residentBytes: 21504 * 1024,
        startedAtMs: Date.UTC(2026, 10, 22, 8, 1, 2),
        name: 'launchd',
      },
      { pid: 5210, ppid: 5100, pgid: 5210, uid: 501, cpuMs: 1250, name: 'node' },
      { pid: 611, state: 'T', cpuMs: 3_723_000, startedAtMs: Date.UTC(2027, 0, 5, 23, 59, 59), name: 'Google Chrome He' },
      { pid: 700, state: 'Z', cpuMs: 183_845_000, name: '' },
    ]);
  });

  it('parses what was written', () => {
    fc.assert(fc.property(fc.array(row, { maxLength: 5 }), (rows) => void expect(parsePs(render(rows))).toEqual(rows)));
  });

  it('never throws on damaged text, and never invents a process', () => {
    fc.assert(
      fc.property(mutated(fc.array(row, { minLength: 1, maxLength: 3 }).map(render)), (text) => {
        const there = numbersIn(text);
        for (const { pid, ppid, pgid } of parsePs(text)) for (const number of [pid, ppid, pgid]) expect(there).toContain(number);
      }),
    );
  });

  it('finds a variable behind the arguments', () => {
    expect(parsePsVariable('node server.js DEVUP_RUN=old PATH=/bin:/usr/bin DEVUP_RUN=a:b:c HOME=/Users/me\n', 'DEVUP_RUN')).toBe('a:b:c');
    expect(parsePsVariable('node server.js XDEVUP_RUN=1\n', 'DEVUP_RUN')).toBeNull();
    expect(parsePsVariable('', 'DEVUP_RUN')).toBeNull();
  });
});
