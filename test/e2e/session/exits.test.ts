/**
 * Node 24 and 26 may hang at exit while threads of V8's pool compile (https://github.com/nodejs/node/issues/54918). A hang is
 * too rare to wait for, so the tests check whether such threads compile.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { eventually } from '../../rig/eventually.ts';
import { type Rig, test } from '../../rig/rig.ts';

/** Every Node process leaves a file named by its pid when it compiles on one thread. */
function watched(rig: Rig): { readonly env: Readonly<Record<string, string>>; readonly alone: (pid: number) => Promise<unknown> } {
  const folder = join(rig.root, 'alone');
  mkdirSync(folder);
  const probe = rig.write(
    'probe.cjs',
    `const v8 = require('node:v8');
v8.setFlagsFromString('--allow-natives-syntax');
const maglev = new Function('return %IsMaglevEnabled()');
const look = setInterval(() => {
  if (maglev()) return;
  clearInterval(look);
  require('node:fs').writeFileSync(${JSON.stringify(folder)} + '/' + process.pid, '');
}, 20).unref();\n`,
  );
  return {
    env: { NODE_OPTIONS: `--require ${probe}` },
    alone: (pid) => eventually(`process ${pid} to make code on one thread`, () => existsSync(join(folder, String(pid)))),
  };
}

test('a session compiles on one thread soon after its start, so that it can always exit', async ({ rig }) => {
  rig.config({ web: { command: 'sleep 1000' } });
  const { env, alone } = watched(rig);
  const running = rig.start(['start'], { env });
  await running.waitForOutput(/1 service ready/);
  await alone(running.pid);
  running.signal('SIGINT');
  expect((await running.exited).code).toBe(130);
});

test('a session in the background does so, too', async ({ rig }) => {
  rig.config({ web: { command: 'sleep 1000' } });
  const { env, alone } = watched(rig);
  expect((await rig.devup(['start', '-d'], { env })).code).toBe(0);
  const { session } = (await rig.devup(['status', '--json'])).json() as { session: { pid: number } };
  await alone(session.pid);
  expect((await rig.devup(['stop'])).code).toBe(0);
});
