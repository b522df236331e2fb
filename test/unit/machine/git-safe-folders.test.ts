import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { gitSafeFolders, valuesInText } from '../../../src/machine/git-safe-folders.ts';
import { lacks } from '../../rig/lacks.ts';

let home: string;
beforeEach(() => {
  home = realpathSync(mkdtempSync(path.join(tmpdir(), 'devup-git-')));
});
afterEach(() => rmSync(home, { recursive: true }));

test.skipIf(lacks('git'))("the user's configuration of git counts, with what it includes, and that of a repository does not", async () => {
  for (const [name, value] of Object.entries({ HOME: home, XDG_CONFIG_HOME: path.join(home, 'xdg'), GIT_CONFIG_GLOBAL: undefined }))
    vi.stubEnv(name, value);
  const more = path.join(home, 'more');
  writeFileSync(path.join(home, '.gitconfig'), `[safe]\n\tdirectory = /work/one\n[include]\n\tpath = ${more}\n`);
  writeFileSync(more, '[safe]\n\tdirectory = "/work/two words"\n');
  mkdirSync(path.join(home, 'xdg/git'), { recursive: true });
  writeFileSync(path.join(home, 'xdg/git/config'), '[safe]\n\tdirectory = /work/xdg\n');
  execFileSync('git', ['init', '-q', home]);
  execFileSync('git', ['-C', home, 'config', 'safe.directory', '/work/forged']);
  const before = process.cwd();
  process.chdir(home);
  onTestFinished(() => process.chdir(before));
  const { values, hasGit } = await gitSafeFolders({}, home);
  expect(hasGit).toBe(true);
  expect(values).toEqual(expect.arrayContaining(['/work/xdg', '/work/one', '/work/two words']));
  expect(values).not.toContain('/work/forged');
});

test('the configuration in the environment counts', async () => {
  const env = {
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_0: 'core.pager',
    GIT_CONFIG_VALUE_0: '/work/no',
    GIT_CONFIG_KEY_1: 'Safe.Directory',
    GIT_CONFIG_VALUE_1: '/work/yes',
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  expect((await gitSafeFolders(env, home)).values.at(-1)).toBe('/work/yes');
  vi.stubEnv('GIT_CONFIG_COUNT', '99999999999');
  expect((await gitSafeFolders({ ...env, GIT_CONFIG_COUNT: '99999999999' }, home)).values).not.toContain('/work/yes');
});

test("without git, the lines of its files are read, as git and devup's own advice write them", () => {
  expect(
    valuesInText(
      '[user]\n\tdirectory = /no\n[safe]\n\tdirectory = /one\n  Directory=*  # all\n[ SAFE ]\n\tdirectory = "/two # \\"words\\""\r\n[safe "x"]\n\tdirectory = /no\n[safe] directory = /three\n\tdirectory =\n',
    ),
  ).toEqual(['/one', '*', '/two # "words"', '/three', '']);
});
