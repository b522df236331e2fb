import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CimRow, parseCim, splitCommandLine } from '../../../../src/machine/parse/cim.ts';
import { hostileName, mutated, numbersIn, pid } from './hostile.ts';

const text = fc.option(hostileName.filter((name) => name !== ''));
const row: fc.Arbitrary<CimRow> = fc.record({
  pid,
  ppid: pid,
  name: hostileName,
  startedAtMs: fc.integer({ min: 1, max: 4_000_000_000_000 }),
  cpuMs: fc.option(fc.nat()),
  residentBytes: fc.option(fc.nat()),
  commandLine: text,
  executable: text,
  user: text,
});

function render(rows: readonly CimRow[]): string {
  const objects = rows.map(({ startedAtMs, residentBytes, ...rest }) => ({ ...rest, start: startedAtMs, rss: residentBytes }));
  return JSON.stringify(objects.length === 1 ? objects[0] : objects);
}

/** The inverse of `CommandLineToArgvW`, as documented. */
function quote(word: string): string {
  return `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\*)$/, '$1$1')}"`;
}

describe('processes as PowerShell prints them', () => {
  it('are parsed as written, also a single one', () => {
    fc.assert(fc.property(fc.array(row, { maxLength: 4 }), (rows) => void expect(parseCim(render(rows))).toEqual(rows)));
    expect(parseCim('\uFEFF{"pid":4,"start":5}')).toMatchObject([
      { pid: 4, ppid: 0, name: '', startedAtMs: 5, cpuMs: null, commandLine: null },
    ]);
  });

  it('never throw on damaged text, and are never invented', () => {
    fc.assert(
      fc.property(mutated(fc.array(row, { minLength: 1, maxLength: 3 }).map(render)), (damaged) => {
        for (const each of parseCim(damaged)) expect(numbersIn(damaged)).toContain(each.pid);
      }),
    );
    for (const odd of ['', 'null', '5', '[null,1,"x",[]]', '{"pid":"4","start":1}', '{"pid":-1,"start":1}', '{"pid":1.5,"start":1}'])
      expect(parseCim(odd)).toEqual([]);
  });

  it('have a command line that is split as Windows programs split it', () => {
    fc.assert(fc.property(fc.array(hostileName), (words) => void expect(splitCommandLine(words.map(quote).join(' '))).toEqual(words)));
    expect(splitCommandLine('"C:\\Program Files\\node.exe"  server.js --dir C:\\x\\')).toEqual([
      'C:\\Program Files\\node.exe',
      'server.js',
      '--dir',
      'C:\\x\\',
    ]);
  });
});
