import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AppContext } from '../../../../src/app/context.ts';
import { type DebugRun, debugService } from '../../../../src/app/run/debug-service.ts';
import { targetOfStack } from '../../../../src/app/target.ts';
import { Secrets } from '../../../../src/model/secrets.ts';
import type { Stack } from '../../../../src/model/service.ts';
import { FakeMachine } from '../../../rig/fake-machine.ts';

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'devup-debug-')));
});

afterEach(() => rmSync(root, { recursive: true }));

function world() {
  const machine = new FakeMachine({ uid: process.geteuid?.() ?? 0 });
  const env = { XDG_RUNTIME_DIR: root };
  const context = { machine, secrets: new Secrets({}), cwd: root, env, home: root, version: '0' } as unknown as AppContext;
  const found = targetOfStack({ id: '0123456789abcdef', configFile: join(root, 'x.config.ts'), root } as Stack, context);
  if (!found.ok) throw new Error(found.failure.code);
  return { machine, context, target: found.value };
}

test('a bug in the record of a debugged command waits for the end of the command, which is the service until then', async () => {
  const { machine, context, target } = world();
  const command = machine.spawn({ name: 'python' });
  const whileItRuns: unknown[] = [];
  const onUnhandled = (reason: unknown) => void whileItRuns.push(reason);
  process.on('unhandledRejection', onUnhandled);
  const run: DebugRun = {
    target,
    service: 'api',
    ports: [8000],
    survivesHangUp: false,
    beforeStop: () => undefined,
    onHandedOver: async () => undefined,
    onUnrecorded: async () => undefined,
    async run(_variables, spawned) {
      const process = machine.process.bind(machine);
      machine.process = async (pid) => (pid === command.pid ? Promise.reject(new TypeError('a bug')) : process(pid));
      const exit = Promise.resolve({ by: 'itself', status: 0 } as const);
      spawned({ pid: command.pid, exit });
      // Node reports an unhandled rejection before the next turn of its loop.
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      return exit;
    },
  };
  try {
    await expect(debugService(run, context)).rejects.toThrow('a bug');
  } finally {
    process.off('unhandledRejection', onUnhandled);
  }
  expect(whileItRuns).toEqual([]);
  expect(readdirSync(join(target.folder, 'debug'))).toEqual([]);
});
