/**
 * The command: a CommonJS stub that loads as little as possible. It prints the version itself, tries one of the
 * fast paths (a CommonJS file each of our own code), and else loads everything. The only file that knows about exiting: a command is
 * over when it says so, all that was written has left, and not when the last thing that a config opened is closed.
 *
 * Compiled code is kept in the user's cache folder where Node can do that (22.8 and newer).
 */
import { closeSync } from 'node:fs';
import type { Invocation } from './cli/context.ts';

const FAST = new Set([undefined, 'status', 'kill', 'stop', 'logs', 'ports']);
/** Commands that begin or change a session, and the supervisor behind `start -d`. */
const STARTS = new Set(['start', 'restart', 'run', 'wait', 'exec', '__launched']);

const TERMINAL_CLOSED = 129;

const argv = process.argv.slice(2);
const invocation: Invocation = { execPath: process.execPath, bin: __filename, argv };

if (argv.length === 1 && argv[0] === '--version') {
  process.stdout.write(`${__DEVUP_VERSION__}\n`);
} else {
  keepCompiledCode();
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
    const { fast } = require('./cli/fast.ts') as typeof import('./cli/fast.ts');
    const code = await fast(invocation);
    if (code !== null) return code;
  }
  if (STARTS.has(argv[0] ?? '')) {
    const { fastStart } = require('./cli/fast-start.ts') as typeof import('./cli/fast-start.ts');
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
  if (code === TERMINAL_CLOSED) letGoOfTerminal();
  process.exit();
}

/** Node wants to give a terminal back as it found it, and aborts when there is none any more. */
function letGoOfTerminal(): void {
  for (const fd of [0, 1, 2]) closeSync(fd);
}

function keepCompiledCode(): void {
  // Through sudo the folder would be the user's and the files in it root's.
  if (process.env['SUDO_UID'] !== undefined) return;
  const { enableCompileCache } = require('node:module') as { enableCompileCache?: (folder: string) => unknown };
  const { XDG_CACHE_HOME: xdg, HOME: home, LOCALAPPDATA: local } = process.env;
  const folder = xdg || (home && `${home}/.cache`) || local;
  if (folder) enableCompileCache?.(`${folder}/devup/compiled-by-node`);
}
