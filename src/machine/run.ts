/** Runs a tool of the system (`lsof`, `ps`, `netstat`, `taskkill`) without a shell, with a deadline, its messages in English. */
import { existsSync } from 'node:fs';

export interface ToolAnswer {
  /** Null when the tool could not be run at all, or not to its end. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const largestOutputBytes = 64 * 1024 * 1024;

/**
 * Never rejects for what the tool does: a missing tool, a deadline and a failure are in the answer. The standard place
 * comes first, so that a program of the same name on PATH is not taken for it.
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

/** As `runTool`, for tools without which nothing can be known: an answer that is not whole is an error. */
export async function requireTool(paths: readonly string[], args: readonly string[], timeoutMs: number): Promise<string> {
  const { exitCode, stdout, stderr } = await runTool(paths, args, timeoutMs);
  if (exitCode === 0) return stdout;
  const how = exitCode === null ? `cannot be run, or did not end within ${timeoutMs} ms` : `failed with exit code ${exitCode}`;
  throw new Error(`${paths[0]} ${how}${stderr === '' ? '' : `: ${stderr.trim()}`}`);
}
