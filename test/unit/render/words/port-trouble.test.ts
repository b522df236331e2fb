import { expect, test } from 'vitest';
import { portTroubles, reachableTrouble } from '../../../../src/model/port-trouble.ts';
import { passedOverWords } from '../../../../src/render/words/allocation.ts';
import { troubleWords } from '../../../../src/render/words/port-trouble.ts';
import { VIEWER } from '../samples.ts';

const FACTS = {
  ephemeral: [32_768, 60_999],
  excluded: [
    [4900, 5000],
    [7000, 7000],
  ],
  airPlayPorts: [5000],
} as const;

test.each([
  [5000, "Windows has set 4900-5000 aside, and no program can listen there; macOS's AirPlay Receiver listens there"],
  [7000, 'Windows has set 7000 aside, and no program can listen there'],
  [40_000, 'the system takes outgoing ports from 32768-60999, and any connection may hold this port'],
  [22, 'below 1024 a port may need root; browsers refuse to open it'],
  [8000, ''],
])('the troubles of %s are said', (port, why) => {
  const troubles = portTroubles(port, FACTS).map(troubleWords);
  expect(troubles.map((one) => one.why).join('; ')).toBe(why);
  for (const { fix } of troubles) expect(fix).not.toBe('');
});

test('a service that other machines can reach is said with its addresses', () => {
  const trouble = reachableTrouble(['127.0.0.1', '0.0.0.0', '::']);
  expect(trouble && troubleWords(trouble).why).toBe(
    'it can be reached from the network (it listens on 0.0.0.0, ::), but `host` in the config allows only this machine',
  );
  expect(reachableTrouble(['127.0.0.1', '::1'])).toBeNull();
});

test('a port that is passed over for a trouble is said with it', () => {
  expect(passedOverWords({ port: 6000, why: 'blocked', trouble: { kind: 'blocked' } }, VIEWER)).toBe(
    'is not declared, but browsers refuse to open it',
  );
  expect(passedOverWords({ port: 6000, why: 'refused', errno: 'EACCES' }, VIEWER)).toBe('is not declared, but cannot be bound (EACCES)');
});
