import { expect, test } from 'vitest';
import { type Ending, endedWell } from '../../../src/model/ending.ts';
import { exitCodeOfEnding } from '../../../src/model/exit-code.ts';
import type { Failure } from '../../../src/model/failure.ts';

const FAILURE: Failure = { code: 'E104', kind: 'ready-timeout', service: 'api', timeoutMs: 1, waitingFor: [], lastLines: [] } as never;

const CODES: readonly (readonly [Ending, number])[] = [
  [{ why: 'order' }, 0],
  [{ why: 'services-over' }, 0],
  [{ why: 'output-closed' }, 0],
  [{ why: 'terminal-closed' }, 129],
  [{ why: 'signal', signal: 'SIGHUP' }, 129],
  [{ why: 'signal', signal: 'SIGINT' }, 130],
  [{ why: 'signal', signal: 'SIGQUIT' }, 131],
  [{ why: 'signal', signal: 'SIGTERM' }, 143],
  // Independent of the service's own failure.
  [{ why: 'service-failed', failure: FAILURE }, 7],
  [{ why: 'failure', failure: FAILURE }, 5],
];

test.each(CODES)('a session that ended by %j exits with %i', (ending, code) => {
  expect(exitCodeOfEnding(ending)).toBe(code);
});

test.each(CODES)('the exit code is 0 if and only if the session ended well (%j)', (ending, code) => {
  expect(endedWell(ending)).toBe(code === 0);
});
