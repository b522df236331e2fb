/** A service that ends by itself, and one that is restarted by hand. */
import { describe, expect } from 'vitest';
import { eventually } from '../../rig/eventually.ts';
import type { Puppet } from '../../rig/puppets.ts';
import { type Rig, test } from '../../rig/rig.ts';
import { node, type Stack, tell, up } from './stack.ts';

const QUICKLY = { initial: '20ms', max: '50ms' };

async function puppetOn(rig: Rig, name: string, restart: unknown): Promise<{ puppet: Puppet; port: number; service: object }> {
  const port = await rig.port();
  const puppet = rig.puppet(name, '--port', port);
  return { puppet, port, service: { port, command: puppet.command, restart, dependsOn: [] } };
}

/** The current run of the puppet exits; resolves when that is done. */
async function dies(puppet: Puppet, code: number): Promise<void> {
  await tell(puppet, { do: 'exit', code });
}

const runs = (stack: Stack, service: string) => stack.states(service).filter((state) => state === 'starting').length;

describe.concurrent('restart policies', () => {
  test('no, on-failure and always, after a failure and after exit 0', async ({ rig }) => {
    const no = await puppetOn(rig, 'no', 'no');
    const failure = await puppetOn(rig, 'failure', { policy: 'on-failure', backoff: QUICKLY });
    const always = await puppetOn(rig, 'always', { policy: 'always', backoff: QUICKLY });
    rig.config({ no: no.service, failure: failure.service, always: always.service });
    const stack = up(rig);
    for (const name of ['no', 'failure', 'always']) await stack.until(name, 'ready');
    await dies(no.puppet, 1);
    expect((await stack.until('no', 'failed')).problem?.code).toBe('E101');
    await dies(failure.puppet, 1);
    expect((await stack.until('failure', 'backoff')).problem?.code).toBe('E101');
    await stack.until('failure', 'ready', 2);
    await dies(failure.puppet, 0);
    await stack.until('failure', 'stopped');
    await dies(always.puppet, 0);
    await stack.until('always', 'ready', 2);
    const now = await stack.status();
    expect(now['failure']).toMatchObject({ state: 'stopped', restarts: 1, exitCode: 0 });
    expect(now['always']).toMatchObject({ state: 'ready', restarts: 1 });
    await stack.stop();
  });

  test('backoff doubles up to its limit, `max` restarts in a row are the last, and `stable` resets the count', async ({ rig }) => {
    const restart = { policy: 'on-failure', max: 3, backoff: { initial: '20ms', max: '70ms' }, stable: '60s' };
    rig.config({
      brittle: { command: node(`setTimeout(() => process.exit(1), 30)`), restart, dependsOn: [] },
      settled: { command: node(`setTimeout(() => process.exit(1), 250)`), restart: { ...restart, max: 2, stable: '60ms' }, dependsOn: [] },
    });
    const stack = up(rig);
    const { problem } = await stack.until('brittle', 'failed');
    expect(problem?.code).toBe('E112');
    const delays = stack.events().flatMap(({ service, state, delayMs }) => (service === 'brittle' && state === 'backoff' ? [delayMs] : []));
    expect(delays).toEqual([20, 40, 70]);
    await stack.until('settled', 'ready', 5);
    const others = stack.events().flatMap(({ service, state, delayMs }) => (service === 'settled' && state === 'backoff' ? [delayMs] : []));
    expect(new Set(others)).toEqual(new Set([20]));
    await stack.stop();
  });

  test('a service stopped by hand stays stopped, and can be started again', async ({ rig }) => {
    const web = await puppetOn(rig, 'web', { policy: 'always', backoff: QUICKLY });
    rig.config({ web: web.service, other: { command: ['sleep', '1000'], dependsOn: [] } });
    const stack = up(rig);
    await stack.until('web', 'ready');
    expect((await stack.devup('stop', 'web')).code).toBe(0);
    expect((await stack.status())['web']?.state).toBe('stopped');
    expect((await stack.devup('start', '-d', 'web')).code).toBe(0);
    expect(runs(stack, 'web')).toBe(2);
    await stack.stop();
  });

  test('a port that is held at a restart is a failure, not a reason for more restarts', async ({ rig }) => {
    const web = await puppetOn(rig, 'web', { policy: 'always', backoff: { initial: '5s', max: '5s' } });
    rig.config({ web: { ...web.service, onConflict: 'fail' }, other: { command: ['sleep', '1000'], dependsOn: [] } });
    const stack = up(rig);
    await stack.until('web', 'ready');
    await dies(web.puppet, 1);
    // Long enough for the squatter to begin on a busy machine.
    await stack.until('web', 'backoff');
    const { process } = await rig.squat({ how: 'listen', port: web.port });
    const { problem } = await stack.until('web', 'failed');
    expect(problem?.code).toBe('E201');
    expect(runs(stack, 'web')).toBe(1);
    process.signal('SIGKILL');
    await stack.stop();
  });

  // db ◀ web: web runs on; db ◀ late: late is becoming ready
  test('dependents of a service that ended are named, and wait again if they were not yet ready', async ({ rig }) => {
    const db = await puppetOn(rig, 'db', { policy: 'on-failure', backoff: QUICKLY });
    const late = rig.puppet('late', '--wait');
    rig.config({
      db: db.service,
      web: { command: ['sleep', '1000'], dependsOn: 'db' },
      late: { command: late.command, ready: { log: 'late is up' }, dependsOn: 'db' },
    });
    const stack = up(rig);
    await stack.until('web', 'ready');
    await late.waitFor('started');
    await dies(db.puppet, 1);
    await stack.untilEvent('web to be told', (event) => event.type === 'notice' && event.service === 'web');
    await stack.until('late', 'waiting', 2);
    await stack.until('late', 'starting', 2);
    expect(stack.states('web').at(-1)).toBe('ready');
    await late.waitFor('started', 2);
    await tell(late, { do: 'print', text: 'late is up\n' });
    await stack.until('late', 'ready');
    await stack.stop();
  });
});

