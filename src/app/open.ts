/** Opens an address with the desktop's opener, without a shell and without waiting for the browser to close. */
import { MARKER_VARIABLE } from '../model/stack-id.ts';
import { findProgram } from '../supervisor/service/process/command-line.ts';
import type { AppContext } from './context.ts';
import type { Program } from './run/terminal-command.ts';

/** A broken opener fails at once; a working one may run as long as the browser. */
const FAILS_WITHIN_MS = 1000;

/** Null without an opener or without a display. */
export function findOpener({ machine, env, cwd }: AppContext): Program | null {
  const { openers, screenVariables } = machine.platform.desktop;
  if (screenVariables.length > 0 && !screenVariables.some((name) => env[name])) return null;
  for (const [name, ...args] of openers) {
    const found = findProgram(name, cwd, env['PATH'] ?? '', machine.platform);
    if (found && 'file' in found) return { file: found.file, args };
  }
  return null;
}

/** False when the opener could not be run or exited with a failure. */
export async function openWith({ file, args }: Program, url: string, { env, cwd, machine }: AppContext): Promise<boolean> {
  const { spawn } = process.getBuiltinModule('node:child_process');
  const child = spawn(file, [...args, url], {
    cwd,
    env: { ...env, [MARKER_VARIABLE]: undefined },
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
  });
  const ended = new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
  const settled = new AbortController();
  const works = await Promise.race([
    ended,
    machine.clock.sleep(FAILS_WITHIN_MS, settled.signal).then(
      () => true,
      () => true,
    ),
  ]);
  settled.abort();
  child.unref();
  return works;
}
