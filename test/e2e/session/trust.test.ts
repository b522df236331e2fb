/** The warning for root about whose code runs as root, and the commands that run no config. */
import { chownSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { test } from '../../rig/rig.ts';

const isRoot = process.getuid?.() === 0;

describe.skipIf(!isRoot)('root at a terminal', () => {
  test('is warned once that services run as root, and who else can change them', async ({ rig }) => {
    const file = rig.config({ web: { command: 'sleep 1000' } });
    const warnings = (text: string) => text.match(/running as root/g) ?? [];
    const first = rig.terminal(['start', '-d']);
    await first.exited;
    expect(warnings(first.stdout)).toHaveLength(1);
    expect(first.stdout).not.toContain('owns the config');
    const attached = rig.terminal(['start', '-d']);
    await attached.exited;
    expect(warnings(attached.stdout)).toHaveLength(0);
    expect((await rig.devup(['stop'])).code).toBe(0);
    chownSync(file, 65_534, 65_534);
    const foreign = rig.terminal(['start', '-d']);
    await foreign.exited;
    expect(foreign.stdout).toMatch(/running as root[\s\S]*who owns the config, decides/);
    expect((await rig.devup(['stop'])).code).toBe(0);
  });

  test('is not warned under CI, nor without a terminal', async ({ rig }) => {
    rig.config({ web: { command: 'sleep 1000' } });
    const inCi = rig.terminal(['start', '-d'], { env: { CI: '1' } });
    await inCi.exited;
    expect(inCi.stdout).not.toContain('running as root');
    expect((await rig.devup(['stop'])).code).toBe(0);
    expect((await rig.devup(['start', '-d'])).stderr).not.toContain('running as root');
    expect((await rig.devup(['stop'])).code).toBe(0);
  });
});

test('status, logs, kill and stop do not run a config whose session answers, nor do stop and kill afterwards', async ({ rig }) => {
  const port = await rig.port();
  const ran = join(rig.root, 'ran');
  const services = JSON.stringify({ web: { command: rig.puppet('web', '--port', port, '--print', 'hello').command, port } });
  rig.write(
    'orchestrator.config.mjs',
    `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(ran)}, ''); export default { services: ${services} };`,
  );
  const runs = async (...args: readonly string[]) => {
    rmSync(ran, { force: true });
    const answer = await rig.devup(args);
    return { args, code: answer.code, ran: existsSync(ran) };
  };
  expect(await runs('start', '-d')).toMatchObject({ code: 0, ran: true });
  for (const args of [['status'], ['logs'], ['logs', 'web'], ['kill', String(port)]])
    expect(await runs(...args)).toEqual({ args, code: 0, ran: false });
  expect(await runs('start', '-d')).toMatchObject({ code: 0 });
  for (const args of [['stop'], ['stop'], ['kill', String(port)]]) expect(await runs(...args)).toEqual({ args, code: 0, ran: false });
});
