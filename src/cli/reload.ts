/**
 * Reads the config again for a running session: in a child, with the session's own environment, so that a config that
 * exits, spins or leaks cannot touch the supervisor. The child is this program with the internal word `__config`.
 */
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import type { Failure } from '../model/failure.ts';
import { fail, type Result } from '../model/result.ts';
import type { Stack } from '../model/service.ts';
import type { Context } from './context.ts';

/** The config's own limit is shorter; this one is for a loop that lets no timer run. */
const LIMIT_MS = 15_000;
export const RELOAD_WORD = '__config';

export async function reloadInChild(context: Context, file: string): Promise<Result<Stack, Failure>> {
  const { execPath, bin } = context.invocation;
  const child = spawn(execPath, [bin, RELOAD_WORD, file], {
    cwd: dirname(file),
    env: context.env,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    detached: context.machine.platform !== 'win32',
  });
  const over = new AbortController();
  let timedOut = false;
  const chunks: Buffer[] = [];
  child.stdio[3]?.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdio[3]?.on('error', () => undefined);
  const limit = context.machine.clock.sleep(LIMIT_MS, over.signal).then(
    () => {
      timedOut = true;
      child.kill('SIGKILL');
    },
    () => undefined,
  );
  const exitCode = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', (code) => resolve(code));
  });
  over.abort();
  await limit;
  const text = Buffer.concat(chunks).toString('utf8');
  if (text !== '') return JSON.parse(text) as Result<Stack, Failure>;
  if (timedOut) return fail({ code: 'E303', kind: 'config-hangs', file, timeoutMs: LIMIT_MS });
  return fail({ code: 'E304', kind: 'config-exits', file, exitCode: exitCode ?? 1 });
}

/** The child's side. */
export async function answerReload(load: () => Promise<Result<Stack, Failure>>): Promise<number> {
  const { Socket } = await import('node:net');
  const result = await load();
  const pipe = new Socket({ fd: 3, writable: true, readable: false });
  await new Promise<void>((resolve) => pipe.end(JSON.stringify(result), () => resolve()));
  return result.ok ? 0 : 3;
}
