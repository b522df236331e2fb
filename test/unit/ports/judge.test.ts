import { describe, expect, test } from 'vitest';
import type { Holder, PortState, Verdict } from '../../../src/model/port.ts';
import { judge, judgePort } from '../../../src/ports/judge.ts';
import type { OwnerFacts } from '../../../src/ports/verdict.ts';
import { holder } from '../processes/holders.ts';

const OURS = '0123456789abcdef';
const LIVE = 'aaaaaaaaaaaaaaaa';

function context(over: Partial<OwnerFacts> = {}): OwnerFacts {
  return {
    stackId: OURS,
    memberOf: (id) => ({ 11: 'web', 12: 'api' })[id.pid] ?? null,
    isExternal: () => false,
    record: null,
    liveSession: async (id) => (id === LIVE ? { config: null } : null),
    ownSessionAlive: false,
    debuggers: { live: [], isOver: () => false },
    ...over,
  };
}

const held = (...holders: readonly Holder[]): PortState => ({ port: 8000, kind: 'held', holders, addresses: [] });
const verdicts: readonly (readonly [string, Partial<Holder>, Partial<OwnerFacts>, Verdict])[] = [
  ['a member of the service', { pid: 11 }, {}, 'ours'],
  ["another service's member", { pid: 12 }, {}, 'sibling'],
  ['whoever an external service stands for', { pid: 13 }, { isExternal: () => true }, 'external'],
  ["one with this stack's marker when no session lives", { stack: { id: OURS, service: 'web' } }, {}, 'leftover'],
  ["one with this service's marker beside a live session", { stack: { id: OURS, service: 'web' } }, { ownSessionAlive: true }, 'ours'],
  [
    "one with another service's marker beside a live session",
    { stack: { id: OURS, service: 'api' } },
    { ownSessionAlive: true },
    'sibling',
  ],
  ['one of a live stack', { stack: { id: LIVE, service: 'web' } }, {}, 'other'],
  ['one of a stack that is gone', { stack: { id: 'bbbbbbbbbbbbbbbb', service: 'web' } }, {}, 'foreign'],
  ['anybody else', {}, {}, 'foreign'],
];

describe('a holder of web’s port is judged', () => {
  for (const [who, facts, over, verdict] of verdicts) {
    test(`${who}: ${verdict}`, async () => expect(await judge(holder(facts), 8000, 'web', context(over))).toBe(verdict));
  }
});

test('one foreign process beside ours makes the port foreign, a hidden one unidentified', async () => {
  expect(await judgePort(held(holder({ pid: 11 }), holder({ pid: 13 })), 'web', context())).toBe('foreign');
  expect(await judgePort(held(holder({ pid: 11 })), 'web', context())).toBe('ours');
  expect(await judgePort({ port: 8000, kind: 'free' }, 'web', context())).toBe('free');
  const hidden = { port: 8000, kind: 'hidden', reason: { kind: 'outside-namespace' }, addresses: [] } as const;
  expect(await judgePort(hidden, 'web', context())).toBe('unidentified');
  expect(await judgePort(hidden, 'web', context({ isExternal: () => true }))).toBe('external');
});
