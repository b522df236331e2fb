/** devup dies at each of its distinct steps, and no command follows: the guard alone leaves nothing. */
import { describe, expect } from 'vitest';
import type { FailPlace } from '../../../src/supervisor/service/failpoint.ts';
import { test } from '../../rig/rig.ts';
import { expectCleanWorld } from '../../rig/world.ts';
import { allGone } from './session.ts';

/**
 * The command that brings devup to the step once all is ready; null: its start does. A place that is missing here does not
 * compile.
 */
const PLACES: Readonly<Record<FailPlace, 'stop' | 'restart' | null>> = {
  'before-record': null,
  'after-record': null,
  'after-spawn': null,
  'before-recorded': null,
  'after-ready': null,
  'actor-impossible': null,
  'while-ending': 'restart',
  'after-ending': 'stop',
  'before-guard-leaves': 'stop',
  'before-record-removal': 'stop',
  'after-record-removal': 'stop',
};

describe.concurrent('F3: killed at a step, the guard alone', () => {
  for (const [place, command] of Object.entries(PLACES)) {
    test(`F3: devup killed at ${place}: the guard alone leaves nothing`, async ({ rig }) => {
      const services = ['one', 'two'].map((name) => rig.puppet(name, '--ready', 'up', '--child', 'setsid+orphan+stubborn'));
      const ready = { log: 'up' };
      const [one, two] = services.map(({ command: argv }) => ({ command: argv, ready, stop: { timeout: '500ms' } }));
      rig.config({ one: one ?? {}, two: two ?? {} });
      const running = rig.start(['start'], { forFailures: true, env: { DEVUP_FAIL: `${place}:kill` } });
      if (command) {
        await running.waitForOutput(/2 services ready/);
        await rig.devup([command]);
      }
      expect((await running.exited).signal).toBe('SIGKILL');
      await allGone(services);
      // A record and a socket remain until the next session of the stack.
      for (const args of [['start', '-d'], ['stop']]) expect((await rig.devup(args)).code).toBe(0);
      await expectCleanWorld(rig);
    });
  }
});
