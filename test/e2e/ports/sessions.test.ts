/**
 * Ports of services that a session runs or ran: a live session frees them itself, and leftovers of a dead one are taken back.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { eventually } from '../../rig/eventually.ts';
import { isFree } from '../../rig/ports.ts';
import { type Rig, test } from '../../rig/rig.ts';
import { isAlive, kill, services, status } from './answers.ts';

/** Another stack, in a folder below the rig's. */
function otherStack(rig: Rig, name: string, declared: Readonly<Record<string, object>>): { readonly cwd: string } {
  rig.write(`${name}/orchestrator.config.json`, { name, services: declared });
  mkdirSync(join(rig.root, name, '.git'));
  return { cwd: join(rig.root, name) };
}

// web ◀ api
test('a port of a session is freed through that session: its service stays stopped, the others run on', async ({ rig }) => {
  const [port, other] = [await rig.port(), await rig.port()];
  const web = rig.puppet('web', '--port', port, '--child', 'setsid');
  rig.config({
    web: { command: web.command, port, restart: 'always' },
    api: { command: rig.puppet('api', '--port', other).command, port: other },
  });
  expect((await rig.devup(['start', '-d'])).code).toBe(0);
  const { code, first } = await kill(rig, [port]);
  expect(code).toBe(0);
  expect(first).toMatchObject({ outcome: 'freed', problem: null });
  expect(web.pids().filter(isAlive)).toEqual([]);
  expect(await services(rig)).toMatchObject({ web: { state: 'stopped', verdict: 'free' }, api: { state: 'ready', verdict: 'ours' } });
  expect(web.journal().filter(({ event }) => event === 'listening')).toHaveLength(1);
  // By its name, as well; nothing is left of the session then.
  expect((await kill(rig, ['api'])).first).toMatchObject({ port: other, outcome: 'freed' });
  expect((await status(rig)).session).toBeNull();
});

// theirs/web, mine/api: both want the port
test("F17: a start leaves another stack's service alone; kill and --take-over stop it through its own session", async ({ rig }) => {
  const [port, beside] = [await rig.port(), await rig.port()];
  const theirs = otherStack(rig, 'theirs', {
    web: { command: rig.puppet('web', '--port', port).command, port, restart: 'always' },
    needs: { command: rig.puppet('needs').command },
    beside: { command: rig.puppet('beside', '--port', beside).command, port: beside, dependsOn: [] },
  });
  const mine = otherStack(rig, 'mine', { api: { command: rig.puppet('api', '--port', port).command, port } });
  expect((await rig.devup(['start', '-d'], theirs)).code).toBe(0);

  const refused = await rig.devup(['start', '-d', '--on-conflict', 'kill'], mine);
  expect(refused.code).toBe(4);
  expect(refused.stderr).toMatch(/web of another running stack \(.*\/theirs\)/);
  expect(refused.stderr).toMatch(/devup -C \S*\/theirs stop web {2}or start with --take-over/);
  expect(await services(rig, mine)).toMatchObject({ api: { state: 'stopped', verdict: 'other' } });

  const taken = await rig.devup(['start', '-d', '--take-over'], mine);
  expect(taken.code, taken.stderr).toBe(0);
  expect(await services(rig, theirs)).toMatchObject({
    web: { state: 'stopped', verdict: 'other' },
    needs: { state: 'stopped' },
    beside: { state: 'ready', verdict: 'ours' },
  });
  expect(await services(rig, mine)).toMatchObject({ api: { state: 'ready', verdict: 'ours' } });

  const killed = await kill(rig, [port, beside], { cwd: rig.home });
  expect(killed.ports.map(({ outcome }) => outcome)).toEqual(['freed', 'freed']);
  for (const name of ['web', 'needs', 'beside', 'api']) expect(rig.puppet(name).pids().filter(isAlive), name).toEqual([]);
  expect([(await status(rig, theirs)).session, (await status(rig, mine)).session]).toEqual([null, null]);
});

