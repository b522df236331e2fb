import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject } from 'vitest';
import type { Rig } from '../../rig/rig.ts';
import { test } from '../../rig/rig.ts';
import { printedError } from './printed-error.ts';

/** A stack whose service reports if it ran after all. */
async function stack(rig: Rig) {
  const port = await rig.port();
  const puppet = rig.puppet('web', '--port', port);
  rig.config({ web: { command: puppet.command, port } });
  return { port, puppet };
}

describe('a command that needs a session, without one', () => {
  test.for([
    ['restart', 'error E401: rig is not running'],
    ['logs', '-f', 'rig is not running: there is nothing to follow'],
  ] as const)('%s names the stack as its config does', async ([...args], { rig }) => {
    const said = args.pop() as string;
    await stack(rig);
    expect((await rig.devup(args)).stderr).toContain(said);
  });

  test('restart names the folder if the config cannot be loaded', async ({ rig }) => {
    rig.write('orchestrator.config.json', '{');
    expect(await rig.devup(['restart'])).toMatchObject({ code: 1, stderr: expect.stringContaining('error E401: project is not running') });
  });
});

describe('a mistyped command line never runs', () => {
  test.for([
    [['strat'], "unknown command 'strat'", 'did you mean devup start?'],
    [['serve'], "unknown command 'serve'", 'did you mean devup start?'],
    [['attach', 'web'], "unknown command 'attach'", 'did you mean devup debug web?'],
    [['sttaus'], "unknown command 'sttaus'", 'did you mean devup status?'],
    [['start', '--detatch'], "unknown option '--detatch'", 'did you mean --detach?'],
    [['start', '--dry-rum'], "unknown option '--dry-rum'", 'did you mean --dry-run?'],
    [['start', '-x'], "unknown option '-x'", 'devup start --help'],
    [['stop', '--all'], "unknown option '--all'", null],
    [['kill', '8000', '--focre'], "unknown option '--focre'", 'did you mean --force?'],
    [['--jsn', 'status'], "unknown option '--jsn'", 'did you mean --json?'],
    [['start', 'wbe'], 'there is no service wbe', 'did you mean web?'],
    [['logs', 'nobody'], 'there is no service nobody', null],
    [['start', '--with', 'wbe'], 'there is no service wbe', 'did you mean web?'],
    [['exec', 'web'], 'devup exec needs a command after --', 'devup exec --help'],
    [['run', 'npm', 'test'], 'devup run needs a command after --', 'devup run --help'],
    [['kill'], 'the <port|from-to|service> is missing', 'devup kill --help'],
  ] as const)('devup %s', async ([args, what, fix], { rig }) => {
    const { puppet } = await stack(rig);
    const answer = printedError(await rig.devup([...args]));
    expect(answer).toMatchObject({ exitCode: 2, code: expect.stringMatching(/^E00[12]$/), ...(what && { what }), ...(fix && { fix }) });
    expect(puppet.journal()).toEqual([]);
  });

  test.for([
    [['start', '--on-conflict', 'maybe'], "--on-conflict cannot be 'maybe': it must be one of kill, ask, fail"],
    [['start', '--timeout', 'soon'], "--timeout cannot be 'soon': it must be a duration: 500ms, 30s, 2m"],
    [['start', '--timeout='], "--timeout cannot be '': it must be a duration: 500ms, 30s, 2m"],
    [['start', '--with'], '--with needs its <service>'],
    [['logs', '-n', 'many'], "--lines cannot be 'many': it must be a whole number"],
    [['logs', '--grep', '('], "--grep cannot be '(': it is not a regular expression"],
    [['logs', '--since', 'yesterday'], "--since cannot be 'yesterday': it must be a time ago (10m) or a date (2026-11-22T09:12)"],
    [['kill', '8000', '--signal', 'BOO'], "--signal cannot be 'BOO': it must be one of TERM, INT, QUIT, HUP, USR1, USR2, KILL"],
    [['-C', '/nowhere/at/all', 'status'], '-C /nowhere/at/all: there is no such folder'],
    [['-C', 'x'.repeat(300), 'status'], `-C ${'x'.repeat(300)}: it cannot be entered (ENAMETOOLONG)`],
    [['-C', 'loop', 'status'], '-C loop: it cannot be entered (ELOOP)'],
  ] as const)('an invalid value of a flag: devup %s', async ([args, what], { rig }) => {
    const { puppet } = await stack(rig);
    symlinkSync('loop', join(rig.root, 'loop'));
    expect(printedError(await rig.devup([...args]))).toMatchObject({ exitCode: 2, code: 'E001', what });
    expect(puppet.journal()).toEqual([]);
  });

  test('a working directory that was removed', async ({ rig }) => {
    const gone = join(rig.root, 'gone');
    mkdirSync(gone);
    const devup = [process.execPath, inject('devup')];
    const script = 'rmdir "$PWD"; "$@" status; echo "exit $?"; "$@" kill 1 --dry-run; "$@" -C / ports --all >/dev/null; echo "exit $?"';
    const running = rig.spawn(['sh', '-c', script, 'sh', ...devup], { cwd: gone });
    await running.exited;
    expect(running.stdout).toBe('exit 2\nexit 0\n');
    expect(running.stderr.match(/^error .*$/gm)).toEqual(Array(2).fill('error E001: the working directory no longer exists'));
  });

  // Its name lets devup ask the container engines.
  test('a working directory that was removed, beside the forwarder of a container', async ({ rig }) => {
    const gone = join(rig.root, 'gone');
    mkdirSync(gone);
    await rig.squat({ how: 'listen', port: await rig.port(), name: 'docker-proxy' });
    const running = rig.spawn(
      ['sh', '-c', 'rmdir "$PWD"; exec "$@"', 'sh', process.execPath, inject('devup'), '-C', '/', 'ports', '--all'],
      { cwd: gone },
    );
    expect(await running.exited).toMatchObject({ code: 0 });
  });

  test.for([
    ['strat', '--no-color'],
    ['status', '--no-color', '--jsn'],
  ])('`devup %s %s` prints its error without colours', async (args, { rig }) => {
    expect((await rig.devup(args, { env: { FORCE_COLOR: '1' } })).stderr).toMatch(/^error E001: /);
  });

  test('a wrong DEVUP_ON_CONFLICT is a usage error, too', async ({ rig }) => {
    const { puppet } = await stack(rig);
    const answer = printedError(await rig.devup(['start', '-d'], { env: { DEVUP_ON_CONFLICT: 'murder' } }));
    expect(answer).toMatchObject({ exitCode: 2, code: 'E001', what: expect.stringContaining('DEVUP_ON_CONFLICT') });
    expect(puppet.journal()).toEqual([]);
  });

  test('as JSON, a usage error is an error object', async ({ rig }) => {
    const [command, flag, service, dry] = await Promise.all([
      rig.devup(['sttaus', '--json']),
      rig.devup(['kill', '--jsno', '--json']),
      rig.devup(['kill', '0', '--json']),
      rig.devup(['start', '--dry-run', '--json'], { env: { DEVUP_ON_CONFLICT: 'murder' } }),
    ]);
    for (const answer of [command, flag, service, dry]) {
      expect(answer.code).toBe(2);
      expect(answer.json()).toMatchObject({
        schemaVersion: 1,
        error: { code: expect.stringMatching(/^E/), message: expect.any(String), fix: expect.any(String) },
      });
    }
  });
});

