/** devup itself goes wrong, or dies: whatever happens, nothing of a session is left. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { processRow } from '../../../scripts/world.mjs';
import { eventually } from '../../rig/eventually.ts';
import type { Puppet } from '../../rig/puppets.ts';
import { type Rig, test } from '../../rig/rig.ts';
import { up } from './stack.ts';

const alive = (pid: number) => processRow(pid) !== null;

/** one ◀ two ◀ three, each on its port, with a stubborn grandchild in a session of its own. */
async function threeServices(rig: Rig): Promise<readonly Puppet[]> {
  const services: Record<string, object> = {};
  const puppets: Puppet[] = [];
  for (const name of ['one', 'two', 'three']) {
    const port = await rig.port();
    const puppet = rig.puppet(name, '--port', port, '--child', 'setsid+orphan+stubborn');
    puppets.push(puppet);
    services[name] = { port, command: puppet.command, stop: { timeout: '500ms' } };
  }
  rig.config(services);
  return puppets;
}

function stackFolder(rig: Rig): string {
  const folder = join(rig.root, '.devup');
  const [id] = readdirSync(folder).filter((name) => /^[0-9a-f]{16}$/.test(name));
  return join(folder, id as string);
}

function guardOf(rig: Rig): number {
  const pid =
    (JSON.parse(readFileSync(join(stackFolder(rig), 'record.json'), 'utf8')) as { guard: { pid: number } | null }).guard?.pid ?? 0;
  if (pid > 0) rig.remember(pid);
  return pid;
}

async function allGone(puppets: readonly Puppet[]): Promise<void> {
  await eventually(
    () => `these to be gone: ${puppets.flatMap((puppet) => puppet.pids()).filter(alive)}`,
    () => puppets.flatMap((puppet) => puppet.pids()).every((pid) => !alive(pid)),
  );
}

describe.concurrent('a bug in devup', () => {
  const failing = (fail: string) => ({ forFailures: true, env: { DEVUP_FAIL: fail } });

  test('stops three live services in order, writes down where it was, and exits 70', async ({ rig }) => {
    const puppets = await threeServices(rig);
    const stack = up(rig, [], failing('actor-impossible:tell:three'));
    expect((await stack.running.exited).code).toBe(70);
    expect(stack.history('ready')).toEqual(['one ready', 'two ready', 'three ready']);
    expect(stack.history('stopped')).toEqual(['three stopped', 'two stopped', 'one stopped']);
    expect(puppets.flatMap((puppet) => puppet.pids()).filter(alive)).toEqual([]);
    const [crash] = readdirSync(stackFolder(rig)).filter((name) => name.startsWith('crash-'));
    expect(readFileSync(join(stackFolder(rig), crash as string), 'utf8')).toMatch(/input membersGone in state ready[\s\S]*at /);
    expect(stack.running.stdout + stack.running.stderr).toContain(crash as string);
  });

  test('between a process and the state that knows of it leaves no process', async ({ rig }) => {
    const puppets = await threeServices(rig);
    const stack = up(rig, [], failing('after-spawn:throw:two'));
    expect((await stack.running.exited).code).toBe(70);
    expect(puppets.flatMap((puppet) => puppet.pids()).filter(alive)).toEqual([]);
  });

  test('in the background is the exit code of the command that began it', async ({ rig }) => {
    const puppets = await threeServices(rig);
    const answer = await rig.devup(['start', '-d'], failing('actor-impossible:tell:two'));
    expect(answer.code).toBe(70);
    expect(answer.stderr).toContain('E470');
    await allGone(puppets);
  });

  test('while a service is being ended ends with the rest, nothing alive', async ({ rig }) => {
    const puppets = await threeServices(rig);
    const stack = up(rig, [], failing('while-ending:throw:two'));
    await stack.until('three', 'ready');
    stack.running.signal('SIGTERM');
    expect((await stack.running.exited).code).toBe(70);
    expect(puppets.flatMap((puppet) => puppet.pids()).filter(alive)).toEqual([]);
    expect(stack.history('stopped')).toContain('one stopped');
  });
});

describe.concurrent('the death of the supervisor', () => {
  /** What the dead session left of its endpoint is taken over by the next one. */
  async function comesBack(rig: Rig): Promise<void> {
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    expect((await rig.devup(['stop'])).code).toBe(0);
  }

  test('takes every service with it, stubborn grandchildren in sessions of their own as well', async ({ rig }) => {
    const puppets = await threeServices(rig);
    const stack = up(rig);
    await stack.until('three', 'ready');
    const guard = guardOf(rig);
    expect(alive(guard)).toBe(true);
    stack.running.signal('SIGKILL');
    await allGone(puppets);
    await eventually('the guard to be gone', () => !alive(guard));
    await comesBack(rig);
  });

  test('right after a spawn that nothing has recorded yet leaves nothing', async ({ rig }) => {
    const puppets = await threeServices(rig);
    const stack = up(rig, [], { forFailures: true, env: { DEVUP_FAIL: 'after-spawn:kill:two' } });
    expect((await stack.running.exited).signal).toBe('SIGKILL');
    await allGone(puppets);
    await comesBack(rig);
  });

  test('is survived by a guard that was replaced when it was killed', async ({ rig }) => {
    const puppets = await threeServices(rig);
    const stack = up(rig);
    await stack.until('three', 'ready');
    const first = guardOf(rig);
    process.kill(first, 'SIGKILL');
    await eventually('another guard', () => guardOf(rig) !== first && alive(guardOf(rig)));
    stack.running.signal('SIGKILL');
    await allGone(puppets);
    await comesBack(rig);
  });

  test('ends with an ordinary stop, the guard goes too', async ({ rig }) => {
    await threeServices(rig);
    const stack = up(rig);
    await stack.until('three', 'ready');
    const guard = guardOf(rig);
    await stack.stop();
    expect(alive(guard)).toBe(false);
    expect(readdirSync(stackFolder(rig))).not.toContain('record.json');
  });
});