// theirs: web ◀ needs ◀ deep, beside, apart      mine: base ◀ api (web's port), other (beside's port)
test('F17: --take-over names all that it stops in another checkout, before and after; so does a dry run, and status names its folder', async ({
  rig,
}) => {
  const [port, second] = [await rig.port(), await rig.port()];
  const theirs = otherStack(rig, 'theirs', {
    web: { command: rig.puppet('web', '--port', port).command, port, dependsOn: [] },
    apart: { command: rig.puppet('apart').command, dependsOn: [] },
    needs: { command: rig.puppet('needs').command, dependsOn: ['web'] },
    deep: { command: rig.puppet('deep').command, dependsOn: ['needs'] },
    beside: { command: rig.puppet('beside', '--port', second).command, port: second, dependsOn: [] },
  });
  const mine = otherStack(rig, 'mine', {
    base: { command: rig.puppet('base').command, dependsOn: [] },
    api: { command: rig.puppet('api', '--port', port).command, port, dependsOn: ['base'] },
    other: { command: rig.puppet('other', '--port', second).command, port: second, dependsOn: [] },
  });
  const config = join(theirs.cwd, 'orchestrator.config.json');
  expect((await rig.devup(['start', '-d'], theirs)).code).toBe(0);

  expect((await rig.devup(['status'], mine)).stdout).toMatch(/web \(\S*\/theirs\)/);
  expect((await status(rig, mine)).services[1]).toMatchObject({ holders: [{ stack: { service: 'web', config } }] });

  const dry = await rig.devup(['start', '--dry-run', '--take-over'], mine);
  expect({ code: dry.code, stdout: dry.stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^! would stop web, needs, deep, beside of the stack in \S*\/theirs$/m) as unknown,
  });
  const dryJson = (await rig.devup(['start', 'api', '--no-deps', '--dry-run', '--take-over', '--json'], mine)).json();
  expect(dryJson).toMatchObject({ takeOvers: [{ config, services: ['web', 'needs', 'deep'] }] });
  expect(Object.values(await services(rig, theirs)).map(({ state }) => state)).toEqual(['ready', 'ready', 'ready', 'ready', 'ready']);

  const taken = await rig.devup(['start', '-d', 'api', '--no-deps', '--take-over'], mine);
  expect({ code: taken.code, stderr: taken.stderr }).toMatchObject({ code: 0 });
  const said = [...taken.stderr.matchAll(/^! warning: (stopping|stopped) (.*) of the stack in \S*\/theirs(: api needs its port)?$/gm)];
  expect(said.map(([, what, names]) => `${what} ${names}`)).toEqual(['stopping web, needs, deep', 'stopped web, needs, deep']);
  expect((await status(rig, mine)).services[1]).toMatchObject({ name: 'api', state: 'ready' });
  expect(await services(rig, theirs)).toMatchObject({ web: { state: 'stopped' }, apart: { state: 'ready' }, beside: { state: 'ready' } });

  // In a session that runs already, in the foreground, as events.
  const events = rig.start(['start', '--take-over', '--json'], mine);
  await events.waitForOutput(/"kind":"taken-over".*\n/, 'stdout');
  const notices = events.lines.filter(({ type }) => type === 'notice').map(({ notice }) => notice);
  expect(notices).toMatchObject([
    { kind: 'taking-over', config, services: ['beside'] },
    { kind: 'taken-over', config, services: ['beside'] },
  ]);
  for (const folder of [mine, theirs]) expect((await rig.devup(['stop'], folder)).code).toBe(0);
  expect(await events.exited).toMatchObject({ signal: null });
});

// web ◀ api ◀ job: their supervisor and its guard are killed
test('`stop` with names ends only these leftovers of a killed session; an unknown name ends nothing', async ({ rig }) => {
  const puppets = new Map(['web', 'api', 'job'].map((name) => [name, rig.puppet(name)]));
  rig.config(Object.fromEntries([...puppets].map(([name, { command }]) => [name, { command }])));
  expect((await rig.devup(['start', '-d'])).code).toBe(0);
  await killSession(rig);
  const alive = () => [...puppets].filter(([, puppet]) => puppet.pids().some(isAlive)).map(([name]) => name);
  const wrong = await rig.devup(['stop', 'wbe']);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toMatch(/error E002: .*wbe[\s\S]*did you mean web/);
  expect(alive()).toEqual(['web', 'api', 'job']);
  expect((await rig.devup(['stop', 'job'])).stderr).toMatch(/leftovers of an earlier session: job\n/);
  expect(alive()).toEqual(['web', 'api']);
  expect((await rig.devup(['stop', 'web', '--with-dependents'])).code).toBe(0);
  expect(alive()).toEqual([]);
  expect((await rig.devup(['stop', 'wbe'])).code).toBe(2);
  expect((await rig.devup(['stop', 'web'])).stderr).toBe('nothing was running\n');
  rmSync(join(rig.env['XDG_RUNTIME_DIR'] as string, 'devup'), { recursive: true, force: true });
});

