import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Loader } from '../loader.ts';

const loader = new Loader();
const withoutPackages = new Loader('without packages');
beforeAll(() => Promise.all([loader.open(), withoutPackages.open()]));
afterAll(() => Promise.all([loader.close(), withoutPackages.close()]));

const yaml = 'services: { a: { command: x } }';

async function found(cwd: string, options: Parameters<Loader['find']>[1] = {}) {
  const result = await loader.find(cwd, options);
  return result.ok ? path.relative(cwd, result.value.file) : result.failure;
}

test('the nearest config upward wins', async () => {
  const root = loader.project({ 'orchestrator.config.ts': '', 'apps/orchestrator.config.yaml': yaml, 'apps/web/src/x': '' });
  expect(await found(path.join(root, 'apps/web/src'))).toBe('../../orchestrator.config.yaml');
  expect(await found(path.join(root, 'apps'))).toBe('orchestrator.config.yaml');
  expect(await found(root)).toBe('orchestrator.config.ts');
});

test('relative paths start from its folder', async () => {
  const root = loader.project({ 'orchestrator.config.ts': '', 'src/x': '' });
  expect(await loader.find(path.join(root, 'src'))).toEqual({ ok: true, value: { file: path.join(root, 'orchestrator.config.ts'), root } });
});

test('in one folder TypeScript comes before JavaScript, data, rc files and package.json', async () => {
  const names = ['ts', 'mts', 'js', 'mjs', 'cjs', 'json', 'yaml', 'yml'].map((extension) => `orchestrator.config.${extension}`);
  const order = [...names, '.orchestratorrc', '.orchestratorrc.json', '.orchestratorrc.yaml', 'package.json'];
  for (const [index, name] of order.entries()) {
    const files = Object.fromEntries(order.slice(index).map((one) => [one, one === 'package.json' ? '{"orchestrator":{}}' : '']));
    expect(await found(loader.project(files))).toBe(name);
  }
});

test('an rc file or package.json that is nearer wins over a config further up', async () => {
  const root = loader.project({
    'orchestrator.config.ts': '',
    'a/.orchestratorrc': yaml,
    'b/package.json': '{"orchestrator":{}}',
    'c/package.json': '{"name":"c"}',
  });
  expect(await found(path.join(root, 'a'))).toBe('.orchestratorrc');
  expect(await found(path.join(root, 'b'))).toBe('package.json');
  expect(await found(path.join(root, 'c'))).toBe('../orchestrator.config.ts');
});

test('a package.json that only mentions the word is not a config', async () => {
  const root = loader.project({ 'orchestrator.config.ts': '', 'a/package.json': '{"keywords":["orchestrator"]}' });
  expect(await found(path.join(root, 'a'))).toBe('../orchestrator.config.ts');
});

test('a broken package.json that mentions an orchestrator is found, so that loading it reports the place', async () => {
  const root = loader.project({ 'package.json': '{\n  "orchestrator": {,}\n}' });
  expect(await found(root)).toBe('package.json');
  expect(await loader.load(path.join(root, 'package.json'))).toMatchObject({ ok: false, failure: { code: 'E302', line: 2, column: 20 } });
});

test.each([
  ['folder', '.git/HEAD'],
  ['file, as in a worktree', '.git'],
])('the search stops at the repository: .git as a %s', async (_, git) => {
  const root = loader.project({ 'orchestrator.config.ts': '', [`repo/${git}`]: '', 'repo/src/x': '' });
  const from = path.join(root, 'repo/src');
  expect(await found(from)).toEqual({ code: 'E301', kind: 'config-not-found', from, stoppedAt: path.join(root, 'repo') });
  const own = loader.project({ 'orchestrator.config.ts': '', '.git': '', 'src/x': '' });
  expect(await found(path.join(own, 'src'))).toBe('../orchestrator.config.ts');
});

test('the search stops at the home directory', async () => {
  const from = path.join(loader.home, 'somewhere/else');
  mkdirSync(from, { recursive: true });
  expect(await found(from)).toMatchObject({ code: 'E301', from, stoppedAt: loader.home });
});

test('a folder with the name of a config is not one', async () => {
  const root = loader.project({ 'orchestrator.config.ts': '', 'a/orchestrator.config.ts/x': '' });
  expect(await found(path.join(root, 'a'))).toBe('../orchestrator.config.ts');
});

test('a named file, relative to the working directory, wins over DEVUP_CONFIG and any search', async () => {
  const root = loader.project({ 'orchestrator.config.ts': '', 'other/mine.yaml': yaml, 'theirs.json': '{}' });
  expect(await found(root, { explicit: 'other/mine.yaml', env: { DEVUP_CONFIG: 'theirs.json' } })).toBe('other/mine.yaml');
  expect(await found(root, { env: { DEVUP_CONFIG: 'theirs.json' } })).toBe('theirs.json');
  expect(await found(root, { env: { DEVUP_CONFIG: '' } })).toBe('orchestrator.config.ts');
});

test.each([
  ['missing.ts', 'the file does not exist'],
  ['folder', 'it is a folder, not a file'],
  ['notes.txt', 'devup reads only these kinds of files: ts, mts, js, mjs, cjs, json, yaml, yml'],
])('a named file that is not a config is refused: %s', async (name, message) => {
  const root = loader.project({ 'orchestrator.config.ts': '', 'folder/x': '', 'notes.txt': '' });
  expect(await found(root, { explicit: name })).toMatchObject({ code: 'E302', file: path.join(root, name), message });
});

test('the file is identified by its real path, so that a link is the same stack', async () => {
  const root = loader.project({ 'real/orchestrator.config.ts': '' });
  symlinkSync(path.join(root, 'real'), path.join(root, 'link'));
  expect(await loader.find(path.join(root, 'link'))).toEqual(await loader.find(path.join(root, 'real')));
  expect(await loader.find(root, { explicit: 'link/orchestrator.config.ts' })).toEqual(await loader.find(path.join(root, 'real')));
});

test('the search runs no foreign code: neither the config nor .config in the working directory', async () => {
  const bad = 'process.send("run"); throw new Error("run");';
  // The process works in `home`.
  mkdirSync(path.join(loader.home, '.config'), { recursive: true });
  writeFileSync(path.join(loader.home, '.config/config.js'), bad);
  const root = loader.project({ '.orchestratorrc': yaml, 'a/orchestrator.config.js': bad });
  expect(await found(root)).toBe('.orchestratorrc');
  expect(await found(path.join(root, 'a'))).toBe('orchestrator.config.js');
  expect(loader.stderr).toBe('');
});

test('the ordinary search needs no package', async () => {
  const root = loader.project({ 'orchestrator.config.ts': '', 'package.json': '{}', 'src/x': '', 'rc/.orchestratorrc': yaml });
  expect(await withoutPackages.find(path.join(root, 'src'))).toMatchObject({ ok: true });
  expect(await withoutPackages.find(path.join(root, 'rc'))).toBeNull();
});
