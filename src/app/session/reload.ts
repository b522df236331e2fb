/**
 * Reads the config again for a running session, in a child with the session's environment, so that a config that exits,
 * loops or leaks cannot harm the supervisor. The child is this program with the internal word `__config`.
 */
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { dirname } from 'node:path';
import { parseObject } from '../../control/protocol.ts';
import { codeOf, isErrno } from '../../model/errno.ts';
import type { Failure } from '../../model/failure.ts';
import type { Platform } from '../../model/platform.ts';
import { fail } from '../../model/result.ts';
import type { Reloaded } from '../../model/session.ts';
import type { AppContext } from '../context.ts';
import { RELOAD_WORD } from '../internal-words.ts';

/** Longer than the child's own time limit, which has no effect while the config runs a busy loop. */
const LIMIT_MS = 15_000;
/** Time for the answer to arrive after the child has exited. */
const DRAIN_MS = 500;

/** The stack, or E302 … E305. `over` aborts when the session has ended. */
export async function reloadInChild(context: AppContext, file: string, over: AbortSignal): Promise<Reloaded> {
  const { execPath, bin } = context.invocation;
  const { spawn } = process.getBuiltinModule('node:child_process');
  const child = spawn(execPath, [bin, RELOAD_WORD, file], {
    cwd: dirname(file),
    env: context.env,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    detached: context.machine.platform.hasProcessGroups,
  });
  if (child.pid === undefined) {
    // The system has no descriptors, processes or memory left.
    const errno = codeOf(await new Promise<Error>((resolve) => child.once('error', resolve))) ?? 'unknown';
    return unread({
      code: 'E302',
      kind: 'config-broken',
      file,
      message: { kind: 'no-process', errno },
      line: null,
      column: null,
      stack: null,
    });
  }
  const exited = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('exit', (code) => resolve(code));
  });
  const settled = new AbortController();
  const limit = context.machine.clock.sleep(LIMIT_MS, AbortSignal.any([settled.signal, over])).then(
    () => 'too-late' as const,
    () => null,
  );
  // The child's own children may keep the pipe open after its exit.
  const silent = exited
    .then(() => context.machine.clock.sleep(DRAIN_MS, settled.signal))
    .then(
      () => null,
      () => null,
    );
  const answer = await Promise.race([answerOf(child), silent, limit]);
  settled.abort();
  // Timers of the config would keep the child alive.
  endGroup(child, context.machine.platform);
  child.stdio[3]?.destroy();
  if (answer === 'too-late') return unread({ code: 'E303', kind: 'config-hangs', file, timeoutMs: LIMIT_MS });
  const result = answer === null ? null : (parseObject(answer) as Reloaded | null);
  return result ?? unread({ code: 'E304', kind: 'config-exits', file, exitCode: (await exited) ?? 1 });
}

function unread(failure: Failure): Reloaded {
  return { stack: fail(failure), reads: [] };
}

/** The child's one line; null if the pipe closes without one. */
function answerOf(child: ChildProcess): Promise<string | null> {
  return new Promise((resolve) => {
    const pipe = child.stdio[3] as Socket | null | undefined;
    let text = '';
    pipe?.setEncoding('utf8');
    pipe?.on('data', (chunk: string) => {
      text += chunk;
      if (text.endsWith('\n')) resolve(text);
    });
    pipe?.on('error', () => undefined);
    pipe?.on('close', () => resolve(null));
  });
}

function endGroup({ pid, exitCode, signalCode }: ChildProcess, { hasProcessGroups }: Platform): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    // The child is not reaped yet, so its pid cannot be reused, and it leads its own group.
    process.kill(hasProcessGroups ? -pid : pid, 'SIGKILL');
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}

/** Called in the child. */
export async function sendReloaded(reloaded: Reloaded): Promise<void> {
  const { Socket } = process.getBuiltinModule('node:net');
  const pipe = new Socket({ fd: 3, writable: true, readable: false });
  await new Promise<void>((resolve) => pipe.end(`${JSON.stringify(reloaded)}\n`, () => resolve()));
}
