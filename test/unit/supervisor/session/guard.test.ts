import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { currentMachine } from '../../../../src/machine/current.ts';
import { MARKER_VARIABLE } from '../../../../src/model/stack-id.ts';
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

test.runIf(currentMachine().platform.processesAreFiles)(
  'the guard knows a process that it has signalled by its pid, also without the marker',
  async () => {
    const machine = currentMachine();
    const markerPrefix = '0123456789abcdef:unmarked:';
    // As a process does not show its environment while it ends, which takes long if it has much memory.
    const helper = spawn('/bin/sh', ['-c', 'trap "exec env -i sleep 1000" TERM; echo ready; while :; do sleep 0.05; done'], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, [MARKER_VARIABLE]: `${markerPrefix}web` },
    });
    const exited = once(helper, 'exit');
    await once(helper.stdout, 'data');
    const guard = new Guard({ machine, markerPrefix, onStarted: () => undefined, graceMs: 400 });
    await guard.start();
    await guard.sweep();
    const left = await machine.process(helper.pid ?? 0);
    helper.kill('SIGKILL');
    expect(await exited).toEqual([null, 'SIGKILL']);
    expect(left).toBeNull();
  },
);
