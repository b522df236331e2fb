/** The config (`onConflict`) or the command decides what a start does with a foreign process on its port. */
import { expect } from 'vitest';
import { type Rig, test } from '../../rig/rig.ts';
import type { Running } from '../../rig/running.ts';
import { eventsOf, isAlive, kill, services } from './answers.ts';

/** A foreign process that answers `status` on the port, as the service would. */
async function stranger(
  rig: Rig,
  onConflict: unknown,
  rest: object = {},
): Promise<{ port: number; squatter: Running; wasEnded: () => boolean }> {
  const port = await rig.port();
  const puppet = rig.puppet('stranger', '--port', port);
  const squatter = rig.spawn(puppet.command);
  await puppet.waitFor('listening');
  rig.config({ web: { command: rig.puppet('web', '--port', port).command, port, onConflict, ...rest } });
  return { port, squatter, wasEnded: () => !isAlive(squatter.pid) };
}

// web
for (const [policy, args, env] of [
  ['fail', ['--on-conflict', 'kill'], {}],
  ['ask', [], { DEVUP_ON_CONFLICT: 'kill' }],
] as const) {
  test(`${policy} of the config is replaced by kill of ${args.length > 0 ? 'the flag' : 'the environment'}`, async ({ rig }) => {
    const { wasEnded } = await stranger(rig, policy);
    expect((await rig.devup(['start', '-d', ...args], { env })).code).toBe(0);
    expect(wasEnded()).toBe(true);
    expect((await rig.devup(['stop'])).code).toBe(0);
  });
}

// web
for (const [policy, args, env, said] of [
  ['fail', [], {}, /onConflict: fail/],
  ['ask', [], {}, /onConflict: ask, and the answer was no, or there was no terminal to ask in/],
  ['kill', ['--on-conflict', 'fail'], { DEVUP_ON_CONFLICT: 'kill' }, /fail/],
  ['kill', [], { DEVUP_ON_CONFLICT: 'fail' }, /fail/],
  ['reuse', ['--on-conflict', 'fail'], {}, /fail/],
] as const) {
  test(`a start without a terminal leaves a foreign process alone: ${[policy, ...args, ...Object.values(env)].join(' ')}`, async ({
    rig,
  }) => {
    const { port, squatter, wasEnded } = await stranger(rig, policy, { ready: { http: '/' } });
    expect((await rig.devup(['start', '--dry-run', ...args], { env })).code).toBe(4);
    const started = await rig.devup(['start', '-d', ...args], { env });
    expect(started.code).toBe(4);
    expect(started.stderr).toContain(`E201: ${port} web is held`);
    expect(started.stderr).toContain(`pid ${squatter.pid}`);
    expect(started.stderr).toMatch(said);
    expect(started.stderr).toContain(`devup kill ${port}`);
    expect(wasEnded()).toBe(false);
  });
}

test('as JSON, a refusal is an error with its code, then the last line', async ({ rig }) => {
  const { port } = await stranger(rig, 'fail');
  const told = eventsOf(await rig.devup(['start', '-d', '--json']));
  expect(told.at(-2)).toMatchObject({ schemaVersion: 1, error: { code: 'E201', refusals: [{ service: 'web', port }] } });
  expect(told.at(-1)).toMatchObject({ type: 'done', ok: false, exitCode: 4 });
});

test('an unknown policy is a usage error', async ({ rig }) => {
  await stranger(rig, 'kill');
  expect((await rig.devup(['start', '-d', '--on-conflict', 'destroy'])).code).toBe(2);
  expect((await rig.devup(['start', '-d'], { env: { DEVUP_ON_CONFLICT: 'reuse' } })).code).toBe(2);
});

