/**
 * The command: a CommonJS stub that loads as little as possible. It prints the version itself, tries one of the fast
 * paths (a CommonJS file each of our own code), and else loads everything. The only file that knows about exiting: a
 * command is over when it says so and all that was written has left, not when the last thing that a config opened is closed.
 *
 * Compiled code is kept in the user's cache folder: compiling is a good part of what a short command costs.
 */
import { closeSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Invocation } from './cli/context.ts';

const FAST = new Set([undefined, 'status', 'kill', 'stop', 'logs', 'ports']);
/** Commands that begin or change a session, and the supervisor behind `start -d`. */
const STARTS = new Set(['start', 'restart', 'run', 'wait', 'exec', '__launched']);

const TERMINAL_CLOSED = 129;

let keep: () => void = () => undefined;

const argv = process.argv.slice(2);
const invocation: Invocation = { execPath: process.execPath, bin: __filename, argv };

if (argv.length === 1 && argv[0] === '--version') {
  process.stdout.write(`${__DEVUP_VERSION__}\n`);
} else {
  route()
    .catch((bug: unknown) => {
      process.stderr.write(`error E470: a bug in devup\n${bug instanceof Error ? bug.stack : String(bug)}\n`);
      return 70;
    })
    .then(leave);
}

/** The fast path answers null for what it leaves to the whole program. */
async function route(): Promise<number> {
  if (FAST.has(argv[0])) {
    const { fast } = load<typeof import('./cli/fast.ts')>('fast.cjs');
    const code = await fast(invocation);
    if (code !== null) return code;
  }
  if (STARTS.has(argv[0] ?? '')) {
    const { fastStart } = load<typeof import('./cli/fast-start.ts')>('start.cjs');
    const code = await fastStart(invocation);
    if (code !== null) return code;
  }
  const { main } = await import('./cli/main.ts');
  return main(invocation);
}

/** A config is code: a timer, a watcher or a connection that it left open would keep the process for ever. */
async function leave(code: number): Promise<void> {
  process.exitCode = code;
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableLength > 0) await new Promise<void>((resolve) => stream.write('', () => resolve()));
  }
  keep();
  if (code === TERMINAL_CLOSED) letGoOfTerminal();
  process.exit();
}

/** Node wants to give a terminal back as it found it, and aborts when there is none any more. */
function letGoOfTerminal(): void {
  for (const fd of [0, 1, 2]) closeSync(fd);
}

/** Where compiled code is kept. Null through sudo: the folder would be the user's, and the files in it root's. */
function cacheFolder(): string | null {
  const { SUDO_UID, XDG_CACHE_HOME: xdg, HOME: home, LOCALAPPDATA: local } = process.env;
  const folder = SUDO_UID === undefined && (xdg || (home && join(home, '.cache')) || local);
  return folder ? join(folder, 'devup', 'compiled-by-node') : null;
}

/** One of the bundles beside this file. Node 22.8 and newer keep its compiled code themselves; for older ones we do. */
function load<Exports>(name: string): Exports {
  const { createRequire, enableCompileCache, wrap } = require('node:module') as typeof import('node:module') & {
    enableCompileCache?: (folder: string) => unknown;
    wrap(source: string): string;
  };
  const { constants, Script } = require('node:vm') as typeof import('node:vm');
  const file = join(__dirname, name);
  const folder = cacheFolder();
  if (folder === null || enableCompileCache) {
    if (folder !== null) enableCompileCache?.(folder);
    return require(file) as Exports;
  }
  const { mtimeMs, size } = statSync(file);
  const kept = join(folder, `${name}-${mtimeMs}-${size}-${process.version}`);
  const cachedData = readIfThere(kept);
  const script = new Script(wrap(readFileSync(file, 'utf8')), {
    filename: file,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    ...(cachedData ? { cachedData } : {}),
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));
  if (!cachedData || script.cachedDataRejected) keep = () => writeKept(folder, kept, script.createCachedData());
  return module.exports as Exports;
}

function readIfThere(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch {
    // A cache that cannot be read is no cache.
    return null;
  }
}

/** When the command is over: by then all that it needs is compiled. */
function writeKept(folder: string, file: string, data: Buffer): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.${process.pid}`, data, { flag: 'wx', mode: 0o600 });
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // Nor is one that cannot be written.
  }
}
