/**
 * Starts a supervisor that outlives the launcher, and follows its start until it succeeds or fails. Loads built-ins only.
 *
 *   launcher ── spawn, own session, output to a log ──▶ supervisor
 *      ◀── fd 3: lines of JSON, the last one `done`; answers go back ──┘      (`report.ts` is the other end)
 *
 * `ends` in the `done` line means that the supervisor is about to exit as well, as after a failed start; the launcher waits for that.
 *
 * fd 3 is a socket pair (Node's 'pipe'), so each side notices the other's end. Without a `done` line the launch has failed. If the
 * launcher dies before that line, the supervisor undoes the start.
 */
import type { ChildProcess } from 'node:child_process';
import { closeSync, constants, fstatSync, ftruncateSync, mkdirSync, openSync, readSync } from 'node:fs';
import type { Socket } from 'node:net';
import path from 'node:path';
import { DEBUG_VARIABLE } from '../model/debugger.ts';
import { errnoOf } from '../model/errno.ts';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { parseObject } from './protocol.ts';
import { SMALL_PROCESS_FLAGS } from './v8-flags.ts';

export interface LaunchOptions {
  /** The path of Node. */
  readonly execPath: string;
  /** The program that Node runs, with these arguments. */
  readonly bin: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the file for the supervisor's own output; its folder is created as a private one. */
  readonly log: string;
  /** Receives each line of fd 3 without its line end, including `done`. `answer` sends a line back, to a line that asks. */
  readonly onLine: (line: string, answer: (text: string) => void) => void;
  /** The launcher was interrupted: undo the start (SIGTERM to the supervisor), and wait for that. */
  readonly signal: AbortSignal;
  /** Interrupted a second time: kill everything at once (SIGQUIT to the supervisor). */
  readonly urgent?: AbortSignal;
}

const LOG_LIMIT_BYTES = 1024 * 1024;
const TAIL_BYTES = 16 * 1024;
const TAIL_LINES = 20;
const LONGEST_LINE = 16 * 1024 * 1024;

/**
 * Resolves with the exit code of the `done` line. After an interruption, or a `done` with `ends`, it first waits for the supervisor's
 * exit. Fails with E406 (log), E408 (exit without a `done`) or E115 (interrupted). Afterwards nothing keeps this process alive.
 */
export async function launch(options: LaunchOptions): Promise<Result<{ readonly exitCode: number }, Failure>> {
  if (options.signal.aborted) return fail(cancelled(options.signal));
  const log = openLog(options.log);
  if (!log.ok) return log;
  const { fd } = log.value;
  try {
    const outcome = await run(options, fd);
    if (typeof outcome === 'number') return ok({ exitCode: outcome });
    if (options.signal.aborted) return fail(cancelled(options.signal));
    const printed = tail(fd, log.value.from);
    return fail({ code: 'E408', kind: 'launch-failed', log: options.log, lastLines: outcome === null ? printed : [...printed, outcome] });
  } finally {
    closeSync(fd);
  }
}

function cancelled(signal: AbortSignal): Failure {
  return { code: 'E115', kind: 'start-cancelled', by: typeof signal.reason === 'string' ? signal.reason : 'interrupt' };
}

/** The exit code of `done`; null without one; an error message if the spawn failed. */
async function run(options: LaunchOptions, fd: number): Promise<number | string | null> {
  const { spawn } = process.getBuiltinModule('node:child_process');
  const child = spawn(options.execPath, [...SMALL_PROCESS_FLAGS, options.bin, ...options.argv], {
    cwd: options.cwd,
    // A session that somebody starts on a debugger's terminal is no part of what is debugged.
    env: { ...options.env, [DEBUG_VARIABLE]: undefined },
    detached: true,
    windowsHide: true,
    stdio: ['ignore', fd, fd, 'pipe'],
  });
  const exited = new Promise<string | null>((resolve) => {
    child.once('exit', () => resolve(null));
    child.once('error', (error) => resolve(error.message));
  });
  const pipe = child.stdio[3] as unknown as Socket | undefined;
  if (child.pid === undefined || !pipe) return exited;
  const stop = () => void child.kill('SIGTERM');
  const kill = () => void child.kill('SIGQUIT');
  options.signal.addEventListener('abort', stop, { once: true });
  options.urgent?.addEventListener('abort', kill, { once: true });
  try {
    const done = await readReport(pipe, options.onLine);
    // Until the child is reaped, its pid is not reused, so `kill` can only reach the child.
    if (!done || done.ends || options.signal.aborted) await exited;
    return done?.exitCode ?? null;
  } finally {
    options.signal.removeEventListener('abort', stop);
    options.urgent?.removeEventListener('abort', kill);
    detach(child, pipe);
  }
}

function detach(child: ChildProcess, pipe: Socket): void {
  pipe.destroy();
  child.unref();
}

/** Resolves with `done`, or with null when the other end is gone. */
function readReport(pipe: Socket, onLine: LaunchOptions['onLine']): Promise<{ readonly exitCode: number; readonly ends: boolean } | null> {
  const answer = (text: string) => void pipe.write(`${text}\n`);
  return new Promise((resolve) => {
    let held = '';
    pipe.setEncoding('utf8');
    pipe.on('data', (chunk: string) => {
      const lines = (held + chunk).split('\n');
      held = lines.pop() as string;
      if (held.length > LONGEST_LINE) return void pipe.destroy();
      for (const line of lines) {
        onLine(line, answer);
        const value = parseObject(line);
        if (value?.['type'] === 'done' && Number.isSafeInteger(value['exitCode']))
          return resolve({ exitCode: value['exitCode'] as number, ends: value['ends'] === true });
      }
    });
    // ECONNRESET: the other end died with data of ours unread. 'close' follows.
    pipe.on('error', () => {});
    pipe.on('close', () => resolve(null));
  });
}

function openLog(file: string): Result<{ readonly fd: number; readonly from: number }, Failure> {
  try {
    const folder = path.dirname(file);
    // Only the stack's own folder is private: services may keep data beside it under another user.
    mkdirSync(path.dirname(folder), { recursive: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const fd = openSync(file, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0), 0o600);
    const { size } = fstatSync(fd);
    if (size <= LOG_LIMIT_BYTES) return ok({ fd, from: size });
    ftruncateSync(fd);
    return ok({ fd, from: 0 });
  } catch (error) {
    return fail({ code: 'E406', kind: 'folder-not-writable', folder: path.dirname(file), errno: errnoOf(error) });
  }
}

/** The last lines printed since this launch. */
function tail(fd: number, from: number): readonly string[] {
  const { size } = fstatSync(fd);
  const begin = Math.max(from, size - TAIL_BYTES);
  const bytes = Buffer.alloc(Math.max(0, size - begin));
  const read = readSync(fd, bytes, 0, bytes.length, begin);
  return bytes
    .toString('utf8', 0, read)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .slice(-TAIL_LINES);
}
