import { describe, expect, test } from 'vitest';
import { fateOf } from '../../../../src/app/kill/decide.ts';
import type { Holder } from '../../../../src/model/port.ts';
import { actionOf } from '../../../../src/ports/action.ts';
import { type HolderFacts, judgeHolder } from '../../../../src/ports/verdict.ts';
import { FakeMachine } from '../../../rig/fake-machine.ts';
import { holder } from '../../processes/holders.ts';

const OURS = '0123456789abcdef';
const LIVE = 'aaaaaaaaaaaaaaaa';
const DEAD = 'bbbbbbbbbbbbbbbb';

interface Ownership {
  readonly holder?: Partial<Holder>;
  readonly facts?: Partial<HolderFacts>;
}

const OWNERS = {
  "this service's member": { facts: { memberOf: () => 'web' } },
  "another service's member": { facts: { memberOf: () => 'api' } },
  'left by this stack': { holder: { stack: { id: OURS, service: 'web' } } },
  'of this stack, beside its session': { holder: { stack: { id: OURS, service: 'web' } }, facts: { ownSessionAlive: true } },
  adopted: { facts: { isExternal: () => true } },
  "another live stack's": { holder: { stack: { id: LIVE, service: 'web' } } },
  'left by another stack': { holder: { stack: { id: DEAD, service: 'web' } } },
  "nobody's": {},
} as const satisfies Record<string, Ownership>;

const NATURES = {
  ordinary: {},
  'runs devup': { pid: 50 },
  'a unit': { unit: 'nginx.service' },
  'forwards to a container': { name: 'docker-proxy' },
  'forwards ports': { name: 'code' },
  'a person works in it': { name: 'nvim' },
  "another user's": { uid: 33 },
} as const satisfies Record<string, Partial<Holder>>;

/** The outcome for a claim by the policy `kill`, for a `kill`, and for a `kill` as root. */
const DEEDS: Readonly<Record<keyof typeof OWNERS, Readonly<Record<keyof typeof NATURES, string>>>> = {
  "this service's member": {
    ordinary: 'reclaim | session | session',
    'runs devup': 'reclaim | refuse | refuse',
    'a unit': 'reclaim | session | session',
    'forwards to a container': 'reclaim | session | session',
    'forwards ports': 'reclaim | session | session',
    'a person works in it': 'reclaim | session | session',
    "another user's": 'reclaim | session | session',
  },
  "another service's member": {
    ordinary: 'refuse | session | session',
    'runs devup': 'refuse | refuse | refuse',
    'a unit': 'refuse | session | session',
    'forwards to a container': 'refuse | session | session',
    'forwards ports': 'refuse | session | session',
    'a person works in it': 'refuse | session | session',
    "another user's": 'refuse | session | session',
  },
  'left by this stack': {
    ordinary: 'reclaim | leftover | leftover',
    'runs devup': 'reclaim | refuse | refuse',
    'a unit': 'reclaim | refuse | refuse',
    'forwards to a container': 'reclaim | published | published',
    'forwards ports': 'reclaim | refuse | refuse',
    'a person works in it': 'reclaim | leftover | leftover',
    "another user's": 'reclaim | refuse | leftover',
  },
  'of this stack, beside its session': {
    ordinary: 'none | session | session',
    'runs devup': 'none | refuse | refuse',
    'a unit': 'none | session | session',
    'forwards to a container': 'none | session | session',
    'forwards ports': 'none | session | session',
    'a person works in it': 'none | session | session',
    "another user's": 'none | session | session',
  },
  adopted: {
    ordinary: 'kill | end | end',
    'runs devup': 'refuse | refuse | refuse',
    'a unit': 'refuse | refuse | refuse',
    'forwards to a container': 'refuse | published | published',
    'forwards ports': 'refuse | refuse | refuse',
    'a person works in it': 'refuse | end | end',
    "another user's": 'refuse | refuse | end',
  },
  "another live stack's": {
    ordinary: 'refuse | session | session',
    'runs devup': 'refuse | refuse | refuse',
    'a unit': 'refuse | session | session',
    'forwards to a container': 'refuse | session | session',
    'forwards ports': 'refuse | session | session',
    'a person works in it': 'refuse | session | session',
    "another user's": 'refuse | session | session',
  },
  'left by another stack': {
    ordinary: 'kill | leftover | leftover',
    'runs devup': 'refuse | refuse | refuse',
    'a unit': 'refuse | refuse | refuse',
    'forwards to a container': 'refuse | published | published',
    'forwards ports': 'refuse | refuse | refuse',
    'a person works in it': 'refuse | leftover | leftover',
    "another user's": 'refuse | refuse | leftover',
  },
  "nobody's": {
    ordinary: 'kill | end | end',
    'runs devup': 'refuse | refuse | refuse',
    'a unit': 'refuse | refuse | refuse',
    'forwards to a container': 'refuse | published | published',
    'forwards ports': 'refuse | refuse | refuse',
    'a person works in it': 'refuse | end | end',
    "another user's": 'refuse | refuse | end',
  },
};

async function deedsOn(owner: Ownership, nature: Partial<Holder>): Promise<string> {
  const one = holder({ ...owner.holder, ...nature });
  const asked = { port: 8000, service: 'web' };
  const claim = await judgeHolder(one, asked, facts('claim', 1000, owner));
  const action = actionOf({ ...claim, holder: one }, 'web', {
    policy: { policy: 'kill' },
    takeOver: false,
    approved: new Set(),
    beside: owner.facts?.ownSessionAlive ?? false,
  });
  const kill = await judgeHolder(one, { ...asked, service: null }, facts('kill', 1000, owner));
  const asRoot = await judgeHolder(one, { ...asked, service: null }, facts('kill', 0, owner));
  return [action.kind, fateOf(kill, OURS).kind, fateOf(asRoot, OURS).kind].join(' | ');
}

function facts(asker: HolderFacts['asker'], uid: number, { facts: over }: Ownership): HolderFacts {
  return {
    machine: new FakeMachine({ uid }),
    asker,
    ancestors: new Set([50]),
    stackId: OURS,
    memberOf: () => null,
    isExternal: () => false,
    record: null,
    liveSession: async (id) => (id === LIVE ? { config: null } : null),
    ownSessionAlive: false,
    debuggers: { live: [], isOver: () => false },
    ...over,
  };
}

describe('a claim, a kill and a kill as root treat a holder as the table says', () => {
  for (const [owner, row] of Object.entries(OWNERS)) {
    test(owner, async () => {
      const done = await Promise.all(Object.entries(NATURES).map(async ([name, nature]) => [name, await deedsOn(row, nature)]));
      expect(Object.fromEntries(done)).toEqual(DEEDS[owner as keyof typeof OWNERS]);
    });
  }
});
