/** The modules that a command loads decide how long it takes. V8 reports the files a process ran. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'vitest';
import { type Rig, test } from '../../rig/rig.ts';
import { expectCleanWorld } from '../../rig/world.ts';

interface Loaded {
  /** The loaded files of devup itself. */
  readonly files: readonly string[];
  readonly builtins: ReadonlySet<string>;
}

/** The modules that all processes writing there have loaded. */
function loaded(folder: string): Loaded {
  const reports = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as { result: { url: string }[] });
  const urls = reports.flatMap(({ result }) => result.map(({ url }) => url));
  const files = urls.filter((url) => url.includes('/dist/')).map((url) => basename(url));
  return { files: [...new Set(files)].sort(), builtins: new Set(urls.filter((url) => url.startsWith('node:'))) };
}

async function loadedBy(rig: Rig, args: readonly string[], codes: readonly number[] = [0]): Promise<Loaded> {
  const folder = join(rig.root, `coverage-${args.join('-')}`);
  mkdirSync(folder);
  expect(codes).toContain((await rig.devup(args, { env: { NODE_V8_COVERAGE: folder } })).code);
  return loaded(folder);
}

function typescript(rig: Rig, port: number): void {
  const command = JSON.stringify(rig.puppet('web', '--port', port).command);
  const text = `import { defineConfig } from 'devup';\nexport default defineConfig({ services: { web: { port: ${port}, command: ${command} } } });\n`;
  rig.write('orchestrator.config.ts', text);
}

test('with a cached config, a start needs no package: neither execa, zod, listr2 nor cosmiconfig', async ({ rig }) => {
  typescript(rig, await rig.port());
  expect((await rig.devup(['status'])).code).toBe(1);
  await loadedBy(rig, ['start', '-d']);
  const status = await loadedBy(rig, ['status']);
  expect(status.files).toEqual(['bin.cjs', 'short.cjs']);
  for (const name of ['http', 'crypto', 'child_process', 'fs/promises', 'tty']) expect(status.builtins, name).not.toContain(`node:${name}`);
  // It follows the session's events, to say what it waits for and what had to be killed.
  expect((await loadedBy(rig, ['stop'])).files).toEqual(['bin.cjs', 'short.cjs', 'vendor-eventsource-parser.cjs']);
  // The supervisor writes this when its process ends, which is later than its session.
  await expectCleanWorld(rig);
  expect(readdirSync(join(rig.root, 'coverage-start--d')).length).toBeGreaterThan(1);
  expect(loaded(join(rig.root, 'coverage-start--d')).files).toEqual(['bin.cjs', 'session.cjs']);
});

test('a session without requests loads neither HTTP nor its dependencies', async ({ rig }) => {
  rig.config({ web: { command: 'sleep 1000' } });
  expect((await rig.devup(['status'])).code).toBe(1);
  const folder = join(rig.root, 'coverage');
  const start = async (meanwhile: () => Promise<unknown>) => {
    rmSync(folder, { recursive: true, force: true });
    const running = rig.start(['start'], { env: { NODE_V8_COVERAGE: folder } });
    await running.waitForOutput(/1 service ready/);
    await meanwhile();
    running.signal('SIGINT');
    expect((await running.exited).code).toBe(130);
    return loaded(folder).builtins;
  };
  const alone = await start(async () => undefined);
  for (const name of ['http', 'crypto', 'perf_hooks']) expect(alone, name).not.toContain(`node:${name}`);
  expect(await start(() => rig.devup(['status']))).toContain('node:http');
});

test('only a config that is not cached requires packages', async ({ rig }) => {
  typescript(rig, await rig.port());
  const { files } = await loadedBy(rig, ['status'], [1]);
  expect(files).toEqual(expect.arrayContaining(['bin.cjs', 'short.cjs', 'vendor-shape.cjs']));
  expect(files).not.toContain('main.js');
});

test('TypeScript that only needs its types removed is loaded without the compiler', async ({ rig }) => {
  const compiler = expect.arrayContaining([expect.stringMatching(/jiti/)]);
  typescript(rig, await rig.port());
  expect((await loadedBy(rig, ['graph'])).files).not.toEqual(compiler);
  rig.write('more.ts', 'export const more: number = 1;\n');
  rig.write(
    'orchestrator.config.ts',
    `import { more } from './more';\nexport default { services: { web: { command: \`echo \${more}\` } } };\n`,
  );
  expect((await loadedBy(rig, ['graph', '--json'])).files).toEqual(compiler);
});

test('kill loads no package, and only the Node modules it needs to bind', async ({ rig }) => {
  const port = await rig.port();
  await rig.squat({ how: 'listen', port });
  const { files, builtins } = await loadedBy(rig, ['kill', String(port)]);
  expect(files).toEqual(['bin.cjs', 'short.cjs']);
  for (const name of ['http', 'crypto', 'fs/promises']) expect(builtins, name).not.toContain(`node:${name}`);
});

test('the stub alone prints the version, without loading streams', async ({ rig }) => {
  const { files, builtins } = await loadedBy(rig, ['--version']);
  expect(files).toEqual(['bin.cjs']);
  for (const name of ['net', 'tty']) expect(builtins, name).not.toContain(`node:${name}`);
});

test('help needs no other part of the program', async ({ rig }) => {
  expect((await loadedBy(rig, ['--help'])).files).toEqual(['bin.cjs', 'help.cjs']);
  expect((await loadedBy(rig, ['kill', '-h'])).files).toEqual(['bin.cjs', 'help.cjs']);
});

// Node 22.8 and newer cache compiled code themselves.
test.skipIf('enableCompileCache' in (await import('node:module')))('compiled code is cached, and not required', async ({ rig }) => {
  const folder = join(String(rig.env['XDG_CACHE_HOME']), 'devup', 'compiled');
  const look = async () => {
    expect((await rig.devup(['ports', '1', '--json'])).json()).toMatchObject({ schemaVersion: 1 });
    return readdirSync(folder);
  };
  const [name = '', ...more] = await look();
  expect(more).toEqual([]);
  const file = join(folder, name);
  const { mode, size, ino } = statSync(file);
  expect(mode & 0o777).toBe(0o600);
  expect(await look()).toEqual([name]);
  expect(statSync(file).ino, 'what is good stays').toBe(ino);
  truncateSync(file, size / 2);
  expect(await look()).toEqual([name]);
  expect(statSync(file).size, 'what is cut off is made again').toBeGreaterThan(size / 2);
  writeFileSync(file, 'not compiled code');
  expect(await look()).toEqual([name]);
  expect(statSync(file).size).toBeGreaterThan(size / 2);
});

test.skipIf('enableCompileCache' in (await import('node:module')))(
  'the code of a successful start is cached, separately for foreground and background',
  async ({ rig }) => {
    const folder = join(String(rig.env['XDG_CACHE_HOME']), 'devup', 'compiled');
    const kept = () => (existsSync(folder) ? readdirSync(folder) : []).map((name) => name.split('-').at(-1)).toSorted();
    rig.config({ web: { command: 'sleep 1000' } });
    await rig.devup(['graph']);
    expect((await rig.devup(['start', 'nobody'])).code).not.toBe(0);
    expect(kept()).toEqual([]);
    const running = rig.start(['start']);
    await running.waitForOutput(/1 service ready/);
    running.signal('SIGINT');
    await running.exited;
    expect(kept()).toEqual(['start']);
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    expect(kept()).toEqual(['start', 'startdetached']);
    expect((await rig.devup(['stop'])).code).toBe(0);
  },
);
