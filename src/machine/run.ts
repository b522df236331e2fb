/** Runs a tool of the system (`lsof`, `ps`, `netstat`, `taskkill`) without a shell, with a timeout, and with English messages. */
import { existsSync } from 'node:fs';

export interface ToolAnswer {
  /** Null if the tool could not be started or was killed. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const largestOutputBytes = 64 * 1024 * 1024;

/**
 * Never rejects: the answer also describes a missing tool, a timeout and a failure. The standard paths come first in
 * `paths`, so that no other program of the same name on PATH is run.
 */
export function runTool(paths: readonly string[], args: readonly string[], timeoutMs: number): Promise<ToolAnswer> {
  const file = paths.find((path) => existsSync(path)) ?? paths.at(-1) ?? '';
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC0' };
  const { execFile } = process.getBuiltinModule('node:child_process');
  return new Promise((resolve) => {
    const options = { env, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: largestOutputBytes, windowsHide: true } as const;
    execFile(file, args, options, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      resolve({ exitCode, stdout, stderr });
    });
  });
}

/** Like `runTool`, but rejects unless the tool exits with 0. */
export async function requireTool(paths: readonly string[], args: readonly string[], timeoutMs: number): Promise<string> {
  const { exitCode, stdout, stderr } = await runTool(paths, args, timeoutMs);
  if (exitCode === 0) return stdout;
  const how = exitCode === null ? `cannot be run, or did not end within ${timeoutMs} ms` : `failed with exit code ${exitCode}`;
  throw new Error(`${paths[0]} ${how}${stderr === '' ? '' : `: ${stderr.trim()}`}`);
}