// web: reused, so a running process is adopted
for (const [name, onConflict, ready] of [
  ['its readiness', 'reuse', { http: '/health' }],
  ['a proof of its own', { reuse: { command: 'true' } }, { port: true }],
] as const) {
  test(`a foreign process that passes ${name} is used as it is, even with --on-conflict=kill, and outlives the session`, async ({
    rig,
  }) => {
    const { port, squatter, wasEnded } = await stranger(rig, onConflict, { ready });
    const started = await rig.devup(['start', '-d', '--on-conflict', 'kill']);
    expect(started.code, started.stderr).toBe(0);
    expect((await services(rig))['web']).toMatchObject({ state: 'external', verdict: 'external', holders: [{ pid: squatter.pid }] });
    expect(rig.puppet('web').journal()).toEqual([]);
    expect((await rig.devup(['stop'])).code).toBe(0);
    expect(wasEnded()).toBe(false);
    expect((await kill(rig, [port])).first.outcome).toBe('freed');
  });
}

// web
test('a foreign process that fails the test is neither used nor ended', async ({ rig }) => {
  const { port, wasEnded } = await stranger(rig, { reuse: { command: 'false' } }, { ready: { http: '/' } });
  const started = await rig.devup(['start', '-d']);
  expect(started.code).toBe(4);
  expect(started.stderr).toContain(`E203: the server on ${port} cannot be reused as web`);
  expect(wasEnded()).toBe(false);
  expect(rig.puppet('web').journal()).toEqual([]);
});

// web, api: one foreign process has both ports, and api says fail
test('a holder of two ports is spared if one of the services spares it', async ({ rig }) => {
  const [first, second] = [await rig.port(), await rig.port()];
  const puppet = rig.puppet('stranger', '--port', first, '--port', second);
  const squatter = rig.spawn(puppet.command);
  await puppet.waitFor('listening', 2);
  rig.config({
    web: { command: rig.puppet('web', '--port', first).command, port: first },
    api: { command: rig.puppet('api', '--port', second).command, port: second, onConflict: 'fail' },
  });
  const started = await rig.devup(['start', '-d']);
  expect(started.code).toBe(4);
  expect(started.stderr).toMatch(/2 ports are held/);
  expect(isAlive(squatter.pid)).toBe(true);
});

// web
test('a dry run predicts what a start does about a port', async ({ rig }) => {
  const { port, squatter, wasEnded } = await stranger(rig, 'kill');
  const planned = await rig.devup(['start', '--dry-run', '--json']);
  expect(planned.code).toBe(0);
  expect(planned.json()).toMatchObject({
    ports: [{ service: 'web', port, verdict: 'foreign', action: 'kill', holders: [{ pid: squatter.pid }] }],
  });
  const wouldKill = await kill(rig, [port, '--dry-run']);
  expect(wouldKill.code).toBe(0);
  expect(wouldKill.first).toMatchObject({ port, outcome: 'would-free', holders: [{ pid: squatter.pid }], problem: null });
  expect(wasEnded()).toBe(false);
  const killed = await kill(rig, [port]);
  expect(killed.first.killed).toEqual(wouldKill.first.killed);
  expect((await kill(rig, [port, '--dry-run'])).first).toMatchObject({ outcome: 'was-free' });
});

// web
test('the JSON of kill has exactly the documented fields', async ({ rig }) => {
  const { port, squatter } = await stranger(rig, 'kill');
  const dry = await rig.devup(['kill', String(port), '--dry-run', '--json']);
  const { ports, ...envelope } = dry.json() as { ports: readonly [{ holders: readonly unknown[] }] };
  expect(envelope).toEqual({ schemaVersion: 1 });
  expect(Object.keys(ports[0]).sort()).toEqual(['holders', 'killed', 'outcome', 'port', 'problem']);
  expect(ports[0].holders[0]).toEqual({
    pid: squatter.pid,
    startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    command: squatter.command,
    cwd: rig.root,
    user: expect.any(String),
    addresses: ['::'],
    container: null,
    image: null,
    composeProject: null,
    stack: null,
  });
  const done = (await rig.devup(['kill', String(port), '--json'])).json();
  expect(done).toEqual({
    schemaVersion: 1,
    ports: [
      { port, outcome: 'freed', killed: [{ pid: squatter.pid, command: squatter.command, signal: 'SIGTERM' }], holders: [], problem: null },
    ],
  });
});
