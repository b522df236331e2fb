import { chownSync, cpSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, inject } from 'vitest';
import { test } from '../../rig/rig.ts';
import { printedError } from './printed-error.ts';

const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;

describe('a port that devup may not free', () => {
  // api ← web
  test('is reported with all others before anything is started or ended', async ({ rig }) => {
    const [apiPort, webPort, dbPort] = [await rig.port(), await rig.port(), await rig.port()];
    const api = rig.puppet('api', '--port', apiPort);
    const web = rig.puppet('web', '--port', webPort);
    rig.config({
      api: { command: api.command, port: apiPort },
      web: { command: web.command, port: webPort, onConflict: 'fail' },
      db: { command: 'true', port: dbPort, onConflict: 'ask' },
    });
    const squatters = [await rig.squat({ how: 'listen', port: apiPort }), await rig.squat({ how: 'listen', port: webPort })];
    const one = printedError(await rig.devup(['start', '-d']));
    expect(one).toMatchObject({
      exitCode: 4,
      code: 'E201',
      what: `${webPort} web is held`,
      fix: expect.stringContaining(`devup kill ${webPort}`),
    });
    expect(one.why).toMatch(/^held by .*\(pid \d+, .*: its policy is onConflict: fail$/);
    squatters.push(await rig.squat({ how: 'listen', port: dbPort }));
    const both = printedError(await rig.devup(['start', '-d']));
    expect(both).toMatchObject({ exitCode: 4, code: 'E201', what: '2 ports are held; nothing was started and nothing was killed' });
    expect(both.details.join('\n')).toMatch(new RegExp(`${webPort} web  held by [\\s\\S]*${dbPort} db  held by `));
    expect(api.journal()).toEqual([]);
    expect(squatters.map(({ process }) => process.alive)).toEqual([true, true, true]);
    const json = rig.start(['start', '-d', '--json', '--on-conflict=fail']);
    expect((await json.exited).code).toBe(4);
    expect(json.lines.at(-2)).toMatchObject({
      schemaVersion: 1,
      error: { code: 'E201', refusals: [{ service: 'api' }, { service: 'web' }, { service: 'db' }] },
    });
  });

  test.skipIf(!isRoot)('held by root: an ordinary user gets the reason and the command to type', async ({ rig }) => {
    const port = await rig.port();
    const web = rig.puppet('web', '--port', port);
    rig.config({ web: { command: web.command, port } });
    const squatter = await rig.squat({ how: 'listen', port });
    // A place where an ordinary user can read and write.
    const world = dirname(rig.root);
    cpSync(dirname(inject('devup')), join(world, 'devup'), { recursive: true });
    for (const folder of ['project', 'home', 'run', 'cache', 'tmp']) chownSync(join(world, folder), NOBODY, NOBODY);
    const asNobody = async (...args: string[]) => {
      const running = rig.spawn([process.execPath, join(world, 'devup/bin.cjs'), ...args], { uid: NOBODY });
      running.endInput();
      return { ...(await running.exited), stdout: running.stdout, stderr: running.stderr, json: () => null };
    };
    const start = printedError(await asNobody('start', '-d'));
    expect(start).toMatchObject({ exitCode: 4, code: 'E201', why: expect.stringContaining('a process of root holds it') });
    expect(start.fix).toContain(`sudo devup kill ${port}`);
    const kill = await asNobody('kill', String(port));
    expect(kill.code).toBe(4);
    expect(kill.stdout).toMatch(new RegExp(`E205 ${port} was not freed\\n.*a process of root holds it.*\\n.*sudo devup kill ${port}`));
    expect(web.journal()).toEqual([]);
    expect(squatter.process.alive).toBe(true);
  });
});
