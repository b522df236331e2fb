import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const home = join(import.meta.dirname, '..', '..', '..');

/** One violation of each rule: rule → file → text. */
const violations: Record<string, Record<string, string>> = {
  'model-imports-nothing': { 'src/model/reads.ts': `import { readFileSync } from 'node:fs';\nexport const read = readFileSync;` },
  'floors-model': { 'src/model/looks-up.ts': `import type { M } from '../machine/m.ts';\nexport type L = M;` },
  'floors-machine': { 'src/machine/looks-aside.ts': `import type { C } from '../config/c.ts';\nexport type L = C;` },
  'floors-config': { 'src/config/looks-aside.ts': `import { m } from '../machine/m.ts';\nexport const l = m;` },
  'floors-logs': { 'src/logs/looks-aside.ts': `import { m } from '../machine/m.ts';\nexport const l = m;` },
  'floors-check': { 'src/check/looks-aside.ts': `import { m } from '../machine/m.ts';\nexport const l = m;` },
  'floors-control': { 'src/control/looks-up.ts': `import type { S } from '../supervisor/s.ts';\nexport type L = S;` },
  'floors-render': { 'src/render/looks-up.ts': `import type { S } from '../supervisor/s.ts';\nexport type L = S;` },
  'floors-processes': { 'src/processes/looks-up.ts': `import type { P } from '../ports/p.ts';\nexport type L = P;` },
  'floors-ports': { 'src/ports/looks-up.ts': `import type { S } from '../supervisor/s.ts';\nexport type L = S;` },
  'floors-supervisor': { 'src/supervisor/looks-up.ts': `export const l = () => import('../cli/l.ts');` },
  'floors-app': { 'src/app/looks-up.ts': `import type { L } from '../cli/l.ts';\nexport type A = L;` },
  'app-has-no-words': { 'src/app/prints.ts': `import { w } from '../render/w.ts';\nexport const p = w;` },
  'floors-tui': { 'src/tui/looks-aside.ts': `import type { L } from '../cli/l.ts';\nexport type A = L;` },
  'floors-mcp': { 'src/mcp/looks-aside.ts': `import type { L } from '../cli/l.ts';\nexport type A = L;` },
  'floors-dashboard': { 'src/dashboard/looks-aside.ts': `import type { L } from '../cli/l.ts';\nexport type A = L;` },
  'floors-cli': { 'src/cli/looks-up.ts': `import { index } from '../index.ts';\nexport const l = index;` },
  'floors-cli-commands': { 'src/cli/commands/looks-up.ts': `import { index } from '../../index.ts';\nexport const l = index;` },
  'home-of-execa': { 'src/render/runs.ts': `import { execa } from 'execa';\nexport const run = execa;` },
  'home-of-detect-port': { 'src/cli/detects.ts': `export const detect = () => import('detect-port');` },
  'home-of-tree-kill': { 'src/ports/kills.ts': `import kill from 'tree-kill';\nexport { kill };` },
  'home-of-listr2': { 'src/cli/lists.ts': `import type { Listr } from 'listr2';\nexport type L = Listr;` },
  'home-of-string-width': { 'src/cli/measures.ts': `export const measure = () => require('string-width');` },
  'home-of-slice-ansi': { 'src/cli/cuts.ts': `import sliceAnsi from 'slice-ansi';\nexport const s = sliceAnsi;` },
  'home-of-cosmiconfig': { 'src/cli/searches.ts': `import { cosmiconfig } from 'cosmiconfig';\nexport const s = cosmiconfig;` },
  'home-of-jiti': { 'src/cli/compiles.ts': `import { createJiti } from 'jiti';\nexport const j = createJiti;` },
  'home-of-sucrase': { 'src/cli/strips.ts': `import { transform } from 'sucrase';\nexport const t = transform;` },
  'home-of-zod': { 'src/control/validates.ts': `import { z } from 'zod';\nexport const s = z.string();` },
  'home-of-yaml': { 'src/cli/parses.ts': `import { parse } from 'yaml';\nexport const p = parse;` },
  'home-of-jsonc-parser': { 'src/cli/reads-json.ts': `export const parser = () => import('jsonc-parser');` },
  'home-of-@babel/parser': { 'src/config/reads-js.ts': `export const parser = () => import('@babel/parser');` },
  'home-of-mdast-util-from-markdown': { 'src/config/reads-md.ts': `export const parser = () => import('mdast-util-from-markdown');` },
  'home-of-mdast-util-gfm-table': { 'src/config/reads-tables.ts': `export const parser = () => import('mdast-util-gfm-table');` },
  'home-of-micromark-extension-gfm-table': {
    'src/config/reads-gfm.ts': `export const parser = () => import('micromark-extension-gfm-table');`,
  },
  'home-of-@lezer/python': { 'src/config/reads-py.ts': `export const parser = () => import('@lezer/python');` },
  'home-of-diff': { 'src/config/compares-lines.ts': `import { diffLines } from 'diff';\nexport const d = diffLines;` },
  'home-of-ignore': { 'src/config/ignores.ts': `import ignore from 'ignore';\nexport const i = ignore;` },
  'home-of-picomatch': { 'src/config/globs.ts': `import picomatch from 'picomatch';\nexport const p = picomatch;` },
  'home-of-eventsource-parser': { 'src/cli/streams.ts': `export const parser = () => import('eventsource-parser');` },
  'every-room-has-a-floor': { 'src/utils/helps.ts': `import { m } from '../machine/m.ts';\nexport const help = m;` },
  'every-package-has-a-home': { 'src/cli/matches.ts': `import { Minimatch } from 'esbuild';\nexport const m = Minimatch;` },
  'no-cycles': {
    'src/ports/a.ts': `import type { B } from './b.ts';\nexport type A = B | 1;`,
    'src/ports/b.ts': `import type { A } from './a.ts';\nexport type B = A | 2;`,
  },
  'no-dead-ends': { 'src/ports/lost.ts': `import { gone } from './gone.ts';\nexport const g = gone;` },
  'nothing-looks-up-from-below-src': { 'src/cli/tests.ts': `import { t } from '../../test/t.ts';\nexport const u = t;` },
  'timers-only-in-machine': { 'src/supervisor/waits.ts': `export const wait = () => globalThis.setTimeout(() => undefined, 1);` },
  'platforms-only-in-machine': {
    'src/supervisor/asks.ts': 'export const group = process.platform;',
    'src/supervisor/takes.ts': 'const { platform: system } = process;\nexport const s = system;',
    'src/config/compares.ts': `export const shell = (name: string) => (name === 'win32' ? 'cmd' : 'sh');`,
    'src/control/compares.ts': 'export const same = (platform: string, other: string) => platform !== other;',
    'src/render/switches.ts': `export function place(platform: { name: string }) {\n  switch (platform.name) {\n    default:\n      return 1;\n  }\n}`,
  },
  'exit-only-in-bin': { 'src/supervisor/exits.ts': 'export const leave = () => process.exit(1);' },
};

