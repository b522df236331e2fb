import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, lstat, mkdir, mkdtemp, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { anyCharacter } from '../../rig/any-character.ts';

const EXAMPLE = path.resolve(import.meta.dirname, '../../../examples/default');
const { identifier, literal } = (await import(path.join(EXAMPLE, 'postgres/cluster.mjs'))) as {
  identifier(name: string): string;
  literal(text: string): string;
};
const { completePrograms } = (await import(path.join(EXAMPLE, 'postgres/programs.mjs'))) as {
  completePrograms(folder: string): Promise<void>;
};

let folder = '';
const started = new Set<ChildProcess>();
const postmasters = new Set<number>();

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'devup-postgres-'));
  // When root runs PostgreSQL, it is another account, which must reach this folder.
  await chmod(folder, 0o755);
});

afterEach(async () => {
  for (const child of started) if (child.exitCode === null && child.signalCode === null) await ended(child, 'SIGKILL');
  for (const pid of postmasters) kill(pid);
  started.clear();
  postmasters.clear();
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

test('any quoted names and texts are read back unchanged', () => {
  const line = fc.string({ unit: anyCharacter }).filter((text) => !/[\n\r\0]/.test(text));
  fc.assert(
    fc.property(line, (text) => {
      expect(/^"((?:[^"]|"")*)"$/s.exec(identifier(text))?.[1]?.replaceAll('""', '"')).toBe(text);
      const [, escaped, inner] = /^(E?)'((?:[^'\\]|''|\\\\)*)'$/s.exec(literal(text)) ?? [];
      expect(escaped).toBe(text.includes('\\') ? 'E' : '');
      expect(inner?.replaceAll("''", "'").replaceAll('\\\\', '\\')).toBe(text);
    }),
  );
});

test('a name with a line break cannot add a second statement', () => {
  expect(() => identifier('a\ndrop database b')).toThrow('line break');
  expect(() => literal('a\ndrop database b')).toThrow('line break');
});

test('links and execute bits that npm did not create are created', async () => {
  const native = path.join(folder, 'native');
  await mkdir(path.join(native, 'bin'), { recursive: true });
  await mkdir(path.join(native, 'lib'));
  for (const name of ['postgres', 'initdb']) await writeFile(path.join(native, 'bin', name), '', { mode: 0o644 });
  await writeFile(path.join(native, 'lib/libpq.so.5.18'), 'library');
  const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }];
  await writeFile(path.join(native, 'pg-symlinks.json'), JSON.stringify(links));
  await completePrograms(native);
  await completePrograms(native);
  expect(await readlink(path.join(native, 'lib/libpq.so.5'))).toBe('libpq.so.5.18');
  expect(await readFile(path.join(native, 'lib/libpq.so.5'), 'utf8')).toBe('library');
  expect((await lstat(path.join(native, 'bin/postgres'))).mode & 0o111).toBe(0o111);
});

test('PostgreSQL serves the login of DATABASE_URL, stops at once, and starts again after a SIGKILL and on a stale pid file', async () => {
  const port = await freePort();
  const environment = { ...process.env, PORT: String(port), DATABASE_URL: `postgres://me:s%27e%5Ccret@localhost:${port}/my%22db` };

  const first = serve(environment);
  await accepts(environment, first);
  // A rejected wrong password proves that the login is checked.
  const wrong = run('postgres/accepts.mjs', { ...environment, DATABASE_URL: `postgres://me:wrong@localhost:${port}/my%22db` });
  expect(await output(wrong)).toContain('password authentication failed');
  expect(await ended(first, 'SIGTERM')).toBe(0);
  await expect(stat(pidFile())).rejects.toThrow('ENOENT');

  const second = serve(environment);
  await accepts(environment, second);
  const postmaster = Number((await readFile(pidFile(), 'utf8')).split('\n')[0]);
  postmasters.add(postmaster);
  const gone = once(second, 'exit');
  kill(postmaster);
  expect((await gone)[0]).toBe(1);

  // In a container another process soon gets the dead server's pid: here, this test.
  await writeFile(pidFile(), (await readFile(pidFile(), 'utf8')).replace(/^\d+/, String(process.pid)));
  const third = serve(environment);
  await accepts(environment, third);
  expect(await ended(third, 'SIGINT')).toBe(0);
}, 60_000);

test('data of another PostgreSQL version is named and left alone', async () => {
  await mkdir(path.join(folder, 'data/data'), { recursive: true });
  await writeFile(path.join(folder, 'data/data/PG_VERSION'), '9.6\n');
  const said = await output(serve({ ...process.env, PORT: '5999', DATABASE_URL: 'postgres://me:x@localhost:5999/db' }));
  expect(said).toContain('was made by PostgreSQL 9.6');
  expect(await readFile(path.join(folder, 'data/data/PG_VERSION'), 'utf8')).toBe('9.6\n');
});

test.each([
  ['PORT is not set', {}],
  ['between 1 and 65535', { PORT: '8000; rm' }],
  ['DATABASE_URL is not set', { PORT: '5999' }],
  ['with every part', { PORT: '5999', DATABASE_URL: 'postgres://localhost/db' }],
  ['says port 5998, but PORT is 5999', { PORT: '5999', DATABASE_URL: 'postgres://me:x@localhost:5998/db' }],
])('without a usable port and login it does not start: %s', async (message, given) => {
  const { PORT: _port, DATABASE_URL: _url, ...inherited } = process.env;
  expect(await output(serve({ ...inherited, ...given }))).toContain(message);
});

function serve(environment: NodeJS.ProcessEnv): ChildProcess {
  return run('postgres/serve.mjs', environment, path.join(folder, 'data'));
}

function run(script: string, environment: NodeJS.ProcessEnv, ...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [path.join(EXAMPLE, script), ...args], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  started.add(child);
  return child;
}

/** Asks until the login succeeds; fails if the server ends first. */
async function accepts(environment: NodeJS.ProcessEnv, server: ChildProcess): Promise<void> {
  let said = '';
  for (const stream of [server.stdout, server.stderr]) stream?.on('data', (chunk) => (said += chunk));
  let closed = false;
  server.once('close', () => (closed = true));
  for (;;) {
    const [code] = await once(run('postgres/accepts.mjs', environment), 'exit');
    if (code === 0) return;
    if (closed) throw new Error(`PostgreSQL ended:\n${said}`);
  }
}

/** All output of a process until it ends; it must fail. */
async function output(child: ChildProcess): Promise<string> {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (said += chunk));
  const [code] = await once(child, 'close');
  expect(code).toBeGreaterThan(0);
  return said;
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exit = once(child, 'exit');
  child.kill(signal);
  return (await exit)[0];
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function pidFile(): string {
  return path.join(folder, 'data/data/postmaster.pid');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
