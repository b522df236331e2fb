/** What a program may do with the package: find the session that runs, look at it, and tell it what to do. */
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, inject } from 'vitest';
import { test } from '../../rig/rig.ts';

const PROGRAM = `
import { connect, loadConfig, buildPlan } from ${JSON.stringify(pathToFileURL(join(dirname(inject('devup')), 'index.js')).href)};
const stack = await loadConfig();
const session = await connect();
if (!session.ok) {
  console.log(JSON.stringify({ failure: session.failure.code }));
} else {
  const before = await session.value.snapshot();
  const stopped = await session.value.send({ type: 'stop', services: null, withDependents: false });
  session.value.close();
  console.log(JSON.stringify({
    order: buildPlan(stack.value.services).services.map((planned) => planned.service.name),
    states: before.value.services.map((service) => [service.name, service.state, service.verdict]),
    stopped: stopped.value.stopped,
  }));
}
`;

test('a program finds the running session, looks at it and stops it', async ({ rig }) => {
  const port = await rig.port();
  const web = rig.puppet('web', '--port', port);
  rig.config({ web: { port, command: web.command } });
  rig.write('program.mjs', PROGRAM);
  const outside = rig.spawn([process.execPath, 'program.mjs']);
  await outside.exited;
  expect(JSON.parse(outside.stdout)).toEqual({ failure: 'E401' });
  expect((await rig.devup(['start', '-d'])).code).toBe(0);
  const inside = rig.spawn([process.execPath, 'program.mjs']);
  await inside.exited;
  expect(JSON.parse(inside.stdout)).toEqual({ order: ['web'], states: [['web', 'ready', 'ours']], stopped: ['web'] });
});
