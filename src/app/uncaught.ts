/**
 * Errors that nobody caught: of devup, or of a config that left something behind. Whoever listens last answers for them:
 * the reading of a config, a session, else the command.
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { strayFailure } from '../config/evaluate/stray-error.ts';
import { isErrno } from '../model/errno.ts';
import type { Failure } from '../model/failure.ts';
import { maskSecrets } from '../model/secrets.ts';
import type { AppContext } from './context.ts';

const EVENTS = ['uncaughtException', 'unhandledRejection'] as const;

/** Returns how to stop listening. */
export function onUncaught(handle: (error: unknown) => void): () => void {
  const listeners = EVENTS.map((event) => {
    const listener = (error: unknown) => {
      if (process.listeners(event as 'uncaughtException').at(-1) === listener) handle(error);
    };
    process.on(event, listener);
    return () => void process.off(event, listener);
  });
  return () => {
    for (const off of listeners) off();
  };
}

/** The first one of them. */
export function firstUncaught(): { readonly error: Promise<unknown>; off(): void } {
  let tell: (error: unknown) => void = () => undefined;
  const error = new Promise<unknown>((resolve) => {
    tell = resolve;
  });
  return { error, off: onUncaught(tell) };
}

/**
 * While a session lives, `process.exit` in its process throws: what runs is ended in order, as after any other error.
 * Returns how to allow it again.
 */
export function refuseExit(): () => void {
  const refuse = (code: number) => {
    // Node marks the process before it emits this event; an error thrown here comes out of the call.
    (process as { _exiting?: boolean })._exiting = false;
    process.exitCode = undefined;
    throw new Error(`it called process.exit(${code})`);
  };
  process.prependListener('exit', refuse);
  return () => void process.off('exit', refuse);
}

/** E306 or E470. `folder`: where the stack trace is written down; null: nowhere. */
export function blame(error: unknown, { invocation, secrets }: AppContext, folder: string | null): Failure {
  const crashFile = folder === null ? null : writeCrash(folder, error, secrets);
  const late = strayFailure(error, dirname(invocation.bin));
  if (late) return { ...late, crashFile };
  return { code: 'E470', kind: 'bug', message: error instanceof Error ? error.message : String(error), crashFile };
}

function writeCrash(folder: string, error: unknown, secrets: Iterable<string>): string | null {
  const file = join(folder, `crash-${new Date().toISOString().replaceAll(':', '-')}.txt`);
  try {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    writeFileSync(file, `${maskSecrets(text, secrets)}\n`, { mode: 0o600, flag: 'wx' });
    return file;
  } catch (problem) {
    if (isErrno(problem, 'EACCES', 'ENOSPC', 'EDQUOT', 'EROFS', 'ENOENT', 'EEXIST', 'EMFILE', 'ENFILE')) return null;
    throw problem;
  }
}
