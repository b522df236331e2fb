/**
 * The command: a CommonJS stub that loads as little as possible. It prints the version itself, help from a small file, and loads
 * the program from the bundle that holds the command. The only file that knows
 * about exiting: a command is over when it says so, all that was written has left, and not when the last thing that a
 * config opened is closed.
 *
 * Compiled code is kept in the user's cache folder: by Node where it can do that (22.8 and newer), else by us.
 */
import { closeSync, writeSync } from 'node:fs';
import type { Invocation } from './app/context.ts';
import type { Compiled } from './cli/code-cache.ts';
import { SINGLE_THREAD_FLAGS } from './control/v8-flags.ts';

type Program = typeof import('./cli/main.ts');

const TERMINAL_CLOSED = 129;

/** Those that we were not started with, as a supervisor behind `start -d` is. */
const POOL_FLAGS = SINGLE_THREAD_FLAGS.filter((flag) => !process.execArgv.includes(flag));
/** What is over sooner has no old generation that V8 would want to collect. */
const LONG_MS = 500;

const argv = process.argv.slice(2);
const bundle = new Map(__DEVUP_BUNDLES__).get(argv[0] ?? '') ?? 'rest';
const invocation: Invocation = { execPath: process.execPath, bin: __filename, argv };
let ran: Compiled<Program> | null = null;

const help = helpText();
if (argv.length === 1 && argv[0] === '--version') {
  sayVersion();
} else if (help !== null) {
  print(help);
} else {
  route()
    .catch((bug: unknown) => {
      process.stderr.write(`error E470: a bug in devup\n${bug instanceof Error ? bug.stack : String(bug)}\n`);
      return 70;
    })
    .then(leave);
}

/** `process.stdout` is made of modules that take longer to load than all else that this needs. */
function sayVersion(): void {
  const text = `${__DEVUP_VERSION__}\n`;
  try {
    writeSync(1, text);
  } catch {
    // A pipe that is full right now can be waited for by a stream.
    print(text);
  }
}

/** A pipe is closed by a reader that has read enough. */
function print(text: string): void {
  process.stdout.on('error', () => undefined).write(text);
}

function helpText(): string | null {
  if (argv.length > 2 || !['--help', '-h'].includes(argv.at(-1) ?? '')) return null;
  const { helpAsked } = require('./cli/parse/help.ts') as typeof import('./cli/parse/help.ts');
  return helpAsked(argv, process.stdout.columns);
}

async function route(): Promise<number> {
  const folder = keepCompiledCode();
  if (POOL_FLAGS.length > 0) setTimeout(codeOnOneThread, LONG_MS).unref();
  const { main } = bundle === 'rest' ? await import('./cli/main.ts') : load(`${__dirname}/${bundle}.cjs`, folder);
  return main(invocation);
}

/** See `SINGLE_THREAD_FLAGS`. V8 takes no code that other flags made: what Node has to keep is kept first. */
function codeOnOneThread(): void {
  const { flushCompileCache } = require('node:module') as { flushCompileCache?: () => void };
  flushCompileCache?.();
  const { setFlagsFromString } = require('node:v8') as typeof import('node:v8');
  for (const flag of POOL_FLAGS) setFlagsFromString(flag);
}

/** A config is code: a timer, a watcher or a connection that it left open would keep the process for ever. */
async function leave(code: number): Promise<void> {
  process.exitCode = code;
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableLength > 0) await new Promise<void>((resolve) => stream.write('', () => resolve()));
  }
  if (code === TERMINAL_CLOSED) letGoOfTerminal();
  if (isWholeRun(code)) ran?.keep();
  process.exit();
}

/** What a start ran that failed early is little of what the next one will run: kept, it would be all that is ever kept. */
function isWholeRun(code: number): boolean {
  return bundle !== 'session' || code === 0 || code > 128;
}

/** Node wants to give a terminal back as it found it, and aborts when there is none any more. */
function letGoOfTerminal(): void {
  for (const fd of [0, 1, 2]) closeSync(fd);
}

function load(file: string, folder: string | null): Program {
  if (folder === null) return require(file) as Program;
  const { runCompiled } = require('./cli/code-cache.ts') as typeof import('./cli/code-cache.ts');
  // With `-d` another process runs the session.
  const kind = argv.some((word) => word === '-d' || word === '--detach') ? 'detached' : '';
  ran = runCompiled<Program>(file, folder, `${argv[0] ?? 'bare'}${kind}`, require);
  return ran.exports;
}

/** The folder for code that we compile and keep; null where Node does that, or where there is no place for it. */
function keepCompiledCode(): string | null {
  const { SUDO_UID: sudo, NODE_DISABLE_COMPILE_CACHE: disabled, XDG_CACHE_HOME: xdg, HOME: home, LOCALAPPDATA: local } = process.env;
  // Through sudo the folder would be the user's and the files in it root's.
  if (sudo !== undefined || disabled !== undefined) return null;
  const caches = xdg || (home && `${home}/.cache`) || local;
  if (!caches) return null;
  const { enableCompileCache } = require('node:module') as { enableCompileCache?: (folder: string) => unknown };
  if (!enableCompileCache) return `${caches}/devup/compiled`;
  enableCompileCache(`${caches}/devup/compiled-by-node`);
  return null;
}
