import { mkdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Rig } from '../../rig/rig.ts';
import { test } from '../../rig/rig.ts';
import { printedError, project } from './printed-error.ts';

/** The config a command uses: its only service is named after it. */
async function serviceOf(rig: Rig, cwd: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { services } = (await rig.devup(['status', '--json', ...args], { cwd, env })).json() as { services: readonly { name: string }[] };
  return services.map(({ name }) => name).join();
}

const json = (name: string) => JSON.stringify({ services: { [name]: { command: 'x' } } });
const yaml = (name: string) => `services:\n  ${name}: { command: x }\n`;
const typescript = (name: string) =>
  `import { defineConfig } from 'devup';\nimport type { Stats } from 'node:fs';\nconst none: Stats | null = null;\nexport default defineConfig({ services: { ${name}: { command: String(none) } } });\n`;
const esm = (name: string) =>
  `import { defineConfig } from 'devup';\nexport default async () => defineConfig({ services: { ${name}: { command: 'x' } } });\n`;
const commonjs = (name: string) =>
  `const { defineConfig } = require('devup');\nmodule.exports = defineConfig({ services: { ${name}: { command: 'x' } } });\n`;

/** In order of precedence; devup is not installed beside any of them. */
const FORMATS: readonly (readonly [file: string, text: (name: string) => string])[] = [
  ['orchestrator.config.ts', typescript],
  ['orchestrator.config.mts', typescript],
  ['orchestrator.config.js', esm],
  ['orchestrator.config.mjs', esm],
  ['orchestrator.config.cjs', commonjs],
  ['orchestrator.config.json', json],
  ['orchestrator.config.yaml', yaml],
  ['orchestrator.config.yml', yaml],
  ['.orchestratorrc', yaml],
  ['.orchestratorrc.json', json],
  ['.orchestratorrc.yaml', yaml],
  ['package.json', (name) => `{ "name": "x", "orchestrator": ${json(name)} }`],
];

describe('a config in any format', () => {
  test('is loaded, the second time alike; in one folder the first of the list wins', async ({ rig }) => {
    const cwd = project(
      rig,
      'all',
      Object.fromEntries(FORMATS.map(([file, text], index) => [file, text(`of-${index}`.replace('-', '_'))])),
    );
    for (const [index, [file]] of FORMATS.entries()) {
      expect({ file, service: await serviceOf(rig, cwd) }).toEqual({ file, service: `of_${index}` });
      expect({ file, service: await serviceOf(rig, cwd) }).toEqual({ file, service: `of_${index}` });
      rmSync(join(cwd, file));
    }
    expect(printedError(await rig.devup(['status'], { cwd })).code).toBe('E301');
  });

  test('may be an ES module in a CommonJS package, and the other way round', async ({ rig }) => {
    const module = project(rig, 'module', { 'package.json': { type: 'module' }, 'orchestrator.config.js': esm('module') });
    const commonJs = project(rig, 'commonjs', { 'package.json': { type: 'commonjs' }, 'orchestrator.config.js': commonjs('commonjs') });
    const inside = project(rig, 'imports', {
      'orchestrator.config.ts': "import { name } from './ports.ts';\nexport default { services: { [name]: { command: 'x' } } };\n",
      'ports.ts': "export const name: string = 'imported';\n",
    });
    expect(await serviceOf(rig, module)).toBe('module');
    expect(await serviceOf(rig, commonJs)).toBe('commonjs');
    expect(await serviceOf(rig, inside)).toBe('imported');
  });
});

describe('the config of a command', () => {
  test('is the nearest one upward, of any kind', async ({ rig }) => {
    const cwd = project(rig, 'near', {
      'orchestrator.config.ts': typescript('far'),
      'a/package.json': `{ "orchestrator": ${json('near')} }`,
      'a/b/c/file': '',
    });
    expect(await serviceOf(rig, join(cwd, 'a/b/c'))).toBe('near');
    rig.write('near/a/package.json', '{ "name": "without" }');
    expect(await serviceOf(rig, join(cwd, 'a/b/c'))).toBe('far');
  });

  test('is not searched for above the repository, whose .git may be a file, nor above home', async ({ rig }) => {
    rig.write('orchestrator.config.json', json('outside'));
    const repository = join(rig.root, 'repository/sub');
    mkdirSync(repository, { recursive: true });
    expect(await serviceOf(rig, repository)).toBe('outside');
    rig.write('repository/.git', 'gitdir: /elsewhere\n');
    expect(printedError(await rig.devup(['status'], { cwd: repository })).why).toMatch(/ up to .*\/repository$/);
    rmSync(join(rig.root, 'repository/.git'));
    const home = await rig.devup(['status'], { cwd: repository, env: { HOME: join(rig.root, 'repository') } });
    expect(printedError(home)).toMatchObject({ exitCode: 3, code: 'E301', why: expect.stringMatching(/up to ~$/) });
  });

  test('may be named: --config wins over DEVUP_CONFIG, and -C changes the folder first', async ({ rig }) => {
    const cwd = project(rig, 'named', {
      'a.json': json('flag'),
      'b.yaml': yaml('variable'),
      'sub/orchestrator.config.yml': yaml('sub'),
      'sub/a.json': json('both'),
    });
    expect(await serviceOf(rig, cwd, [], { DEVUP_CONFIG: 'b.yaml' })).toBe('variable');
    expect(await serviceOf(rig, cwd, ['--config', 'a.json'], { DEVUP_CONFIG: 'b.yaml' })).toBe('flag');
    expect(await serviceOf(rig, cwd, ['-C', 'sub'])).toBe('sub');
    expect(await serviceOf(rig, cwd, ['-C', 'sub', '--config', 'a.json'])).toBe('both');
    expect(realpathSync(cwd)).toBe(cwd);
  });
});
