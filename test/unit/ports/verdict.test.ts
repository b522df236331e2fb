import { describe, expect, test } from 'vitest';
import type { Holder } from '../../../src/model/port.ts';
import { findOwner, type HolderFacts, mayEnd, type Owner, type OwnerFacts } from '../../../src/ports/verdict.ts';
import type { SessionRecord } from '../../../src/processes/record.ts';
import { FakeMachine } from '../../rig/fake-machine.ts';
import { holder } from '../processes/holders.ts';

const OURS = '0123456789abcdef';
const LIVE = 'aaaaaaaaaaaaaaaa';
const DEAD = 'bbbbbbbbbbbbbbbb';
const CONFIG = '/home/me/app/orchestrator.config.ts';
const RECORD = {
  services: [{ name: 'web', main: { pid: 21, start: 0 }, members: [], ports: [8000] }],
} as unknown as SessionRecord;

function facts(over: Partial<HolderFacts> = {}): HolderFacts {
  return {
    machine: new FakeMachine(),
    asker: 'claim',
    ancestors: new Set(),
    stackId: OURS,
    memberOf: (id) => ({ 11: 'web', 12: 'api' })[id.pid] ?? null,
    isExternal: () => false,
    record: null,
    liveSession: async (id) => (id === LIVE ? { config: CONFIG } : null),
    ownSessionAlive: false,
    debuggers: { live: [], isOver: () => false },
    ...over,
  };
}

const DEBUGGED = { stackId: OURS, service: 'api', by: { pid: 31, start: 1 } };
const otherStack = { id: LIVE, service: 'web', config: CONFIG };
const recorded = { ...holder({ pid: 21 }), start: 0 };
const owners: readonly (readonly [string, Partial<Holder>, Partial<OwnerFacts>, Owner])[] = [
  ['a member of the session', { pid: 12 }, {}, { kind: 'member', service: 'api' }],
  ['whatever holds an adopted port', { pid: 13 }, { isExternal: () => true }, { kind: 'external', otherStack: null }],
  [
    'an adopted process of another live stack',
    { stack: { id: LIVE, service: 'web' } },
    { isExternal: () => true },
    { kind: 'external', otherStack },
  ],
  ['a marker of this stack without a session', { stack: { id: OURS, service: 'api' } }, {}, { kind: 'leftover', service: 'api' }],
  [
    'a marker of this stack outside its session',
    { stack: { id: OURS, service: 'api' } },
    { ownSessionAlive: true },
    { kind: 'member', service: 'api' },
  ],
  ['a lost marker, by the record', recorded, { record: RECORD }, { kind: 'leftover', service: 'web' }],
  [
    'a missing marker, with the record of a live session',
    recorded,
    { record: RECORD, ownSessionAlive: true },
    { kind: 'member', service: 'web' },
  ],
  ['a marker of a live stack', { stack: { id: LIVE, service: 'web' } }, {}, { kind: 'other-stack', otherStack }],
  [
    'a marker of a stack whose session is over',
    { stack: { id: DEAD, service: 'web' } },
    {},
    { kind: 'other-leftover', id: DEAD, service: 'web' },
  ],
  ['the marker of a live debugger', { debug: { ...DEBUGGED, alive: true } }, {}, { kind: 'debugged', ...DEBUGGED }],
  [
    "the marker of another stack's live debugger",
    { debug: { ...DEBUGGED, stackId: LIVE, alive: true } },
    {},
    { kind: 'debugged', ...DEBUGGED, stackId: LIVE },
  ],
  ['the marker of a debugger that is gone', { debug: { ...DEBUGGED, alive: false } }, {}, { kind: 'leftover', service: 'api' }],
  [
    'the marker of a debugger that has given its service back',
    { debug: { ...DEBUGGED, alive: true } },
    { debuggers: { live: [], isOver: ({ pid }) => pid === 31 } },
    { kind: 'leftover', service: 'api' },
  ],
  [
    'a lost marker, below a debugger of this stack',
    { ancestors: [{ pid: 31, start: 1, name: 'node', command: 'devup debug api' }] },
    { debuggers: { live: [{ service: 'api', pid: 31, start: 1, sinceMs: 0 }], isOver: () => false } },
    { kind: 'debugged', ...DEBUGGED },
  ],
  [
    'a session that somebody began on such a terminal',
    { stack: { id: DEAD, service: 'web' }, ancestors: [{ pid: 31, start: 1, name: 'node', command: 'devup debug api' }] },
    { debuggers: { live: [{ service: 'api', pid: 31, start: 1, sinceMs: 0 }], isOver: () => false } },
    { kind: 'other-leftover', id: DEAD, service: 'web' },
  ],
  ['no marker', {}, {}, { kind: 'nobody' }],
];

describe('the owner of a holder', () => {
  for (const [what, seen, over, owner] of owners) {
    test(`${what}: ${owner.kind}`, async () =>
      expect(await findOwner(holder(seen), { port: 8000, service: 'web' }, facts(over))).toEqual(owner));
  }
});

describe('the restarter of a holder', () => {
  test('may be ended when it belongs to no session, or is a leftover', async () => {
    expect(await mayEnd(holder({}), facts())).toBe(true);
    expect(await mayEnd(holder({ stack: { id: DEAD, service: 'web' } }), facts())).toBe(true);
    expect(await mayEnd(holder({ stack: { id: OURS, service: 'web' } }), facts())).toBe(true);
  });

  test('is spared with the marker of a live session, or when its nature forbids a signal', async () => {
    expect(await mayEnd(holder({ stack: { id: LIVE, service: 'web' } }), facts())).toBe(false);
    expect(await mayEnd(holder({ stack: { id: OURS, service: 'web' } }), facts({ ownSessionAlive: true }))).toBe(false);
    expect(await mayEnd(holder({ name: 'sshd' }), facts())).toBe(false);
  });
});
