import { expect, test } from 'vitest';
import { countsAsReady, hasStarted, isDown, isOver, isServing, isSupervised, type ServiceState } from '../../../src/model/service-state.ts';

/** A state of the union that is missing here does not compile. */
const EACH: Readonly<Record<ServiceState, string>> = {
  stopped: 'over down',
  waiting: 'supervised',
  starting: 'supervised started',
  ready: 'supervised started serving ready',
  unhealthy: 'supervised started serving',
  stopping: 'supervised',
  backoff: 'supervised',
  completed: 'over started ready',
  failed: 'over down',
  external: 'started serving ready',
};

const SETS = { over: isOver, down: isDown, supervised: isSupervised, started: hasStarted, serving: isServing, ready: countsAsReady };

test.each(Object.entries(EACH) as [ServiceState, string][])('a service that is %s is %s', (state, sets) => {
  expect(Object.entries(SETS).flatMap(([name, has]) => (has(state) ? [name] : []))).toEqual(sets.split(' '));
});
