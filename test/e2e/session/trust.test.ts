/** The configs that are not run, the warning for root about whose code runs as root, and the commands that run no config. */
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { type Rig, test } from '../../rig/rig.ts';

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
    writeFileSync(join(rig.home, '.gitconfig'), `[safe]\n\tdirectory = ${rig.root}\n`);
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

describe.skipIf(!isRoot)('the config of another user in a folder above', () => {
  test('is run by no command until the command of the error was typed', async ({ rig }) => {
    const { ran, folder } = foreignConfig(rig);
    const cwd = join(folder, 'src');
    for (const args of [
      [],
      ['status'],
      ['start', '--dry-run'],
      ['start', '-d'],
      ['stop'],
      ['ports'],
      ['check'],
      ['env', 'web'],
      ['run', '--', 'true'],
    ]) {
      const answer = await rig.devup(args, { cwd, env: OWN_GIT });
      expect({ args, code: answer.code, ran: existsSync(ran) }).toEqual({ args, code: 3, ran: false });
      expect(answer.stderr).toMatch(/error E307: .*orchestrator\.config\.mjs belongs to .*was not run/);
    }
    const said = (await rig.devup(['status', '--json'], { cwd, env: OWN_GIT })).json();
    expect(said).toMatchObject({ error: { code: 'E307', uid: NOBODY, folder: rig.root } });
    const { stderr } = await rig.devup(['status'], { cwd, env: OWN_GIT });
    const command = /git config --global --add safe\.directory \S+/.exec(stderr)?.[0] ?? 'false';
    expect(await rig.spawn(['sh', '-c', command], { cwd }).exited).toMatchObject({ code: 0 });
    expect((await rig.devup(['env', 'web'], { cwd, env: OWN_GIT })).code).toBe(0);
    expect(existsSync(ran)).toBe(true);
  });

  test('is run for the user who called sudo, and if it is named', async ({ rig }) => {
    const { folder } = foreignConfig(rig);
    const cwd = join(folder, 'src');
    const code = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
      (await rig.devup(args, { cwd, env: { ...OWN_GIT, ...env } })).code;
    expect(await code(['env', 'web'])).toBe(3);
    expect(await code(['env', 'web'], { SUDO_UID: String(NOBODY) })).toBe(0);
    expect(await code(['env', 'web'], { DEVUP_CONFIG: join(folder, 'orchestrator.config.mjs') })).toBe(0);
    expect(await code(['env', 'web', '--config', '../orchestrator.config.mjs'])).toBe(0);
  });

  test('is not run because its repository declares itself safe', async ({ rig }) => {
    const { folder, ran } = foreignConfig(rig);
    const git = (...args: readonly string[]) => rig.spawn(['git', '-C', folder, ...args]).exited;
    expect(await git('init', '-q')).toMatchObject({ code: 0 });
    expect(await git('config', 'safe.directory', '*')).toMatchObject({ code: 0 });
    expect((await rig.devup(['status'], { cwd: join(folder, 'src'), env: OWN_GIT })).code).toBe(3);
    expect(existsSync(ran)).toBe(false);
  });
});

test('devup without a command runs no config that was not run before, and reads one that is data', async ({ rig }) => {
  const ran = join(rig.root, 'ran');
  const text = `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(ran)}, ''); export default { services: { web: { command: 'true' } } };`;
  const file = rig.write('orchestrator.config.mjs', text);
  const bare = await rig.devup([]);
  expect(bare).toMatchObject({ code: 3, stdout: '' });
  expect(bare.stderr).toMatch(/error E308: .*orchestrator\.config\.mjs has not been run before[\s\S]*devup start/);
  expect((await rig.devup(['--json'])).json()).toMatchObject({ error: { code: 'E308' } });
  expect(existsSync(ran)).toBe(false);
  expect((await rig.devup(['--config', file])).stdout).toContain('web');
  expect(existsSync(ran)).toBe(true);
  rmSync(ran);
  expect((await rig.devup(['env', 'web'])).code).toBe(0);
  rmSync(ran);
  expect((await rig.devup([])).stdout).toContain('web');
  expect(existsSync(ran)).toBe(true);
  rmSync(file);
  rig.config({ data: { command: 'true' } });
  expect((await rig.devup([])).stdout).toContain('data');
});

test('the search for a config ends below a folder in which every user can write, and says so', async ({ rig }) => {
  rig.config({ web: { command: 'sleep 1000' } });
  const cwd = join(rig.root, 'src');
  mkdirSync(cwd);
  chmodSync(rig.root, 0o1777);
  const refused = await rig.devup(['env', 'web'], { cwd });
  expect(refused.code).toBe(3);
  expect(refused.stderr).toMatch(/error E301[\s\S]*since every user can write there/);
  expect((await rig.devup(['env', 'web'])).code).toBe(0);
  chmodSync(rig.root, 0o775);
  expect((await rig.devup(['env', 'web'], { cwd })).code).toBe(0);
});

const NOBODY = 65_534;
/** The machine may declare every folder safe. */
const OWN_GIT = { GIT_CONFIG_NOSYSTEM: '1' };

/** A config that tells when it is run, in a folder below the project's. Only root can give it away. */
function foreignConfig(rig: Rig): { readonly folder: string; readonly ran: string } {
  const ran = join(rig.root, 'ran');
  const services = JSON.stringify({ web: { command: 'true', env: { A: '1' } } });
  const text = `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(ran)}, ''); export default { services: ${services} };`;
  const file = rig.write('theirs/orchestrator.config.mjs', text);
  rig.write('theirs/src/x', '');
  chownSync(file, NOBODY, NOBODY);
  return { folder: join(rig.root, 'theirs'), ran };
}