/** Allowed names that use the same words. */
const sound: Record<string, string> = {
  'src/bin.ts': `import { l } from './cli/l.ts';\nif (l) process.exit(l);`,
  'src/index.ts': `export { l as index } from './cli/l.ts';`,
  'src/cli/l.ts': `import type { S } from '../supervisor/s.ts';\nexport const l = 1;\nexport type L = S;`,
  'src/cli/commands/tui.ts': `export const tui = () => import('../../tui/t.ts');`,
  'src/tui/t.ts': `import { w } from '../render/w.ts';\nexport const t = w;`,
  'src/supervisor/s.ts': `import { execa } from 'execa';\nimport type { P } from '../ports/p.ts';\nexport const run = execa;\nexport type S = P;`,
  'src/ports/p.ts': `import { m } from '../machine/m.ts';\nexport type P = typeof m;`,
  'src/machine/m.ts': `import type { V } from '../model/v.ts';\nexport type M = V;\nexport const m = process.platform === 'linux' ? setTimeout : null;`,
  'src/render/w.ts': 'export const w = 1;',
  'src/config/c.ts': `import type { z } from 'zod';\nexport type C = z.ZodType;`,
  'src/model/v.ts': `export interface V { readonly setTimeout: number; readonly platform: { readonly linux: string } }`,
  'test/t.ts': 'export const t = 1;',
};

test('code that keeps to its floor passes', async () => {
  expect(await floors(sound)).toEqual({ code: 0, reported: [] });
});

test('one violation of every rule, and each is reported by name', async () => {
  const planted = Object.assign({}, sound, ...Object.values(violations)) as Record<string, string>;
  const { code, reported } = await floors(planted);
  expect(code).toBe(1);
  for (const [rule, files] of Object.entries(violations)) {
    const named = reported.filter((line) => line.startsWith(`${rule}: `)).join('\n');
    for (const file of rule === 'no-cycles' ? Object.keys(files).slice(0, 1) : Object.keys(files)) expect(named, rule).toContain(file);
  }
});

test('every rule of the file is in this test', () => {
  const rules = createRequire(import.meta.url)('../../../.dependency-cruiser.cjs') as { forbidden: { name: string }[] };
  for (const { name } of rules.forbidden) expect(Object.keys(violations)).toContain(name);
});

test('a TypeScript version that dependency-cruiser cannot use is a failure, not a pass', async () => {
  const seven = `const Module = require('node:module'); const load = Module._load;
    Module._load = (name, ...rest) => (name === 'typescript/package.json' ? { version: '7.0.2' } : load(name, ...rest));`;
  const { code, reported } = await floors({ ...sound, 'seven.cjs': seven }, '--require=./seven.cjs');
  expect(code).toBe(1);
  expect(reported.join('\n')).toMatch(/^modules-not-read: .*src\/model\/v\.ts/);
});

interface Outcome {
  readonly code: number;
  readonly reported: readonly string[];
}

async function floors(files: Readonly<Record<string, string>>, nodeOptions = ''): Promise<Outcome> {
  const root = mkdtempSync(join(realpathSync(tmpdir()), 'devup-floors-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  symlinkSync(join(home, 'node_modules'), join(root, 'node_modules'));
  const options = { cwd: root, env: { ...process.env, NODE_OPTIONS: nodeOptions } };
  try {
    await promisify(execFile)(process.execPath, [join(home, 'scripts', 'floors.mjs'), root], options);
    return { code: 0, reported: [] };
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string };
    return { code, reported: stderr.split('\n').filter(Boolean) };
  }
}
