import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LsofSocket, parseLsof, parseLsofCwd } from '../../../../src/machine/parse/lsof.ts';
import { hostileName, ipv4, mutated, numbersIn, pid, port } from './hostile.ts';

const captured = [
  'p412\0u501\0\n',
  'f7\0tIPv4\0d0x9f3c2b1a5d4e6f01\0n*:5000\0TST=LISTEN\0TQR=0\0TQS=0\0\n',
  'f8\0tIPv6\0d0x9f3c2b1a5d4e7f01\0n*:5000\0TST=LISTEN\0TQR=0\0TQS=0\0\n',
  'p5210\0u501\0\n',
  'f21\0tIPv6\0d0x9f3c2b1a5d4e8f01\0n[::1]:5173\0TST=LISTEN\0TQR=0\0TQS=0\0\n',
  'f22\0tIPv4\0d0x9f3c2b1a5d4e9f01\0n127.0.0.1:50112->127.0.0.1:5432\0TST=ESTABLISHED\0TQR=0\0TQS=0\0\n',
].join('');

const end = fc.oneof(
  ipv4,
  fc.ipV6().filter((address) => !address.includes('.')),
);
const joined = (address: string, number: number) => (address.includes(':') ? `[${address}]:${number}` : `${address}:${number}`);
const socket: fc.Arbitrary<LsofSocket> = fc.record({
  pid,
  uid: fc.option(fc.nat(99999)),
  descriptor: fc.nat(1000).map(String),
  device: fc.option(fc.nat().map((n) => `0x${n.toString(16)}`)),
  address: end,
  port,
  remote: fc.option(fc.tuple(end, port).map(([address, number]) => joined(address, number))),
  state: fc.constantFrom('LISTEN', 'ESTABLISHED', 'CLOSE_WAIT', ''),
});

function render(sockets: readonly LsofSocket[]): string {
  return sockets
    .map((s) => {
      const type = s.address.includes(':') ? 'IPv6' : 'IPv4';
      const name = `${joined(s.address, s.port)}${s.remote === null ? '' : `->${s.remote}`}`;
      const device = s.device === null ? '' : `d${s.device}\0`;
      const state = s.state === '' ? '' : `TST=${s.state}\0`;
      return `p${s.pid}\0${s.uid === null ? '' : `u${s.uid}\0`}\nf${s.descriptor}\0t${type}\0${device}n${name}\0${state}TQR=0\0\n`;
    })
    .join('');
}

describe('lsof -F0', () => {
  it('is read as captured, a wildcard by the family of its socket', () => {
    expect(parseLsof(captured)).toEqual([
      { pid: 412, uid: 501, descriptor: '7', device: '0x9f3c2b1a5d4e6f01', address: '0.0.0.0', port: 5000, remote: null, state: 'LISTEN' },
      { pid: 412, uid: 501, descriptor: '8', device: '0x9f3c2b1a5d4e7f01', address: '::', port: 5000, remote: null, state: 'LISTEN' },
      { pid: 5210, uid: 501, descriptor: '21', device: '0x9f3c2b1a5d4e8f01', address: '::1', port: 5173, remote: null, state: 'LISTEN' },
      {
        pid: 5210,
        uid: 501,
        descriptor: '22',
        device: '0x9f3c2b1a5d4e9f01',
        address: '127.0.0.1',
        port: 50112,
        remote: '127.0.0.1:5432',
        state: 'ESTABLISHED',
      },
    ]);
  });

  it('parses what was written', () => {
    fc.assert(fc.property(fc.array(socket, { maxLength: 5 }), (sockets) => void expect(parseLsof(render(sockets))).toEqual(sockets)));
  });

  it('never throws on damaged text, and never invents a process', () => {
    fc.assert(
      fc.property(mutated(fc.array(socket, { minLength: 1, maxLength: 3 }).map(render)), (text) => {
        const there = numbersIn(text);
        for (const { pid, port } of parseLsof(text)) for (const number of [pid, port]) expect(there).toContain(number);
      }),
    );
  });

  it('is not misled by a name, should a version print one unasked', () => {
    fc.assert(
      fc.property(hostileName, (name) => {
        // lsof escapes control characters, and the field ends in NUL.
        const printed = name.replaceAll('\n', '\\n');
        expect(parseLsof(`p77\0c${printed}\0u0\0\nf3\0tIPv4\0n*:80\0TST=LISTEN\0\n`)).toMatchObject([{ pid: 77, port: 80 }]);
      }),
    );
  });

  it('reports a working directory', () => {
    expect(parseLsofCwd('p5210\0\nfcwd\0n/Users/me/my app\0\n')).toBe('/Users/me/my app');
    expect(parseLsofCwd('p5210\0\nfcwd\0ncwd: Permission denied\0\n')).toBeNull();
    expect(parseLsofCwd('')).toBeNull();
  });
});
