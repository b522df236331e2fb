/**
 * Runs a short command: a readiness or health test, or a stop command. It has the service's environment without the marker,
 * and a process group of its own, which is killed at the timeout.
 */
import type { Machine } from '../../../machine/machine.ts';
import type { Command, Service } from '../../../model/service.ts';
import { loadExeca } from '../../../processes/execa.ts';
import { locate } from './spawn.ts';

export interface CommandResult {
  readonly ok: boolean;
  /** The outcome for users: `exit code 3: last line of its output`. */
  readonly got: string;
}

const OUTPUT_LIMIT = 16 * 1024;

interface ShortCommand {
  readonly command: Command;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export async function runCommand(machine: Machine, service: Service, short: ShortCommand): Promise<CommandResult> {
  const { command, env, timeoutMs, signal } = short;
  const located = locate(service, command, env, machine.platform);
  if (!located.ok) return { ok: false, got: located.failure.code === 'E103' ? `no folder ${service.cwd}` : 'command not found' };
  const loaded = await loadExeca();
  if (typeof loaded === 'string') return { ok: false, got: loaded };
  const { execa } = loaded;
  const { file, args, env: full } = located.value;
  const child = execa(file, args, {
    cwd: service.cwd,
    env: full,
    extendEnv: false,
    stdin: 'ignore',
    all: true,
    // execa would end a command that prints more than its buffer holds.
    buffer: false,
    reject: false,
    detached: machine.platform.hasProcessGroups,
    cleanup: false,
  });
  let output = '';
  child.all?.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-OUTPUT_LIMIT);
  });
  const row = child.pid === undefined ? null : await machine.process(child.pid);
  const over = new AbortController();
  let timedOut = false;
  const endGroup = async () => {
    if (!row) return;
    await machine.signalGroup(row.pid, [row], 'SIGKILL');
    await machine.signal(row, 'SIGKILL');
  };
  const aborted = () => void endGroup();
  signal?.addEventListener('abort', aborted, { once: true });
  if (signal?.aborted) aborted();
  const deadline = machine.clock.sleep(timeoutMs, over.signal).then(
    () => {
      timedOut = true;
      return endGroup();
    },
    () => undefined,
  );
  try {
    // execa throws, even with `reject: false`, if no process could be started (EMFILE).
    const result = await child.catch((error: unknown) => ({ exitCode: undefined, message: String(error) }));
    const lastLine = output.trim().split('\n').at(-1) ?? '';
    if (timedOut) return { ok: false, got: `it was still running after ${timeoutMs} ms` };
    if (result.exitCode === 0) return { ok: true, got: lastLine };
    return { ok: false, got: `exit code ${result.exitCode ?? 'unknown'}${lastLine ? `: ${lastLine}` : ''}` };
  } finally {
    over.abort();
    await deadline;
    signal?.removeEventListener('abort', aborted);
  }
}
