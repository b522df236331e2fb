import { chmodSync, lchownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FindOptions, findConfig } from '../../../../src/config/find/find.ts';

const own = process.getuid?.() ?? 0;
/** Only root can give a file away; to another user, all files of the test seem to be a stranger's. */
const FOREIGN = own === 0 ? 4242 : own;

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), 'devup-trust-')));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(name: string, text = ''): string {
  const file = path.join(root, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

function foreign(file: string): string {
  if (own === 0) lchownSync(file, FOREIGN, FOREIGN);
  return file;
}

interface Wish extends Partial<Pick<FindOptions, 'explicit' | 'env'>> {
  readonly uid?: number | null;
  readonly safe?: readonly string[];
  readonly ownerless?: string;
}

function find(cwd: string, { explicit = null, env = {}, uid = own === 0 ? 0 : own + 1, safe = [], ownerless }: Wish = {}) {
  const owners: FindOptions['owners'] = {
    uid,
    userName: async (of) => (of === FOREIGN ? 'alice' : null),
    isOwnerless: (file) => ownerless !== undefined && file.startsWith(ownerless),
    safeFolders: async () => ({ values: safe, hasGit: true }),
  };
  return findConfig({ cwd: path.join(root, cwd), explicit, env, home: path.join(root, 'home'), owners });
}

const FOUND = { ok: true };
const REFUSED = { ok: false, failure: { code: 'E307' } };

describe('the config of another user', () => {
  test.each(['orchestrator.config.ts', 'orchestrator.config.yaml', '.orchestratorrc', 'package.json'])('is not run: %s', async (name) => {
    const file = foreign(write(name, name === 'package.json' ? '{"orchestrator":{}}' : 'services: {}'));
    mkdirSync(path.join(root, 'a/b'), { recursive: true });
    for (const cwd of ['.', 'a/b'])
      expect(await find(cwd)).toEqual({
        ok: false,
        failure: { code: 'E307', kind: 'config-of-other-user', file, uid: FOREIGN, user: 'alice', folder: root, hasGit: true },
      });
  });

  test('does not give way to one further up', async () => {
    write('orchestrator.config.ts');
    foreign(write('a/orchestrator.config.ts'));
    expect(await find('a')).toMatchObject(REFUSED);
  });

  test('is run if --config or DEVUP_CONFIG names it', async () => {
    foreign(write('orchestrator.config.ts'));
    expect(await find('.', { explicit: 'orchestrator.config.ts' })).toMatchObject(FOUND);
    expect(await find('.', { env: { DEVUP_CONFIG: path.join(root, 'orchestrator.config.ts') } })).toMatchObject(FOUND);
  });

  test('is run by root for the user who called sudo, and by nobody else for that variable', async () => {
    foreign(write('orchestrator.config.ts'));
    expect(await find('.', { uid: 0, env: { SUDO_UID: String(FOREIGN) } })).toMatchObject(FOUND);
    expect(await find('.', { uid: 0, env: { SUDO_UID: String(FOREIGN + 1) } })).toMatchObject(REFUSED);
    expect(await find('.', { uid: FOREIGN + 1, env: { SUDO_UID: String(FOREIGN) } })).toMatchObject(REFUSED);
  });

  test('is run where files have no owners, or the system has no users', async () => {
    foreign(write('orchestrator.config.ts'));
    expect(await find('.', { ownerless: root })).toMatchObject(FOUND);
    expect(await find('.', { uid: null })).toMatchObject(FOUND);
  });

  test.each([
    ['its folder', (folder: string) => [`${folder}/app`]],
    ['its folder, with a slash', (folder: string) => [`${folder}/app/`]],
    ['its repository', (folder: string) => [folder]],
    ['all folders below one', (folder: string) => [`${path.dirname(folder)}/*`]],
    ['all folders', () => ['*']],
    ['its folder, after all others were cancelled', (folder: string) => ['*', '', `${folder}/app`]],
  ])("is run if git's safe.directory names %s", async (_, safe) => {
    foreign(write('app/orchestrator.config.ts'));
    mkdirSync(path.join(root, '.git'));
    expect(await find('app', { safe: safe(root) })).toMatchObject(FOUND);
  });

  test.each([
    ['another folder', (folder: string) => [`${folder}/other`]],
    ['a folder with the same beginning', (folder: string) => [`${folder}/ap`, `${folder}/ap/*`]],
    ['all folders, which was cancelled', () => ['*', '']],
    ['a relative folder', () => ['.', 'app', '']],
  ])('is not run if safe.directory names %s', async (_, safe) => {
    foreign(write('app/orchestrator.config.ts'));
    expect(await find('app', { safe: safe(root) })).toMatchObject(REFUSED);
  });

  test('names its repository as the folder to trust, but never one in which every user can write', async () => {
    foreign(write('app/orchestrator.config.ts'));
    mkdirSync(path.join(root, '.git'));
    expect(await find('app')).toMatchObject({ failure: { folder: root } });
    chmodSync(root, 0o1777);
    expect(await find('app')).toMatchObject({ failure: { folder: path.join(root, 'app') } });
    expect(await find('app', { safe: [root] })).toMatchObject(REFUSED);
  });

  // Only root can give a link away.
  test.skipIf(own !== 0)(
    'is not run through a link of that user to a file of ours, nor through a link of ours to that of another',
    async () => {
      write('mine/orchestrator.config.ts');
      mkdirSync(path.join(root, 'theirs'));
      symlinkSync('../mine/orchestrator.config.ts', path.join(root, 'theirs/orchestrator.config.ts'));
      expect(await find('theirs')).toMatchObject(FOUND);
      foreign(path.join(root, 'theirs/orchestrator.config.ts'));
      expect(await find('theirs')).toMatchObject(REFUSED);
      foreign(write('real.ts'));
      mkdirSync(path.join(root, 'linked'));
      symlinkSync('../real.ts', path.join(root, 'linked/orchestrator.config.ts'));
      expect(await find('linked')).toMatchObject({ failure: { code: 'E307', file: path.join(root, 'real.ts') } });
    },
  );
});

describe('a folder above in which every user can write', () => {
  test.each([0o777, 0o1777, 0o757])('ends the search before it is looked into: mode %o', async (mode) => {
    write('orchestrator.config.ts');
    mkdirSync(path.join(root, 'a/b'), { recursive: true });
    chmodSync(root, mode);
    const from = path.join(root, 'a/b');
    expect(await find('a/b', { uid: own })).toEqual({
      ok: false,
      failure: { code: 'E301', kind: 'config-not-found', from, stoppedAt: path.join(root, 'a'), openFolder: root },
    });
    expect(await find('a/b', { uid: own, ownerless: root })).toMatchObject(FOUND);
    expect(await find('a/b', { uid: null })).toMatchObject(FOUND);
  });

  test.each([0o775, 0o770, 0o755])('is not one with mode %o', async (mode) => {
    write('orchestrator.config.ts');
    mkdirSync(path.join(root, 'a'));
    chmodSync(root, mode);
    expect(await find('a', { uid: own })).toMatchObject(FOUND);
  });

  test('is not the folder in which devup was called: a config of this user is run there', async () => {
    write('orchestrator.config.ts');
    chmodSync(root, 0o1777);
    expect(await find('.', { uid: own })).toMatchObject(FOUND);
  });
});
