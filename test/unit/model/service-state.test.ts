import { expect, test } from 'vitest';
import {
  countsAsReady,
  hasBeenReady,
  hasComeUp,
  hasFinished,
  hasStarted,
  isAvailable,
  isBroken,
  isDown,
  isOver,
  isServing,
  isSupervised,
  type ServiceState,
} from '../../../src/model/service-state.ts';

/** A state that is missing here does not compile. */
const EACH: Readonly<Record<ServiceState, string>> = {
  stopped: 'over down',
  waiting: 'supervised',
  starting: 'supervised started',
  ready: 'supervised started come-up been-ready available serving ready',
  unhealthy: 'supervised started come-up been-ready broken serving',
  stopping: 'supervised',
  backoff: 'supervised',
  completed: 'over finished started been-ready ready',
  failed: 'over finished down broken',
  external: 'started available serving ready',
  debugging: 'started',
};

const SETS = {
  over: isOver,
  finished: hasFinished,
  down: isDown,
  supervised: isSupervised,
  started: hasStarted,
  'come-up': hasComeUp,
  'been-ready': hasBeenReady,
  broken: isBroken,
  available: isAvailable,
  serving: isServing,
  ready: countsAsReady,
};

test.each(Object.entries(EACH) as [ServiceState, string][])('a service that is %s is %s', (state, sets) => {
  expect(Object.entries(SETS).flatMap(([name, has]) => (has(state) ? [name] : []))).toEqual(sets.split(' '));
});
