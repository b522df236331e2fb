/** The package as a user gets it: packed, installed into an empty project, used. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type Rig, test } from '../rig/rig.ts';

const home = join(import.meta.dirname, '..', '..');
const tool = (name: string, path: string) => join(home, 'node_modules', name, path);
const run = promisify(execFile);

describe('the packed package', () => {
  let folder: string;
  let tarball: string;

  beforeAll(async () => {
    await run(process.execPath, [join(home, 'scripts', 'prepare.mjs')]);
    folder = mkdtempSync(join(realpathSync(tmpdir()), 'devup-pack-'));
    // Packed from a copy: a build meanwhile would replace `dist` while npm reads it.
    const { files } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { files: string[] };
    for (const name of ['package.json', ...files]) cpSync(join(home, name), join(folder, name), { recursive: true });
    const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts'], {
      cwd: folder,
      env: { ...process.env, npm_config_loglevel: 'error' },
    });
    const [packed] = JSON.parse(stdout) as { filename: string }[];
    tarball = join(folder, packed?.filename ?? '');
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('passes publint', async () => {
    const file = readFileSync(tarball);
    const pack = { tarball: file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer };
    const { messages } = await publint({ pack, strict: true });
    expect(messages).toEqual([]);
  });

  test('has types for every way of importing it', async () => {
    const attw = tool('@arethetypeswrong/cli', 'dist/index.js');
    // The schema has no types, and Node 10's resolution does not know `exports`, which lead to it.
    const exclude = ['--exclude-entrypoints', 'schema.json'];
    const { stdout } = await run(process.execPath, [
      attw,
      tarball,
      ...exclude,
      '--no-definitely-typed',
      '--no-emoji',
      '--format',
      'ascii',
      '--no-color',
    ]);
    expect(stdout).toContain('No problems found');
  });

  test('contains no other package and only the published files', async ({ rig }) => {
    const installed = await install(rig);
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { dependencies?: object };
    expect(manifest.dependencies).toBeUndefined();
    const { stdout } = await run('tar', ['-tzf', tarball]);
    const strange = stdout
      .split('\n')
      .filter((name) => name && !/^package\/(dist\/[^/]+|package\.json|README\.md|CHANGELOG\.md|LICENSE)$/.test(name));
    expect(strange).toEqual([]);
  });

  test('starts, shows and stops a stack from a TypeScript config that imports defineConfig from it', async ({ rig }) => {
    await install(rig);
    const port = await rig.port();
    const web = rig.puppet('web', '--port', port);
    rig.write(
      'orchestrator.config.ts',
      `import { defineConfig } from 'devup';
       const port: number = ${port};
       export default defineConfig({ services: { web: { port, command: ${JSON.stringify(web.command)} } } });`,
    );
    const npx = (...args: string[]) => run('npx', ['--offline', 'devup', ...args], { cwd: rig.root, env: npmEnv(rig) });
    await npx('start', '-d');
    const status = JSON.parse((await npx('status', '--json')).stdout) as { services: { name: string; state: string; verdict: string }[] };
    expect(status.services).toMatchObject([{ name: 'web', state: 'ready', verdict: 'ours' }]);
    await npx('stop');
    expect((await web.waitFor('signal')).event).toBe('signal');
  });

  test('types a config under TypeScript 5.9, 6 and 7, as ES module and as CommonJS', async ({ rig }) => {
    await install(rig);
    rig.write(
      'good.mts',
      `import { defineConfig } from 'devup';\nexport default defineConfig({ services: { a: { port: 1 }, b: { command: 'b', dependsOn: 'a' } } });`,
    );
    rig.write('good.cts', `import devup = require('devup');\nexport = devup.defineConfig({ services: { a: { port: 1 } } });`);
    rig.write(
      'bad.mts',
      `import { defineConfig } from 'devup';\nexport default defineConfig({ services: { a: { port: 1 }, b: { command: 'b', dependsOn: 'aa' } } });`,
    );
    const flags = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--pretty', 'false', '--target', 'es2022', '--module', 'nodenext'];
    // One run per compiler, since reading the language's own types is most of the work: one error, and nowhere else.
    const files = ['good.mts', 'good.cts', 'bad.mts'];
    const compile = async (compiler: string) => {
      const said = await run(process.execPath, [tool(compiler, 'bin/tsc'), ...flags, ...files], { cwd: rig.root }).then(
        ({ stdout }) => stdout,
        ({ stdout }: { stdout: string }) => stdout,
      );
      const places = said.split('\n').filter((line) => line.includes('error TS'));
      expect(places, `${compiler} said: ${said}`).toEqual([expect.stringMatching(/^bad\.mts\(.*"aa"/)]);
    };
    await Promise.all(['typescript-5.9', 'typescript', 'tsc7'].map(compile));
  });

  test('loads by import and require', async ({ rig }) => {
    await install(rig);
    const script = (text: string, ...flags: string[]) => run(process.execPath, [...flags, '-e', text], { cwd: rig.root });
    const asked = `console.log(typeof defineConfig, defineConfig({ services: {} }).services instanceof Object)`;
    const module = await script(`import { defineConfig } from 'devup'; ${asked}`, '--input-type=module');
    const common = await script(`const { defineConfig } = require('devup'); ${asked}`);
    expect([module.stdout, common.stdout]).toEqual(['function true\n', 'function true\n']);
  });

  test('runs from a folder without any node_modules', async ({ rig }) => {
    cpSync(join(folder, 'dist'), join(rig.root, 'copied'), { recursive: true });
    const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string };
    const bin = join(rig.root, 'copied', 'bin.cjs');
    expect((await run(process.execPath, [bin, '--version'], { cwd: rig.root, env: rig.env })).stdout).toBe(`${version}\n`);
    expect((await run(process.execPath, [bin, '--help'], { cwd: rig.root, env: rig.env })).stdout).toContain('devup start');
  });

  async function install(rig: Rig): Promise<string> {
    rig.write('package.json', { name: 'empty', private: true });
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], { cwd: rig.root, env: npmEnv(rig) });
    return join(rig.root, 'node_modules', 'devup');
  }

  function npmEnv(rig: Rig): Record<string, string> {
    return { ...rig.env, npm_config_update_notifier: 'false' };
  }
});