describe('devup kill', () => {
  test.for([
    ['0', '`0` is not a port', 'write a port such as 8000, or a range such as 3000-3099'],
    ['99999', '`99999` is not a port', null],
    ['65536', '`65536` is not a port', null],
    ['abc', 'abc is neither a port nor a service', null],
    ['8000;rm', '`8000;rm` is not a port', null],
    ['-5', null, null],
    ['', '`` is not a port', null],
    ['0-10', '`0-10` is not a port', null],
    ['3000-', '`3000-` is not a port', null],
    ['3010-3000', '3010-3000 is not a range', 'write 3000-3010'],
    ['1-65535', '1-65535 is too large a range', null],
  ] as const)('%j ends nothing and says why', async ([word, what, fix], { rig }) => {
    const answer = printedError(await rig.devup(['kill', word]));
    expect(answer).toMatchObject({
      exitCode: 2,
      code: expect.stringMatching(/^E(204|001)$/),
      ...(what !== null && { what }),
      ...(fix && { fix }),
    });
  });

  test('of a misspelt service suggests the right one', async ({ rig }) => {
    await stack(rig);
    expect(printedError(await rig.devup(['kill', 'wbe']))).toMatchObject({ exitCode: 2, code: 'E002', fix: 'did you mean web?' });
  });

  test('with one bad word among good ones ends nothing', async ({ rig }) => {
    const port = await rig.port();
    const squatter = await rig.squat({ how: 'listen', port });
    expect(printedError(await rig.devup(['kill', String(port), '0'])).exitCode).toBe(2);
    expect(squatter.process.alive).toBe(true);
  });
});