describe.concurrent('a config that changes while the stack runs', () => {
  test('F36: a changed port or environment is shown as stale until a restart applies it and frees the old port', async ({ rig }) => {
    const [before, after] = [await rig.port(), await rig.port()];
    const service = (port: number) => ({
      port,
      command: node(`require('node:http').createServer((request, response) => response.end('hello')).listen(process.env.PORT)`),
    });
    const keeper = { command: ['sleep', '1000'] };
    rig.config({ web: service(before), keeper });
    const stack = up(rig);
    await stack.until('keeper', 'ready');
    expect((await stack.status())['web']).toMatchObject({ stale: false, port: before });
    rig.config({ web: service(after), keeper });
    expect((await stack.status())['web']).toMatchObject({ stale: true, port: before, state: 'ready' });
    const told = await stack.devup('start', '-d');
    expect(told.code).toBe(0);
    expect(told.stdout + told.stderr).toMatch(/web[\s\S]*devup restart web/);
    const restarted = await stack.devup('restart', 'web');
    expect(restarted.code).toBe(0);
    expect(restarted.stdout + restarted.stderr).toContain('keeper');
    const now = await stack.status();
    expect(now['web']).toMatchObject({ stale: false, port: after, state: 'ready', verdict: 'ours' });
    expect(await (await fetch(`http://localhost:${after}/`)).text()).toBe('hello');
    await expect(fetch(`http://localhost:${before}/`)).rejects.toThrow();
    expect(runs(stack, 'keeper')).toBe(1);
    await stack.stop();
  });

  test('F36: an added service starts in its order; a removed one is named and can be stopped', async ({ rig }) => {
    const stays = { command: ['sleep', '1000'] };
    rig.config({ a: stays, old: stays, z: stays });
    const stack = up(rig);
    await stack.until('z', 'ready');
    rig.config({ a: stays, added: stays, z: stays });
    const started = await stack.devup('start', '-d');
    expect(started.code).toBe(0);
    expect(started.stdout + started.stderr).toMatch(/old[\s\S]*devup stop old/);
    const now = await stack.status();
    expect(Object.keys(now)).toEqual(['a', 'added', 'z', 'old']);
    expect(now).toMatchObject({ added: { state: 'ready' }, old: { state: 'ready', stale: true } });
    expect((await stack.devup('stop', 'old')).code).toBe(0);
    await eventually(
      'old to be gone',
      async () => !('old' in (await stack.status())) || (await stack.status())['old']?.state === 'stopped',
    );
    await stack.stop();
    expect(stack.history('stopped').at(-1)).toBe('a stopped');
  });

  test('F36: a broken config is reported and changes nothing', async ({ rig }) => {
    rig.config({ web: { command: ['sleep', '1000'] } });
    const stack = up(rig);
    await stack.until('web', 'ready');
    rig.write('orchestrator.config.json', '{ "services": ');
    expect((await stack.devup('restart', 'web')).code).toBe(3);
    expect((await stack.status())['web']?.state).toBe('ready');
    expect((await stack.devup('stop')).code).toBe(0);
    await stack.running.exited;
    expect(runs(stack, 'web')).toBe(1);
  });
});
