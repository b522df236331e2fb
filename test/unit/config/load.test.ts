import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Loader, problemsOf, stackOf } from './loader.ts';

const loader = new Loader();
const withoutPackages = new Loader('without packages');
beforeAll(() => Promise.all([loader.open(), withoutPackages.open()]));
afterAll(() => Promise.all([loader.close(), withoutPackages.close()]));

const typed = `import { defineConfig } from 'devup';
export default defineConfig({ services: { api: { port: 8000 as number, command: 'serve' } } });`;

async function load(name: string, text: string, more: Record<string, string> = {}) {
  const root = loader.project({ [name]: text, ...more });
  return loader.load(path.join(root, name));
}

async function ports(name: string, text: string, more: Record<string, string> = {}) {
  return stackOf(await load(name, text, more)).services.flatMap((service) => service.ports.map(({ port }) => port));
}

/** Gives a cached entry the text of another config. */
function forge(entry: string, to: string): void {
  const { key, text } = JSON.parse(readFileSync(entry, 'utf8')) as { readonly key: unknown; readonly text: string };
  writeFileSync(to, JSON.stringify({ key, text: text.replaceAll('8000', '9999') }));
}

describe('a config of any kind', () => {
  const esm = `import { defineConfig } from 'devup';\nexport default defineConfig({ services: { api: { port: 8000, command: 'serve' } } });`;
  const cjs = `const { defineConfig } = require('devup');\nmodule.exports = defineConfig({ services: { api: { port: 8000, command: 'serve' } } });`;
  const json = JSON.stringify({ $schema: './schema.json', services: { api: { port: 8000, command: 'serve' } } });
  const yaml = '# services of mine\nservices:\n  api: { port: 8000, command: serve }\n';
  test.each([
    ['orchestrator.config.ts', typed],
    ['orchestrator.config.mts', typed],
    ['orchestrator.config.js', esm],
    ['orchestrator.config.js', cjs],
    ['orchestrator.config.mjs', esm],
    ['orchestrator.config.cjs', cjs],
    ['orchestrator.config.json', json],
    ['orchestrator.config.yaml', yaml],
    ['orchestrator.config.yml', yaml],
    ['.orchestratorrc', yaml],
    ['.orchestratorrc', json],
    ['.orchestratorrc.json', json],
    ['.orchestratorrc.yaml', yaml],
    ['package.json', JSON.stringify({ name: 'app', orchestrator: JSON.parse(json) })],
  ])('%s is loaded although devup is not installed (%#)', async (name, text) => {
    expect(await ports(name, text)).toEqual([8000]);
  });

  test.each(['commonjs', 'module'])('a project of type %s may use TypeScript and ES modules alike', async (type) => {
    const manifest = { 'package.json': JSON.stringify({ type }) };
    expect(await ports('orchestrator.config.ts', typed, manifest)).toEqual([8000]);
    expect(await ports('orchestrator.config.js', esm, manifest)).toEqual([8000]);
  });

  test('the typescript of the project is never loaded, broken or not', async () => {
    const broken = {
      'node_modules/typescript/package.json': '{"main":"index.js"}',
      'node_modules/typescript/index.js': 'throw new Error("broken typescript")',
    };
    expect(await ports('orchestrator.config.ts', typed, broken)).toEqual([8000]);
  });

  test('a devup installed in the project is not used', async () => {
    const other = {
      'node_modules/devup/package.json': '{"main":"index.js"}',
      'node_modules/devup/index.js': 'throw new Error("another devup")',
    };
    expect(await ports('orchestrator.config.ts', typed, other)).toEqual([8000]);
  });

  test('TypeScript that needs compiling works: enums, satisfies, type imports, parameter properties', async () => {
    const text = `import { defineConfig, type StackInput } from 'devup';
import type { Nothing } from './not-there';
enum Port { Api = 8000 }
class Holder { constructor(readonly port: number) {} }
const stack = { services: { api: { port: new Holder(Port.Api).port, command: 'serve' } } } satisfies StackInput;
export default defineConfig(stack);`;
    expect(await ports('orchestrator.config.ts', text)).toEqual([8000]);
  });

  test('a namespace that holds values is compiled', async () => {
    const text = `namespace Ports { export const api: number = 8000; }
export default { services: { api: { port: Ports.api, command: 'serve' } } };`;
    expect(await ports('orchestrator.config.ts', text)).toEqual([8000]);
  });

  test('a namespace extends the function of its name', async () => {
    const text = `function ports(): number { return 1; }
namespace ports { export const api: number = 8000; }
export default { services: { api: { port: (ports as { api?: number }).api ?? ports(), command: 'serve' } } };`;
    expect(await ports('orchestrator.config.ts', text)).toEqual([8000]);
  });

  test('a config that would tolerate a missing import gets the import', async () => {
    const text = `let extra = { port: 9000 };
try { extra = await import('./extra.ts'); } catch {}
export default { services: { api: { port: extra.port, command: 'serve' } } };`;
    expect(await ports('orchestrator.config.ts', text, { 'extra.ts': 'export const port: number = 8000;' })).toEqual([8000]);
    expect(await ports('orchestrator.config.ts', text)).toEqual([9000]);
  });

  test('modules of Node, its own path and top-level await can be used', async () => {
    const text = `import path, { basename } from 'node:path';
import * as os from 'os';
const { readFileSync } = await import('node:fs');
const port = Number(readFileSync(path.join(import.meta.dirname, 'port.txt'), 'utf8'));
export default { services: { api: { port, command: basename(new URL(import.meta.url).pathname) + typeof os.EOL } } };`;
    const stack = stackOf(await load('orchestrator.config.ts', text, { 'port.txt': '8123' }));
    expect(stack.services[0]?.ports[0]?.port).toBe(8123);
    expect(stack.services[0]?.command).toEqual({ kind: 'line', line: 'orchestrator.config.tsstring' });
  });

  test('other files of the project can be imported, with and without an ending', async () => {
    const more = {
      'ports.ts': `import { defineConfig } from 'devup';\nexport enum Port { Api = 8001 }\nexport const used = defineConfig;`,
      'names.js': `export const command = 'serve';`,
      'data.json': '{"web": 3000}',
      'node_modules/somewhere/package.json': '{"main":"index.js"}',
      'node_modules/somewhere/index.js': 'exports.host = "127.0.0.1";',
    };
    const text = `import { Port } from './ports';
import { command } from './names.js';
import data from './data.json' with { type: 'json' };
import { host } from 'somewhere';
export default { services: { api: { port: Port.Api, host, command }, web: { port: data.web, command } } };`;
    expect(await ports('orchestrator.config.ts', text, more)).toEqual([8001, 3000]);
  });

  test.each([
    ['in a function', `export default async () => stack((await import('./ports')).api);`],
    ['in a promise', `export default Promise.resolve().then(async () => stack((await import('./ports')).api));`],
    ['in a property', `export default { get services() { return stack(require('./data.json').api).services; } };`],
    ['as JSON', `export default async () => stack((await import('./data.json')).default.api);`],
    ['that it found itself', `export default stack(JSON.parse(readFileSync(require.resolve('./data.json'), 'utf8')).api);`],
    ['although it would do without', `let api = 1;\ntry { api = require('./data.json').api; } catch {}\nexport default stack(api);`],
    ['beside its own folder', `export default () => stack(JSON.parse(readFileSync(__dirname + '/data.json', 'utf8')).api);`],
  ])('a config may load a file %s', async (_, text) => {
    const more = { 'ports.ts': 'export const api: number = 8000;', 'data.json': '{"api":8000}' };
    const begin = `import { readFileSync } from 'node:fs';
const stack = (port: number) => ({ services: { api: { port, command: typeof readFileSync } } });\n`;
    expect(await ports('orchestrator.config.ts', begin + text, more)).toEqual([8000]);
  });

  test('aliases of tsconfig.json are followed, inherited ones and those below a comment too; a broken one only lacks its aliases', async () => {
    const text = `import { api } from '@ports/api';\nimport { host } from './host';\nexport default { services: { api: { port: api, host, command: 'x' } } };`;
    const aliases = '{ // mine\n "compilerOptions": { "paths": { "@ports/*": ["./lib/ports/*"] } } }';
    const more = { 'lib/ports/api.ts': 'export const api: number = 8123;', 'host.ts': "export const host = '127.0.0.1';" };
    expect(await ports('orchestrator.config.ts', text, { ...more, 'tsconfig.json': aliases })).toEqual([8123]);
    const inherited = { 'tsconfig.json': '{ "extends": "./tsconfig.base.json" }', 'tsconfig.base.json': aliases };
    expect(await ports('orchestrator.config.mts', text, { ...more, ...inherited })).toEqual([8123]);
    for (const broken of ['{ "extends": "./nowhere.json" }', '{ nonsense']) {
      const plain = text.replace('@ports/api', './lib/ports/api');
      expect(await ports('orchestrator.config.ts', plain, { ...more, 'tsconfig.json': broken })).toEqual([8123]);
    }
  });

  test('a config that imports another file runs once', async () => {
    const text = `console.log('it runs');\nconst { api } = await import('./ports');\nexport default { services: { api: { port: api, command: 'x' } } };`;
    expect(await ports('orchestrator.config.ts', text, { 'ports.ts': 'export const api = 8000;' })).toEqual([8000]);
    expect(loader.stderr.match(/it runs/g)).toHaveLength(1);
  });

  test.each([
    ['a promise', 'export default Promise.resolve({ services: { api: { port: 8000, command: "x" } } });'],
    ['a function', 'export default () => ({ services: { api: { port: 8000, command: "x" } } });'],
    ['an async function', 'export default async () => ({ services: { api: { port: 8000, command: "x" } } });'],
    ['a function by module.exports', 'module.exports = async () => ({ services: { api: { port: 8000, command: "x" } } });'],
  ])('a config may export %s', async (_, text) => {
    expect(await ports('orchestrator.config.js', text)).toEqual([8000]);
  });
});

