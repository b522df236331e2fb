/**
 * The `devup` command: a CommonJS stub that loads as little as possible. It prints the version itself, prints help from a small
 * file, and loads any other command from the bundle that holds it. Only this file exits the process: when the command has
 * returned and its output is written, whatever a config has left open.
 *
 * Compiled code is cached in the user's cache folder, by Node 22.8 and newer, or by `cli/code-cache.ts`.
 */
import { closeSync, writeSync } from 'node:fs';
import type { Invocation } from './app/context.ts';
import type { Compiled } from './cli/code-cache.ts';
import { SINGLE_THREAD_FLAGS } from './control/v8-flags.ts';
import { cachesFolderHere } from './machine/caches-folder.ts';

type Program = typeof import('./cli/main.ts');

const TERMINAL_CLOSED = 129;

/** Flags that this process was not started with; the supervisor of `start -d` is started with all of them. */
const POOL_FLAGS = SINGLE_THREAD_FLAGS.filter((flag) => !process.execArgv.includes(flag));
/** A shorter command has no old generation for V8 to collect. */
const LONG_RUN_MS = 500;

const argv = process.argv.slice(2);
const bundle = new Map(__DEVUP_BUNDLES__).get(argv[0] ?? '') ?? 'rest';
const invocation: Invocation = { execPath: process.execPath, bin: __filename, argv };
let compiled: Compiled<Program> | null = null;

const help = helpText();
if (argv.length === 1 && argv[0] === '--version') {
  printVersion();
} else if (help !== null) {
  print(help);
} else {
  route()
    .catch((bug: unknown) => {
      process.stderr.write(`error E470: a bug in devup\n${bug instanceof Error ? bug.stack : String(bug)}\n`);
      return 70;
    })
    .then(exitWith);
}

/** Writes to fd 1, because the modules of `process.stdout` take longer to load than everything else here. */
function printVersion(): void {
  const text = `${__DEVUP_VERSION__}\n`;
  try {
    writeSync(1, text);
  } catch {
    // A stream waits for a pipe that is full.
    print(text);
  }
}

/** Ignores errors: a reader may close the pipe early. */
function print(text: string): void {
  process.stdout.on('error', () => undefined).write(text);
}

function helpText(): string | null {
  if (argv.length > 2 || !['--help', '-h'].includes(argv.at(-1) ?? '')) return null;
  const { helpAsked } = require('./cli/parse/help.ts') as typeof import('./cli/parse/help.ts');
  return helpAsked(argv, process.stdout.columns);
}

async function route(): Promise<number> {
  const folder = enableCodeCache();
  if (POOL_FLAGS.length > 0) setTimeout(setSingleThreadFlags, LONG_RUN_MS).unref();
  const { main } = bundle === 'rest' ? await import('./cli/main.ts') : load(`${__dirname}/${bundle}.cjs`, folder);
  return main(invocation);
}

/** Sets `SINGLE_THREAD_FLAGS`. V8 rejects cached code made with other flags, so Node's compile cache is flushed first. */
function setSingleThreadFlags(): void {
  const { flushCompileCache } = require('node:module') as { flushCompileCache?: () => void };
  flushCompileCache?.();
  const { setFlagsFromString } = require('node:v8') as typeof import('node:v8');
  for (const flag of POOL_FLAGS) setFlagsFromString(flag);
}

/** Exits explicitly: a timer, watcher or connection of the config would keep the process alive. */
async function exitWith(code: number): Promise<void> {
  process.exitCode = code;
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableLength > 0) await new Promise<void>((resolve) => stream.write('', () => resolve()));
  }
  if (code === TERMINAL_CLOSED) closeTerminal();
  if (isWholeRun(code)) compiled?.keep();
  process.exit();
}

/** Whether the compiled code is worth caching. A start that failed early has run little of it, and that cache would stay. */
function isWholeRun(code: number): boolean {
  return bundle !== 'session' || code === 0 || code > 128;
}

/** Node restores the terminal's settings on exit, and aborts if the terminal is gone. */
function closeTerminal(): void {
  for (const fd of [0, 1, 2]) closeSync(fd);
}

function load(file: string, folder: string | null): Program {
  if (folder === null) return require(file) as Program;
  const { runCompiled } = require('./cli/code-cache.ts') as typeof import('./cli/code-cache.ts');
  // With `-d` another process runs the session.
  const kind = argv.some((word) => word === '-d' || word === '--detach') ? 'detached' : '';
  compiled = runCompiled<Program>(file, folder, `${argv[0] ?? 'bare'}${kind}`, require);
  return compiled.exports;
}

/** The folder for `cli/code-cache.ts`; null if Node caches compiled code itself or there is no folder for it. */
function enableCodeCache(): string | null {
  const { SUDO_UID: sudo, NODE_DISABLE_COMPILE_CACHE: disabled } = process.env;
  // Under sudo, root's files would end up in the user's folder.
  if (sudo !== undefined || disabled !== undefined) return null;
  const caches = cachesFolderHere(process.env);
  if (!caches) return null;
  const { enableCompileCache } = require('node:module') as { enableCompileCache?: (folder: string) => unknown };
  if (!enableCompileCache) return `${caches}/devup/compiled`;
  enableCompileCache(`${caches}/devup/compiled-by-node`);
  return null;
}
