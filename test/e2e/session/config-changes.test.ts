import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { eventually } from '../../rig/eventually.ts';
import { type Rig, test } from '../../rig/rig.ts';

const GOOD = `export default { name: 'rig', services: { web: { command: 'sh -c "echo up; exec sleep 1000"', ready: { log: 'up' } } } };\n`;

interface StatusJson {
  readonly services: readonly { readonly stale: boolean }[];
  readonly configProblem?: { readonly code: string };
}

async function running(rig: Rig): Promise<number> {
  rig.write('orchestrator.config.mjs', GOOD);
  expect((await rig.devup(['start', '-d'])).code).toBe(0);
  const { session } = (await rig.devup(['status', '--json'])).json() as { session: { pid: number } };
  return session.pid;
}

describe.concurrent('a config that changes while its session runs', () => {
  for (const [what, text, code, error] of [
    ['cannot be parsed', 'export default {', 3, /error E302/],
    ['is invalid', `export default { services: { web: { command: 'x', port: 99999 } } };`, 3, /error E305/],
    ['exits', 'process.exit(0);', 3, /error E304/],
  ] as const) {
    test(`F36: if the config ${what}, status, logs and stop still work; a start names the problem and leaves everything running`, async ({
      rig,
    }) => {
      const pid = await running(rig);
      rig.write('orchestrator.config.mjs', text);
      expect((await rig.devup(['status', '--json'])).json()).toMatchObject({ session: { pid }, services: [{ state: 'ready' }] });
      expect((await rig.devup(['logs'])).stdout).toMatch(/up/);
      for (const args of [['start', '-d'], ['start'], ['restart']]) {
        const answer = await rig.devup(args);
        expect(answer.code).toBe(code);
        expect(answer.stderr).toMatch(error);
      }
      expect((await rig.devup(['status', '--json'])).json()).toMatchObject({
        session: { pid },
        services: [{ state: 'ready', restarts: 0 }],
      });
      expect((await rig.devup(['stop'])).code).toBe(0);
      expect((await rig.devup(['status', '--json'])).stdout).not.toContain('"pid"');
    });
  }

  test('F36: if the config is deleted, its session can still be found, shown and stopped', async ({ rig }) => {
    const pid = await running(rig);
    rmSync(join(rig.root, 'orchestrator.config.mjs'));
    expect((await rig.devup(['status', '--json'])).json()).toMatchObject({ session: { pid }, services: [{ state: 'ready' }] });
    expect((await rig.devup(['logs'])).stdout).toMatch(/up/);
    const started = await rig.devup(['start', '-d']);
    expect(started.code).toBe(3);
    expect(started.stderr).toMatch(/error E301/);
    expect((await rig.devup(['stop'])).code).toBe(0);
  });

  // The client reads the config itself first, so the test asks for the session's own read directly.
  test("F36: a config in an endless loop harms no session: loading it is bounded, and the session's end does not wait for it", async ({
    rig,
  }) => {
    await running(rig);
    rig.write('orchestrator.config.mjs', `import { writeFileSync } from 'node:fs'; writeFileSync('${rig.root}/spins', ''); for (;;);`);
    const { id } = (await rig.devup(['status', '--json'])).json() as { id: string };
    const socket = join(String(rig.env['XDG_RUNTIME_DIR']), 'devup', id);
    const asking = rig.spawn(['curl', '-s', '--unix-socket', socket, 'http://devup/v1/start', '-X', 'POST']);
    await eventually('it spins', () => existsSync(join(rig.root, 'spins')));
    expect((await rig.devup(['status', '--json'])).json()).toMatchObject({ services: [{ state: 'ready' }] });
    expect((await rig.devup(['stop'])).code).toBe(0);
    await asking.exited;
  });

  test('timers and connections that a config leaves open do not keep a command alive', async ({ rig }) => {
    rig.write('orchestrator.config.mjs', `setInterval(() => 0, 1000);\n${GOOD}`);
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    expect((await rig.devup(['restart', 'web'])).code).toBe(0);
    expect((await rig.devup(['stop'])).code).toBe(0);
  });

  // orchestrator.config.ts → ports.ts → seconds.mjs; reads seconds.json
  test('F36: a service is stale as soon as a file that the config imports or reads has changed, also one that was broken meanwhile', async ({
    rig,
  }) => {
    rig.write(
      'orchestrator.config.ts',
      `import { argument } from './parts/argument';\nexport default { services: { web: { command: ['sleep', argument()] } } };`,
    );
    rig.write(
      'parts/argument.ts',
      `import { readFileSync } from 'node:fs';
       import { zeros } from './zeros.mjs';
       const one: string = readFileSync(new URL('./one.json', import.meta.url), 'utf8').trim();
       export const argument = (): string => one + zeros;`,
    );
    const [one, zeros] = ['parts/one.json', 'parts/zeros.mjs'];
    rig.write(one, '1');
    rig.write(zeros, `export const zeros = '000';`);
    // A snapshot does not wait for a slow read of the config; the next one then shows its outcome.
    const shows = (problem: string | null, stale: boolean) =>
      eventually(`status to show ${problem ?? 'no problem'} and ${stale ? 'stale' : 'as it is'}`, async () => {
        const status = (await rig.devup(['status', '--json'])).json() as StatusJson;
        return status.services[0]?.stale === stale && (status.configProblem?.code ?? null) === problem;
      });
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    await shows(null, false);
    rig.write(zeros, `export const zeros = '0000';`);
    await shows(null, true);
    rig.write(zeros, 'export const zeros = ;');
    await shows('E302', true);
    rig.write(zeros, `export const zeros = '000';`);
    await shows(null, false);
    rig.write(one, '22');
    await shows(null, true);
    expect((await rig.devup(['restart', 'web'])).code).toBe(0);
    await shows(null, false);
    // A file that is read by a config which imports nothing.
    rig.write(
      'orchestrator.config.ts',
      `import { readFileSync } from 'node:fs';\nexport default { services: { web: { command: ['sleep', readFileSync('parts/one.json', 'utf8').trim() + '000'] } } };`,
    );
    await shows(null, false);
    rig.write(one, '3');
    await shows(null, true);
    expect((await rig.devup(['stop'])).code).toBe(0);
  });

  test('F36: a service that differs from the config is stale until it is restarted', async ({ rig }) => {
    rig.config({ web: { command: 'sleep 1000' } });
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    rig.config({ web: { command: 'sleep 2000' } });
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    expect((await rig.devup(['status', '--json'])).json()).toMatchObject({ services: [{ stale: true }] });
    expect((await rig.devup(['restart', 'web'])).code).toBe(0);
    expect((await rig.devup(['status', '--json'])).json()).toMatchObject({ services: [{ stale: false, state: 'ready' }] });
    expect((await rig.devup(['stop'])).code).toBe(0);
  });
});