describe('the cache of compiled configs', () => {
  test('an unchanged config needs no package: no compiler, no parser, no schema', async () => {
    for (const [name, text] of [
      ['orchestrator.config.ts', typed.replace('8000', '8101')],
      ['orchestrator.config.mjs', 'export default { services: { api: { port: 8102, command: "x" } } };'],
      ['orchestrator.config.yaml', 'services: { api: { port: 8103, command: x } }'],
      ['orchestrator.config.json', '{"services":{"api":{"port":8104,"command":"x"}}}'],
    ] as const) {
      const file = path.join(loader.project({ [name]: text }), name);
      expect(await withoutPackages.load(file, { env: { HOME: loader.home } })).toBeNull();
      const first = await loader.load(file);
      stackOf(first);
      expect(await withoutPackages.load(file, { env: { HOME: loader.home } })).toEqual(first);
    }
  });

  test('a changed config is compiled again', async () => {
    const root = loader.project({ 'orchestrator.config.ts': typed });
    const file = path.join(root, 'orchestrator.config.ts');
    await loader.load(file);
    writeFileSync(file, typed.replace('8000', '8001'));
    expect(stackOf(await loader.load(file)).services[0]?.ports[0]?.port).toBe(8001);
  });

  test('the value is never cached: a config that reads the environment runs every time', async () => {
    const text = `globalThis.runs = (globalThis.runs ?? 8000) + 1;\nexport default { services: { api: { port: globalThis.runs as number, command: 'x' } } };`;
    const file = path.join(loader.project({ 'orchestrator.config.ts': text }), 'orchestrator.config.ts');
    expect(stackOf(await loader.load(file)).services[0]?.ports[0]?.port).toBe(8001);
    expect(stackOf(await loader.load(file)).services[0]?.ports[0]?.port).toBe(8002);
  });

  test('a config that imports other files is not cached, since those may change', async () => {
    const root = loader.project({
      'orchestrator.config.ts': `import { port } from './port.ts';\nexport default { services: { api: { port, command: 'x' } } };`,
      'port.ts': 'export const port = 8000;',
    });
    const file = path.join(root, 'orchestrator.config.ts');
    const env = { HOME: path.join(root, 'home') };
    stackOf(await loader.load(file, { env }));
    expect(await withoutPackages.load(file, { env })).toBeNull();
    // Only the value has to be valid.
    expect(readdirSync(path.join(root, 'home/.cache/devup'))).toHaveLength(1);
    writeFileSync(path.join(root, 'port.ts'), 'export const port = 8001;');
    expect(stackOf(await loader.load(file, { env })).services[0]?.ports[0]?.port).toBe(8001);
  });

  test('a config that imports a file in a function, and would tolerate its absence, gets it also from the second time on', async () => {
    const text = `export { config as default };
async function config() {
  let port = 9000;
  try { port = (await import('./port.ts')).port; } catch {}
  return { services: { api: { port, command: 'x' } } };
}`;
    const root = loader.project({ 'orchestrator.config.ts': text, 'port.ts': 'export const port: number = 8000;' });
    const file = path.join(root, 'orchestrator.config.ts');
    const first = await loader.load(file);
    expect(stackOf(first).services[0]?.ports[0]?.port).toBe(8000);
    expect((await withoutPackages.load(file, { env: { HOME: loader.home } })) ?? first).toEqual(first);
    expect(await loader.load(file)).toEqual(first);
  });

  test('a cached TypeScript text is not taken for JavaScript', async () => {
    const text = 'export default { services: { api: { port: 8000 as number, command: "x" } } };';
    const root = loader.project({ 'orchestrator.config.ts': text, 'orchestrator.config.js': text });
    stackOf(await loader.load(path.join(root, 'orchestrator.config.ts')));
    expect(await loader.load(path.join(root, 'orchestrator.config.js'))).toMatchObject({ failure: { code: 'E302', line: 1 } });
  });

  test("it is in the user's cache folder, also if there is a node_modules", async () => {
    const root = loader.project({ 'orchestrator.config.ts': typed, 'node_modules/.keep': '' });
    stackOf(await loader.load(path.join(root, 'orchestrator.config.ts'), { env: { XDG_CACHE_HOME: path.join(root, 'mine') } }));
    expect(readdirSync(path.join(root, 'mine/devup'))).toHaveLength(2);
    expect(readdirSync(path.join(root, 'node_modules'))).toEqual(['.keep']);
  });

  test('under sudo nothing is cached, since the files would be those of root in the folder of its user', async () => {
    const root = loader.project({ 'orchestrator.config.ts': typed });
    const env = { XDG_CACHE_HOME: path.join(root, 'mine'), SUDO_UID: '1000' };
    stackOf(await loader.load(path.join(root, 'orchestrator.config.ts'), { env }));
    expect(readdirSync(root)).toEqual(['orchestrator.config.ts']);
  });

  test('an entry that comes with the repository is not run, wherever it would fit', async () => {
    const root = loader.project({ 'orchestrator.config.ts': typed });
    const file = path.join(root, 'orchestrator.config.ts');
    const entries = path.join(root, 'mine/devup');
    stackOf(await loader.load(file, { env: { XDG_CACHE_HOME: path.join(root, 'mine') } }));
    const forged = path.join(root, 'node_modules/.cache/devup');
    mkdirSync(forged, { recursive: true });
    for (const name of readdirSync(entries)) forge(path.join(entries, name), path.join(forged, name));
    expect(stackOf(await loader.load(file)).services[0]?.ports[0]?.port).toBe(8000);
    expect(stackOf(await loader.load(file)).services[0]?.ports[0]?.port).toBe(8000);
  });

  // Only root can give a file to another user.
  test.each([...(process.getuid?.() === 0 ? ["another user's file"] : []), 'a link to a file', 'a FIFO', 'a device'])(
    'an entry that is %s is not run',
    async (kind) => {
      const root = loader.project({ 'orchestrator.config.ts': typed });
      const file = path.join(root, 'orchestrator.config.ts');
      const env = { XDG_CACHE_HOME: path.join(root, 'mine') };
      stackOf(await loader.load(file, { env }));
      for (const name of readdirSync(path.join(root, 'mine/devup'))) {
        const entry = path.join(root, 'mine/devup', name);
        forge(entry, entry);
        if (kind === "another user's file") chownSync(entry, 65_534, 65_534);
        else {
          renameSync(entry, path.join(root, name));
          if (kind === 'a FIFO') execFileSync('mkfifo', [entry]);
          else symlinkSync(kind === 'a device' ? '/dev/zero' : path.join(root, name), entry);
        }
      }
      expect(stackOf(await loader.load(file, { env })).services[0]?.ports[0]?.port).toBe(8000);
    },
  );

  test('a damaged or unusable cache only costs time', async () => {
    const root = loader.project({ 'orchestrator.config.ts': typed });
    const file = path.join(root, 'orchestrator.config.ts');
    const env = { XDG_CACHE_HOME: path.join(root, 'mine') };
    const folder = path.join(root, 'mine/devup');
    stackOf(await loader.load(file, { env }));
    for (const name of readdirSync(folder)) writeFileSync(path.join(folder, name), 'export default {');
    stackOf(await loader.load(file, { env }));
    rmSync(path.join(root, 'mine'), { recursive: true });
    writeFileSync(path.join(root, 'mine'), 'a file');
    stackOf(await loader.load(file, { env }));
  });

  test('the cache is bounded, and leaves other files alone', async () => {
    const root = loader.project({ 'orchestrator.config.yaml': '', 'mine/devup/compiled/by-node': '' });
    const folder = path.join(root, 'mine/devup');
    // Older than all entries of the user beside it.
    utimesSync(path.join(folder, 'compiled'), 0, 0);
    const file = path.join(root, 'orchestrator.config.yaml');
    for (let port = 8000; port < 8050; port++) {
      writeFileSync(file, `services: { api: { port: ${port}, command: x } }`);
      stackOf(await loader.load(file, { env: { XDG_CACHE_HOME: path.join(root, 'mine') } }));
    }
    const names = readdirSync(folder);
    expect(names.length).toBeLessThanOrEqual(65);
    expect(names).toContain('compiled');
  });
});

