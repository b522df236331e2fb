import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { currentMachine } from '../../../../src/machine/current.ts';
import { Guard } from '../../../../src/supervisor/session/guard.ts';

/** Takes a moment to end when it is asked to, as a server that closes its connections. */
const SLOW_TO_END = "trap 'sleep 0.3; exit 7' TERM; echo ready; while :; do sleep 0.05; done";

test.runIf(currentMachine().platform.hasProcessGroups)('a service gets its grace from the guard, whatever the length', async () => {
  const machine = currentMachine();
  const service = spawn('/bin/sh', ['-c', SLOW_TO_END], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = once(service, 'exit');
  await once(service.stdout, 'data');
  const row = await machine.process(service.pid ?? 0);
  const guard = new Guard({ machine, markerPrefix: '0123456789abcdef:grace:', onStarted: () => undefined, graceMs: 30_100 });
  await guard.start();
  guard.watch({ pid: service.pid ?? 0, start: row?.start ?? 0 }, 'SIGTERM');
  await guard.sweep();
  expect(await exited).toEqual([7, null]);
});
