import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIpv6, joinAddress, parseTcpRow } from '../../../../src/machine/parse/proc-net-tcp.ts';
import { mutated, numbersIn, port } from './hostile.ts';

const heading = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
/** The state of a socket that a process holds, then that of one that no process holds. */
const states = {
  '0A': ['listen', 'listen'],
  '01': ['connected', 'queued'],
  '02': ['connected', 'connected'],
  '03': ['connected', 'connected'],
  '06': ['closing', 'closing'],
  '08': ['closing', 'queued'],
  '05': ['closing', 'closing'],
} as const;

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const socket = fc.record({
  local: fc.oneof(bytes(4), bytes(16)),
  port,
  remotePort: fc.nat(65535),
  received: fc.nat(4_294_967_295),
  state: fc.constantFrom(...(Object.keys(states) as (keyof typeof states)[])),
  uid: fc.nat(4_294_967_294),
  inode: fc.oneof(fc.constant(0), fc.nat(4_294_967_295)),
  order: fc.constantFrom('LE' as const, 'BE' as const),
});
type Socket = typeof socket extends fc.Arbitrary<infer T> ? T : never;

function hexWords(address: Uint8Array, order: 'LE' | 'BE'): string {
  const copy = Buffer.from(address);
  return (order === 'LE' ? copy.swap32() : copy).toString('hex').toUpperCase();
}

function render(s: Socket): string {
  const end = (number: number) => number.toString(16).toUpperCase().padStart(4, '0');
  const local = hexWords(s.local, s.order);
  const uid = String(s.uid).padStart(5);
  const received = s.received.toString(16).toUpperCase().padStart(8, '0');
  return `   7: ${local}:${end(s.port)} ${local}:${end(s.remotePort)} ${s.state} 00000000:${received} 00:00000000 00000000 ${uid}        0 ${s.inode} 1 000000002892fde9 100 0 0 10 0   `;
}

describe('/proc/net/tcp', () => {
  it('is read as captured', () => {
    expect(parseTcpRow(heading)).toBeNull();
    expect(
      parseTcpRow(
        '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 61616 1 000000002892fde9 100 0 0 10 0     ',
      ),
    ).toEqual({ address: '127.0.0.1', port: 8080, remote: '0.0.0.0:0', state: 'listen', received: 0, uid: 1000, inode: '61616' });
    expect(
      parseTcpRow(
        '   0: 00000000000000000000000001000000:8AE1 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 13043 1 000000001e8bd631 100 0 0 10 0',
      ),
    ).toEqual({ address: '::1', port: 35553, remote: '[::]:0', state: 'listen', received: 0, uid: 0, inode: '13043' });
    expect(
      parseTcpRow('   3: 0100007F:1F90 0100007F:C350 06 00000000:00000000 03:00001770 00000000     0        0 0 3 00000000c0ffee00'),
    ).toMatchObject({
      state: 'closing',
      remote: '127.0.0.1:50000',
      inode: null,
    });
  });

  it('parses what was written, in any byte order', () => {
    fc.assert(
      fc.property(socket, (s) => {
        const address = s.local.length === 4 ? s.local.join('.') : formatIpv6(s.local);
        const { port, uid } = s;
        const remote = joinAddress(address, s.remotePort);
        expect(parseTcpRow(render(s), s.order)).toEqual({
          address,
          port,
          remote,
          state: states[s.state][s.inode === 0 ? 1 : 0],
          received: s.received,
          uid,
          inode: s.inode === 0 ? null : String(s.inode),
        });
      }),
    );
  });

  it('never throws on damaged text, and never invents a socket', () => {
    fc.assert(
      fc.property(mutated(socket.map(render)), (text) => {
        const row = parseTcpRow(text);
        if (row?.inode != null) expect(numbersIn(text)).toContain(Number(row.inode));
      }),
    );
  });

  it('writes IPv6 addresses in the usual form, and mapped IPv4 ones as IPv4', () => {
    const text = (...groups: number[]) => formatIpv6(Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255])));
    expect(text(0, 0, 0, 0, 0, 0, 0, 0)).toBe('::');
    expect(text(0xfe80, 0, 0, 0, 1, 0, 0, 0xab)).toBe('fe80::1:0:0:ab');
    expect(text(0x2001, 0xdb8, 0, 1, 2, 3, 4, 5)).toBe('2001:db8:0:1:2:3:4:5');
    expect(text(1, 0, 0, 0, 0, 0, 0, 0)).toBe('1::');
    expect(text(0, 0, 0, 0, 0, 0xffff, 0x7f00, 1)).toBe('127.0.0.1');
  });
});
