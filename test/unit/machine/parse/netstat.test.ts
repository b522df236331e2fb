import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NetstatRow, parseExcludedPorts, parseNetstat } from '../../../../src/machine/parse/netstat.ts';
import { ipv4, mutated, numbersIn, pid, port } from './hostile.ts';

const captured = [
  '',
  'Active Connections',
  '',
  '  Proto  Local Address          Foreign Address        State           PID',
  '  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       1064',
  '  TCP    127.0.0.1:8000         0.0.0.0:0              LISTENING       4121',
  '  TCP    127.0.0.1:8000         127.0.0.1:51022        ESTABLISHED     4121',
  '  TCP    127.0.0.1:51023        127.0.0.1:8000         TIME_WAIT       0',
  '  TCP    [::]:5173              [::]:0                 ABHÖREN         5210',
  '  TCP    [fe80::1%12]:80        [::]:0                 À L ÉCOUTE      44',
  '  UDP    0.0.0.0:5353           *:*                                    2204',
  '',
].join('\r\n');

const row: fc.Arbitrary<NetstatRow> = fc
  .record({
    address: fc.oneof(
      ipv4,
      fc.ipV6().filter((each) => !each.includes('.')),
    ),
    port,
    remote: fc.option(fc.tuple(ipv4, port).map(([a, p]) => `${a}:${p}`)),
    pid,
  })
  .map((r) => ({ ...r, state: r.remote === null ? 'LISTENING' : 'ESTABLISHED' }));

function render(rows: readonly NetstatRow[]): string {
  return rows
    .map(({ address, port, remote, state, pid }) => {
      const v6 = address.includes(':');
      const foreign = remote ?? (v6 ? '[::]:0' : '0.0.0.0:0');
      return `  TCP    ${(v6 ? `[${address}]:${port}` : `${address}:${port}`).padEnd(22)} ${foreign.padEnd(22)} ${state.padEnd(15)} ${pid}\r\n`;
    })
    .join('');
}

describe('netstat -ano', () => {
  it('is read in any language', () => {
    expect(parseNetstat(captured)).toEqual([
      { address: '0.0.0.0', port: 135, remote: null, state: 'LISTENING', pid: 1064 },
      { address: '127.0.0.1', port: 8000, remote: null, state: 'LISTENING', pid: 4121 },
      { address: '127.0.0.1', port: 8000, remote: '127.0.0.1:51022', state: 'ESTABLISHED', pid: 4121 },
      { address: '127.0.0.1', port: 51023, remote: '127.0.0.1:8000', state: 'TIME_WAIT', pid: 0 },
      { address: '::', port: 5173, remote: null, state: 'ABHÖREN', pid: 5210 },
      { address: 'fe80::1%12', port: 80, remote: null, state: 'À L ÉCOUTE', pid: 44 },
    ]);
  });

  it('parses what was written', () => {
    fc.assert(fc.property(fc.array(row, { maxLength: 5 }), (rows) => void expect(parseNetstat(render(rows))).toEqual(rows)));
  });

  it('never throws on damaged text, and never invents a process', () => {
    fc.assert(
      fc.property(mutated(fc.array(row, { minLength: 1, maxLength: 3 }).map(render)), (text) => {
        const there = numbersIn(text);
        for (const { pid, port } of parseNetstat(text)) for (const number of [pid, port]) expect(there).toContain(number);
      }),
    );
  });
});

describe('the ranges that Windows reserves', () => {
  it('are the pairs of numbers, whatever the headings say', () => {
    const text =
      '\r\nProtokoll tcp Portausschlussbereiche\r\n\r\nStartport     Endport\r\n----------    --------\r\n      5357        5357\r\n     49670       49769\r\n     50000       50059     *\r\n\r\n* - Verwaltete Portausschlüsse.\r\n';
    expect(parseExcludedPorts(text)).toEqual([
      [5357, 5357],
      [49670, 49769],
      [50000, 50059],
    ]);
    expect(parseExcludedPorts('  70000  70001\n  90 80\n 0 1\n')).toEqual([]);
  });
});
