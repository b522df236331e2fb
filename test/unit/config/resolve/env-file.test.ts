import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseEnvFile } from '../../../../src/config/resolve/env-file.ts';
import { anyCharacter } from '../../../rig/any-character.ts';
import { lines, service } from '../stacks.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'devup-env-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));
const write = (name: string, text: string) => writeFileSync(path.join(root, name), text);
const inRoot = (env: Record<string, string> = {}) => ({ file: path.join(root, 'orchestrator.config.ts'), env });

test('quotes, comments and exports are read as Node reads them', () => {
  const text = '# comment\nA=1\nB = two words \nexport C="x # y"\nD=\'single $HOME\'\nE=a#b\nF=\nG="line\\nnext"\nnot a line\n';
  expect(Object.fromEntries(parseEnvFile(text))).toMatchObject({
    A: '1',
    B: 'two words',
    C: 'x # y',
    D: 'single $HOME',
    F: '',
    G: 'line\nnext',
  });
});

test('a line without "=" does not swallow the next one', () => {
  const values = parseEnvFile('A=1\nnot a line\n\nB=2\r\nexport C\r\nexport D=4\n');
  expect(Object.fromEntries(values)).toEqual({ A: '1', B: '2', D: '4' });
});

test('a byte order mark does not become part of the first name', () => {
  expect(parseEnvFile('\uFEFFA=1')).toEqual([['A', '1']]);
});

test('every plainly quoted value is read back unchanged', () => {
  const name = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,15}$/);
  const value = fc.stringMatching(/^[ -~]{0,40}$/).filter((text) => !text.includes("'"));
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 8 }), (pairs) => {
      const text = pairs.map(([key, one]) => `${key}='${one}'`).join('\n');
      expect(Object.fromEntries(parseEnvFile(text))).toEqual(Object.fromEntries(pairs));
    }),
  );
});

test('no text makes it throw or return a value that an environment cannot hold', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter }), (text) => {
      for (const [name, value] of parseEnvFile(text)) expect(`${name}${value}`).not.toContain('\0');
    }),
  );
});

test('the later file wins, and all are relative to the config', async () => {
  write('one.env', 'A=1\nB=1');
  write('two.env', 'B=2');
  const a = await service({ command: '${env.A}${env.B}', cwd: 'elsewhere', envFile: ['one.env', 'two.env'] }, inRoot());
  expect(a.envFileValues).toEqual({ A: '1', B: '2' });
  expect(a.envFiles).toEqual([path.join(root, 'one.env'), path.join(root, 'two.env')]);
  expect(a.command).toEqual({ kind: 'line', line: '12' });
});

test('the environment of the command wins over a file, and the service’s own env over both', async () => {
  write('.env', 'A=file\nB=file\nC=file');
  const a = await service(
    { command: '${env.A} ${env.B} ${env.C}', envFile: '.env', env: { A: 'own' } },
    inRoot({ A: 'outer', B: 'outer' }),
  );
  expect(a.command).toEqual({ kind: 'line', line: 'own outer file' });
});

test('each file that is missing or not a file is a separate problem', async () => {
  mkdirSync(path.join(root, 'folder'));
  write('.env', '');
  const a = { command: 'x', envFile: ['.env', 'nope.env', 'folder', '.env/deeper'] };
  expect(await lines({ services: { a } }, inRoot())).toEqual([
    `services.a.envFile[1] names a file that does not exist: ${path.join(root, 'nope.env')}`,
    `services.a.envFile[2] names a folder, not a file: ${path.join(root, 'folder')}`,
    `services.a.envFile[3] names a file that does not exist: ${path.join(root, '.env/deeper')}`,
  ]);
});

test('a file that is not required may be missing, alone and in a list, but not be unreadable', async () => {
  write('.env', 'A=1\nB=1');
  const optional = { path: '.env.local', required: false };
  const alone = await service({ command: 'x', envFile: optional }, inRoot());
  expect(alone).toMatchObject({ envFileValues: {}, envFiles: [path.join(root, '.env.local')] });
  const list = { command: '${env.B} ${env.C:-none}', envFile: ['.env', optional], env: { D: '${env.B}' } };
  expect(await service(list, inRoot())).toMatchObject({ command: { line: '1 none' }, env: { D: '1' }, envFileValues: { A: '1', B: '1' } });
  write('.env.local', 'B=2\nC=2');
  expect(await service(list, inRoot())).toMatchObject({
    command: { line: '2 2' },
    env: { D: '2' },
    envFileValues: { A: '1', B: '2', C: '2' },
  });
  mkdirSync(path.join(root, 'folder'));
  const folder = { path: 'folder', required: false };
  expect(await lines({ services: { a: { command: 'x', envFile: ['.env', folder] } } }, inRoot())).toEqual([
    `services.a.envFile[1] names a folder, not a file: ${path.join(root, 'folder')}`,
  ]);
  const required = [{ path: 'nope' }, { path: 'nope', required: true }];
  expect(await lines({ services: { a: { command: 'x', envFile: required } } }, inRoot())).toEqual(
    [0, 1].map((index) => `services.a.envFile[${index}] names a file that does not exist: ${path.join(root, 'nope')}`),
  );
});

test('the form of an envFile is checked', async () => {
  const found = async (envFile: unknown) => lines({ services: { a: { command: 'x', envFile } } }, inRoot());
  expect(await found({ path: '.env', requird: false })).toEqual(['services.a.envFile.requird is not a known field here (required)']);
  expect(await found([{ required: false }])).toEqual(['services.a.envFile[0].path is missing']);
  expect(await found([{ path: '.env', required: 'no' }])).toEqual(['services.a.envFile[0].required must be true or false']);
  expect(await found(1)).toEqual(['services.a.envFile must be a file, { path, required }, or a list of these']);
});