describe('a config that fails to load', () => {
  test.each([
    ['throws', 'const a = 1;\n\nthrow new Error("no database");', 'no database', 3],
    ['throws in a function', 'export default async () => {\n  throw new TypeError("no database");\n};', 'no database', 2],
    ['throws what is no error', '\nthrow "no database";', "it threw 'no database'", null],
    [
      'throws later, while it is awaited',
      'queueMicrotask(() => {\n  throw new Error("no database");\n});\nawait new Promise(() => {});',
      'no database',
      2,
    ],
    ['forgets a promise that fails', '\nPromise.reject(new Error("no database"));\nawait new Promise(() => {});', 'no database', 2],
    ['has a property that throws', 'export default {\n  get services() { throw new Error("no database"); } };', 'no database', 2],
  ])('one that %s is a failure with its place', async (_, text, message, line) => {
    const result = await load('orchestrator.config.ts', text);
    expect(result).toMatchObject({ ok: false, failure: { code: 'E302', message, line } });
  });

  test.each(['ts', 'mts', 'js', 'mjs', 'cjs'])('a syntax error in .%s has file, line and column', async (extension) => {
    const result = await load(`orchestrator.config.${extension}`, 'module.exports = {\n  a: 1,\n  b: : 2,\n};');
    expect(result).toMatchObject({ ok: false, failure: { code: 'E302', message: 'Unexpected token', line: 3, column: 6 } });
  });

  test('an error about unknown syntax names the config, not the compiler', async () => {
    const result = await load('orchestrator.config.ts', 'class Port {\n  accessor number = 8000;\n}\nexport default { services: {} };');
    const message = 'syntax that is not supported here: decoratorAutoAccessors';
    expect(result).toMatchObject({ ok: false, failure: { code: 'E302', message, line: 2 } });
  });

  test('the line is that of the file, whatever the compiler removed before it', async () => {
    const text = `import type { StackInput } from 'devup';
interface Port {
  readonly number: number;
}
type Name =
  | 'a'
  | 'b';
enum Level {
  Low = 1,
}
const ports: Port[] = [{ number: Level.Low }];
export default (): StackInput<Name> => {
  throw new Error(String(ports.length));
};`;
    expect(await load('orchestrator.config.ts', text)).toMatchObject({ ok: false, failure: { code: 'E302', message: '1', line: 13 } });
  });

  test('an import that leads nowhere is named', async () => {
    const result = await load(
      'orchestrator.config.ts',
      `import { port } from './nowhere.ts';\nexport default { services: { a: { port } } };`,
    );
    expect(result).toMatchObject({ ok: false, failure: { code: 'E302', message: expect.stringContaining('nowhere.ts') as unknown } });
  });

  test('one that never settles is abandoned', async () => {
    const root = loader.project({ 'orchestrator.config.ts': 'await new Promise(() => {});\nexport default {};' });
    const file = path.join(root, 'orchestrator.config.ts');
    expect(await loader.load(file, { timeoutMs: 50 })).toEqual({
      ok: false,
      failure: { code: 'E303', kind: 'config-hangs', file, timeoutMs: 50 },
    });
  });

  test.each([
    ['at once', 'process.exit(3);'],
    ['from an imported name', `import { exit } from 'node:process';\nexit(3);`],
    ['in a function', 'export default () => process.exit(3);'],
    ['later', 'queueMicrotask(() => process.exit(3));\nawait new Promise(() => {});'],
    ['although it catches everything', 'try { process.exit(3); } catch {}\nexport default { services: {} };'],
  ])('one that calls process.exit %s is a failure, and the process continues', async (_, text) => {
    const result = await load('orchestrator.config.ts', text);
    expect(result).toMatchObject({ ok: false, failure: { code: 'E304', exitCode: 3 } });
    stackOf(await load('orchestrator.config.ts', typed));
  });

  test('one that spins is ended by Ctrl-C', async () => {
    const file = path.join(loader.project({ 'orchestrator.config.js': 'process.send("spinning");\nfor (;;);' }), 'orchestrator.config.js');
    const loading = loader.load(file).catch((error: Error) => error.message);
    await loader.said('spinning');
    expect(await loader.interrupt('SIGINT')).toBe('SIGINT');
    expect(await loading).toContain('the loading process ended');
  });

  test('several that are loaded at once do not disturb each other', async () => {
    const results = await Promise.all([
      load('orchestrator.config.ts', 'await Promise.resolve();\nprocess.exit(3);'),
      load('orchestrator.config.ts', typed),
      load('orchestrator.config.ts', 'throw new Error("no database");'),
      load('a b/orchestrator.config.ts', '\nthrow new Error("no database");'),
    ]);
    expect(results.map((result) => (result.ok ? 'ok' : result.failure.code))).toEqual(['E304', 'ok', 'E302', 'E302']);
    expect(results[3]).toMatchObject({ failure: { line: 2 } });
  });

  test('output of a config during its load stays out of the answer on stdout', async () => {
    const print = `console.log('hello from the config');
console.dir({ shown: 'in full' });
process.stdout.write('as it is');`;
    stackOf(await load('orchestrator.config.ts', `${print}\n${typed}`));
    expect(loader.stdout).toBe('');
    for (const printed of ['hello from the config', "{ shown: 'in full' }", 'as it is']) expect(loader.stderr).toContain(printed);
  });
});

