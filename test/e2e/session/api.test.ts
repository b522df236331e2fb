/** A program uses the package to find the running session, look at it, and control it. */

import { cpSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, inject } from 'vitest';
import { test } from '../../rig/rig.ts';

const API = JSON.stringify(pathToFileURL(join(dirname(inject('devup')), 'index.js')).href);
const EXAMPLE = join(import.meta.dirname, '../../../examples/api');

const PROGRAM = `
import { connect, loadConfig, buildPlan } from ${API};
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

const SUPERVISOR = `
import { createInterface } from 'node:readline';
import { loadConfig, startOrder, status, supervise } from ${API};
const stack = await loadConfig();
const session = await supervise(stack.value);
if (!session.ok) {
  console.log(JSON.stringify({ failure: session.failure.code }));
} else {
  const { ok, value } = await session.value.send(startOrder());
  const { value: seen } = await status();
  console.log(JSON.stringify({ ok, started: value?.started, seen: seen.services.map(({ name, state }) => [name, state]) }));
  console.log('up');
  for await (const line of createInterface({ input: process.stdin })) if (line === 'stop') break;
  void session.value.stop();
  console.log(JSON.stringify(await session.value.ended));
  process.stdin.destroy();
}
`;

test('the example starts its stack, asks it, and stops it', async ({ rig }) => {
  const port = await rig.port();
  for (const name of ['orchestrator.config.mjs', 'start-and-ask.mjs']) cpSync(join(EXAMPLE, name), join(rig.root, name));
  rig.write('start-and-ask.mjs', readFileSync(join(EXAMPLE, 'start-and-ask.mjs'), 'utf8').replace(`'devup'`, API));
  const program = rig.spawn([process.execPath, 'start-and-ask.mjs'], { env: { HELLO_PORT: String(port) } });
  expect(await program.exited).toMatchObject({ code: 0 });
  expect([program.stdout, program.stderr]).toEqual(['hello\n', '']);
});

test('a session that a program runs is like any other: commands find it, and it is not begun twice', async ({ rig }) => {
  const port = await rig.port();
  const web = rig.puppet('web', '--port', port);
  rig.config({ web: { port, command: web.command } });
  rig.write('program.mjs', SUPERVISOR);
  const program = rig.spawn([process.execPath, 'program.mjs']);
  await program.waitForOutput(/^up$/m);
  expect(JSON.parse(program.stdout.split('\n')[0] ?? '')).toEqual({ ok: true, started: ['web'], seen: [['web', 'ready']] });
  const second = rig.spawn([process.execPath, 'program.mjs']);
  await second.exited;
  expect(JSON.parse(second.stdout)).toEqual({ failure: 'E413' });
  expect((await rig.devup(['status'])).stdout).toContain('running');
  program.write('stop\n');
  await program.exited;
  expect(JSON.parse(program.stdout.trim().split('\n').at(-1) ?? '')).toEqual({ why: 'order' });
  expect((await web.waitFor('signal')).event).toBe('signal');
});

test('a session that a program runs ends with `devup stop`, and so does the program', async ({ rig }) => {
  const port = await rig.port();
  const web = rig.puppet('web', '--port', port);
  rig.config({ web: { port, command: web.command } });
  rig.write('program.mjs', `${SUPERVISOR.replace(/ {2}for await .*\n.*\n/, '')}`);
  const program = rig.spawn([process.execPath, 'program.mjs']);
  await program.waitForOutput(/^up$/m);
  expect((await rig.devup(['stop'])).code).toBe(0);
  expect(await program.exited).toMatchObject({ code: 0 });
  expect(JSON.parse(program.stdout.trim().split('\n').at(-1) ?? '')).toEqual({ why: 'order' });
});

const PORTS = `
import { checkRepository, freePorts, loadConfig } from ${API};
const port = Number(process.argv[2]);
const brief = ({ value }) => value.map(({ port, outcome, killed }) => [port, outcome, killed.length]);
const stack = await loadConfig();
console.log(JSON.stringify({
  found: (await checkRepository(stack.value)).map(({ code, place }) => [code, place?.file]),
  would: brief(await freePorts([port], { dryRun: true })),
  did: brief(await freePorts([port], { graceMs: 500 })),
  after: brief(await freePorts([port])),
  wrong: (await freePorts([0])).failure?.code,
}));
`;

test('a program checks the repository and frees a port, first without touching it', async ({ rig }) => {
  const port = await rig.port();
  rig.config({ web: { port, command: 'true' } });
  rig.write('.env', `WEB_PORT=${port + 1}\n`);
  rig.write('program.mjs', PORTS);
  await rig.squat({ how: 'listen', port });
  const program = rig.spawn([process.execPath, 'program.mjs', String(port)]);
  await program.exited;
  const said = JSON.parse(program.stdout);
  expect(said).toMatchObject({
    would: [[port, 'would-free', 1]],
    did: [[port, 'freed', 1]],
    after: [[port, 'was-free', 0]],
    wrong: 'E204',
  });
  expect(said.found).toContainEqual(['D102', '.env']);
});
