import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readLines } from '../../../../src/config/resolve/env-lines.ts';
import { replaceReferences } from '../../../../src/config/resolve/env-references.ts';
import type { FileWarning } from '../../../../src/model/service.ts';
import { anyCharacter } from '../../../rig/any-character.ts';
import { lines, service } from '../stacks.ts';

const parseEnvFile = (text: string) => readLines(text).lines.map(({ name, value }) => [name, value] as const);

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

test('long runs of blanks and of empty lines are read in linear time', () => {
  const blanks = ' '.repeat(50_000);
  expect(parseEnvFile(`${blanks}\n${blanks}x${blanks}\nA${blanks}=${blanks}1\nB="${'\n'.repeat(50_000)}"`)).toEqual([
    ['A', '1'],
    ['B', '\n'.repeat(50_000)],
  ]);
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
  expect(await found(1)).toEqual(['services.a.envFile must be a file, { path, required, expand }, or a list of these']);
});

/** The values of `.env`, and its warnings as `line message`. */
async function read(text: string | Buffer, env: Record<string, string> = {}, more: object = {}) {
  writeFileSync(path.join(root, '.env'), text);
  const warnings: string[] = [];
  const onWarning = ({ file, line, message }: FileWarning) => {
    expect(file).toBe(path.join(root, '.env'));
    warnings.push(`${line} ${message}`);
  };
  const { envFileValues } = await service({ command: 'x', envFile: { path: '.env', ...more } }, { ...inRoot(env), onWarning });
  return { values: envFileValues, warnings };
}

test('references to earlier lines, then to the environment of the command, are replaced', async () => {
  const text = [
    'HOST=db',
    'URL=http://${HOST}:${PORT:-5432}/${NAME:-${HOST}_dev}',
    'QUOTED="${HOST}\\n$HOST"',
    "LITERAL='${HOST}'",
    'TICK=`${HOST}`',
    'PATH=${PATH}:/own',
    'SHELL_HOME=${HOME}/x',
    'EMPTY=',
    'DEFAULT=${EMPTY:-filled}${EMPTY}',
    'BARE=pa$$HOST$HOST$',
    'ESCAPED=$${HOST} \\${HOST}',
    'HOST=later',
  ].join('\n');
  expect(await read(text, { HOME: '/home/me', HOST: 'shell', PATH: '/bin' })).toEqual({
    warnings: [],
    values: {
      HOST: 'later',
      URL: 'http://db:5432/db_dev',
      QUOTED: 'db\n$HOST',
      LITERAL: '${HOST}',
      TICK: 'db',
      PATH: '/bin:/own',
      SHELL_HOME: '/home/me/x',
      EMPTY: '',
      DEFAULT: 'filled',
      BARE: 'pa$$HOST$HOST$',
      ESCAPED: '${HOST} ${HOST}',
    },
  });
});

test('a value that was inserted is not searched for references, and a later file sees the values of an earlier one', async () => {
  write('one.env', "A='${B}'\nB=b");
  write('two.env', 'C=${A}${B}');
  const { envFileValues } = await service({ command: 'x', envFile: ['one.env', 'two.env'] }, inRoot());
  expect(envFileValues).toEqual({ A: '${B}', B: 'b', C: '${B}b' });
});

test('a reference that cannot be replaced stays, with a warning; `expand: false` leaves all as they are', async () => {
  const text = 'A=1\n\nB="two\nlines"\nC=x${MISSING}y ${A:?no} ${A\nD=${A}';
  expect(await read(text)).toEqual({
    values: { A: '1', B: 'two\nlines', C: 'x${MISSING}y ${A:?no} ${A', D: '1' },
    warnings: [
      '5 C refers to ${MISSING}, which is not set: it is left as it is',
      '5 C contains "${A:?no}": only ${NAME} and ${NAME:-default} are replaced',
      '5 C contains "${A", which is never closed: it is left as it is',
    ],
  });
  expect(await read(text, {}, { expand: false })).toEqual({
    values: { A: '1', B: 'two\nlines', C: 'x${MISSING}y ${A:?no} ${A', D: '${A}' },
    warnings: [],
  });
});

test('`#` begins a comment only after a blank', async () => {
  expect((await read('A=a#b\nB=a #b\nC=#fff\nD= # none\nE="a # b" # c\nF=a\t# b\n  # G=1')).values).toEqual({
    A: 'a#b',
    B: 'a',
    C: '#fff',
    D: '',
    E: 'a # b',
    F: 'a',
  });
});

test('what cannot be read is a warning with its line', async () => {
  expect(await read('A=1\nnot a line\n\n# fine\r\nexport C\n=1\nB="open\nD=4\n')).toEqual({
    values: { A: '1', B: '"open', D: '4' },
    warnings: [
      '2 is no NAME=value: the line is left out',
      '5 is no NAME=value: the line is left out',
      '6 is no NAME=value: the line is left out',
      '7 B opens a quote that is never closed',
    ],
  });
  // The quote that closes it opens another value.
  expect(await read('B="open\nD="4"\n')).toEqual({ values: { B: '"open', D: '4' }, warnings: ['1 B opens a quote that is never closed'] });
});

test.each([
  ['a mark', Buffer.from('\uFEFFA=1\nB=2\n', 'utf16le')],
  ['no mark', Buffer.from('A=1\nB=2\n', 'utf16le')],
  ['a mark, big-endian', Buffer.from('\uFEFFA=1\nB=2\n', 'utf16le').swap16()],
])('a file in UTF-16 with %s is a warning, and sets nothing', async (_name, text) => {
  expect(await read(text)).toEqual({ values: {}, warnings: ['1 is UTF-16: nothing in it is read; save it as UTF-8'] });
});

test('references that would make a value endless leave it as it is', () => {
  let value = 'x'.repeat(1000);
  const seen: string[] = [];
  for (let line = 0; line < 60; line++) {
    const before = value;
    const replaced = replaceReferences('${V}${V}', () => before);
    value = replaced.value;
    seen.push(...replaced.problems);
  }
  expect(value.length).toBeLessThan(200_000);
  expect(seen).toContain('would be longer than a variable can be (128 KiB): it is left as it is');
  const nested = `${'${A:-'.repeat(100_000)}x${'}'.repeat(100_000)}`;
  expect(replaceReferences(nested, () => undefined)).toEqual({
    value: nested,
    problems: ['has references that nest too deeply: it is left as it is'],
  });
});