describe('a config without content', () => {
  test.each([
    ['orchestrator.config.ts', 'const config = {};', 'exports nothing: it needs `export default defineConfig({ … })`'],
    ['orchestrator.config.ts', '', 'exports nothing: it needs `export default defineConfig({ … })`'],
    ['orchestrator.config.ts', 'export const config = { services: {} };', 'exports nothing: it needs `export default defineConfig({ … })`'],
    ['orchestrator.config.ts', 'export default undefined;', 'exports nothing: it needs `export default defineConfig({ … })`'],
    ['orchestrator.config.cjs', '', 'exports nothing: it needs `export default defineConfig({ … })`'],
    ['orchestrator.config.yaml', '# nothing\n', 'is empty: it needs services'],
    ['package.json', '{"name":"app"}', 'has no "orchestrator" in it'],
  ])('%s without an export is an error that says so (%#)', async (name, text, message) => {
    expect(problemsOf(await load(name, text))).toEqual([
      { path: '', service: null, message, value: null, suggestion: null, line: null, column: null },
    ]);
  });

  test('a config that exports null, a list or a number is an error', async () => {
    for (const value of ['null', '[]', '7', '"text"']) {
      const [problem] = problemsOf(await load('orchestrator.config.ts', `export default ${value};`));
      expect(problem).toMatchObject({ path: '', message: 'must be an object with services' });
    }
  });
});
