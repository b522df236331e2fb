/**
 * A copy of the sources has one more member in each union, and every file that must know the member no longer compiles. A list
 * beside a union that the compiler does not check would be missing here.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

interface Addition {
  readonly file: string;
  /** The member is added right behind this text. */
  readonly behind: string;
  readonly member: string;
  readonly leadsTo: readonly string[];
}

const additions: { readonly [what: string]: Addition } = {
  'a type of event': {
    file: 'src/model/event.ts',
    behind: 'export type Event =',
    member: " | (Stamped & { readonly type: 'added' }) |",
    leadsTo: ['src/control/protocol.ts', 'src/render/lines.ts', 'src/render/json.ts'],
  },
  'a notice': {
    file: 'src/model/event.ts',
    behind: 'readonly notice:',
    member: " | { readonly kind: 'added' }",
    leadsTo: ['src/render/words/notices.ts'],
  },
  'a field of a service': {
    file: 'src/model/service.ts',
    behind: 'export interface Service {',
    member: ' readonly added: number;',
    leadsTo: ['src/config/resolve/normalize.ts', 'src/config/resolve/fingerprint.ts', 'test/rig/services.ts'],
  },
  'a field of a service in a config': {
    file: 'src/model/service.ts',
    behind: 'export interface ServiceInput<Name extends string = string> {',
    member: ' readonly added?: string;',
    leadsTo: ['src/config/resolve/texts.ts', 'src/check/add/entry.ts', 'test/types/truth.test.ts', 'test/unit/config/every-field.test.ts'],
  },
  'a kind of test': {
    file: 'src/model/service.ts',
    behind: 'export interface TestInputs {',
    member: ' readonly added: { readonly added: true };',
    leadsTo: ['src/config/resolve/tests.ts', 'src/config/validate/schema.ts', 'src/supervisor/service/readiness/readiness-tests.ts'],
  },
  'what a test can miss': {
    file: 'src/model/unmet.ts',
    behind: 'export type Unmet =',
    member: " | { readonly kind: 'added' }",
    leadsTo: ['src/render/words/readiness.ts', 'src/supervisor/service/readiness/where-it-listens.ts'],
  },
  'a code of a failure': {
    file: 'src/model/failure.ts',
    behind: 'export type Failure =',
    member: " | { readonly code: 'E999'; readonly kind: 'added' }",
    leadsTo: ['src/render/words.ts', 'src/render/explain/failures.ts', 'src/model/exit-code.ts'],
  },
  'a platform': {
    file: 'src/model/platform.ts',
    behind: 'export type PlatformName =',
    member: " 'added' |",
    leadsTo: ['src/machine/current.ts', 'src/machine/caches-folder.ts', 'src/config/validate/schema.ts'],
  },
  'a kind of grace': {
    file: 'src/model/graces.ts',
    behind: 'export type GraceKind =',
    member: " | 'added'",
    leadsTo: ['src/model/graces.ts'],
  },
  'a command': {
    file: 'src/cli/specs/names.ts',
    behind: 'export type CommandName =',
    member: " 'added' |",
    leadsTo: ['src/cli/specs/command-table.ts'],
  },
  "a kind of a flag's value": {
    file: 'src/cli/specs/spec.ts',
    behind: 'export type ValueKind =',
    member: " | 'added'",
    leadsTo: ['src/cli/parse/values.ts'],
  },
};

const repository = path.resolve(import.meta.dirname, '../..');
let copy = '';

beforeAll(() => {
  copy = mkdtempSync(path.join(tmpdir(), 'devup-unions-'));
  for (const name of ['src', 'test', 'package.json', 'tsconfig.json'])
    cpSync(path.join(repository, name), path.join(copy, name), { recursive: true });
  symlinkSync(path.join(repository, 'node_modules'), path.join(copy, 'node_modules'));
  const files = Object.values(additions).flatMap(({ leadsTo }) => leadsTo);
  writeFileSync(
    path.join(copy, 'some.json'),
    JSON.stringify({ extends: './tsconfig.json', include: [], files: ['src/build.d.ts', ...files] }),
  );
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** The files that do not compile. */
async function broken(): Promise<ReadonlySet<string>> {
  const tsc = path.join(repository, 'node_modules/tsc7/bin/tsc');
  const run = promisify(execFile)(process.execPath, [tsc, '-p', 'some.json', '--pretty', 'false'], { cwd: copy });
  const { stdout, stderr } = await run.catch((failed: { stdout: string; stderr: string }) => failed);
  expect(stderr).toBe('');
  return new Set([...stdout.matchAll(/^(\S+?)\(\d+,\d+\): error TS/gm)].map(([, file]) => file as string));
}

test('a new member of a union does not compile until every place has it', async () => {
  expect(await broken()).toEqual(new Set());
  for (const { file, behind, member } of Object.values(additions)) {
    const text = readFileSync(path.join(copy, file), 'utf8');
    expect(text.split(behind), `${behind} in ${file}`).toHaveLength(2);
    writeFileSync(path.join(copy, file), text.replace(behind, behind + member));
  }
  const found = await broken();
  for (const [what, { leadsTo }] of Object.entries(additions)) {
    expect({ [what]: leadsTo.filter((file) => !found.has(file)) }).toEqual({ [what]: [] });
  }
});