// web, api: their supervisor and its guard are killed
test('a stop that names leftovers of a killed session finds the names in its record, and does not run the config', async ({ rig }) => {
  const ran = join(rig.root, 'ran');
  const services = JSON.stringify({ web: { command: rig.puppet('web').command }, api: { command: rig.puppet('api').command } });
  rig.write(
    'orchestrator.config.mjs',
    `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(ran)}, ''); export default { services: ${services} };`,
  );
  expect((await rig.devup(['start', '-d'])).code).toBe(0);
  await killSession(rig);
  rmSync(ran);
  expect((await rig.devup(['stop', 'web', 'api'])).stderr).toMatch(/leftovers of an earlier session: (web, api|api, web)\n/);
  expect(existsSync(ran)).toBe(false);
  rmSync(join(rig.env['XDG_RUNTIME_DIR'] as string, 'devup'), { recursive: true, force: true });
});

// web: its supervisor and its guard are killed
for (const how of ['start', 'kill', 'kill of one port', 'stop'] as const) {
  test(`F17: leftovers of a killed session are shown, never adopted, and ended by ${how}`, async ({ rig }) => {
    const [port, second] = [await rig.port(), await rig.port()];
    const web = rig.puppet('web', '--port', port, '--child', 'setsid', '--child', 'orphan', '--child', `setsid+bare:${second}`);
    rig.config({ web: { command: web.command, ports: { main: port, second }, onConflict: 'fail' } });
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    await killSession(rig);
    expect(await status(rig)).toMatchObject({ session: null, services: [{ state: 'stopped', verdict: 'leftover' }] });
    // The last child has no parent, environment, group or session in common with the service: only the record and its port
    // tell.
    const main = web.journal().find(({ event }) => event === 'started')?.pid as number;
    process.kill(main, 'SIGKILL');
    await eventually('the main process to be gone', () => !isAlive(main));
    const left = web.pids().filter(isAlive);
    expect(left).toHaveLength(3);

    const answer = how.startsWith('kill')
      ? await kill(rig, [how === 'kill' ? 'web' : second])
      : await rig.devup(how === 'start' ? ['start', '-d'] : ['stop']);
    expect(answer.code, answer.stdout + answer.stderr).toBe(0);
    expect(left.filter(isAlive)).toEqual([]);
    if (how === 'start') {
      expect(answer.stderr).toMatch(/ended leftovers from an earlier session/);
      const now = await services(rig);
      expect(now['web']).toMatchObject({ state: 'ready', verdict: 'ours' });
      expect(left).not.toContain(now['web']?.pid);
      expect((await rig.devup(['stop'])).code).toBe(0);
    }
    for (const one of [port, second]) expect(await isFree(one)).toBe(true);
    // A killed session cannot remove its socket; the next session does.
    rmSync(join(rig.env['XDG_RUNTIME_DIR'] as string, 'devup'), { recursive: true, force: true });
  });
}

/** Kills both in an order that leaves neither a moment to help. */
async function killSession(rig: Rig): Promise<void> {
  const { id, session } = await status(rig);
  const record = JSON.parse(readFileSync(join(rig.root, '.devup', id, 'record.json'), 'utf8')) as { guard: { pid: number } };
  const supervisor = session?.pid as number;
  process.kill(supervisor, 'SIGSTOP');
  process.kill(record.guard.pid, 'SIGKILL');
  process.kill(supervisor, 'SIGKILL');
  await eventually('the session to be gone', () => [supervisor, record.guard.pid].every((pid) => !isAlive(pid)));
}
