/**
 * Uncaught errors, of devup or of a config that left something running. The latest listener handles them: the evaluation of
 * a config, then a session, then the command.
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { strayFailure } from '../config/evaluate/stray-error.ts';
import { throwOnExit } from '../config/evaluate/throwing-exit.ts';
import { isErrno } from '../model/errno.ts';
import type { Failure } from '../model/failure.ts';
import { maskSecrets } from '../model/secrets.ts';
import type { AppContext } from './context.ts';

const EVENTS = ['uncaughtException', 'unhandledRejection'] as const;

/** Listens for uncaught errors. Returns how to stop. */
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

/** Resolves with the first uncaught error. */
export function firstUncaught(): { readonly error: Promise<unknown>; off(): void } {
  let resolveError: (error: unknown) => void = () => undefined;
  const error = new Promise<unknown>((resolve) => {
    resolveError = resolve;
  });
  return { error, off: onUncaught(resolveError) };
}

/**
 * Makes `process.exit` throw while a session runs, so that its services are ended in order, as after any other error.
 * Returns how to allow it again.
 */
export function refuseExit(): () => void {
  return throwOnExit((code) => {
    process.exitCode = undefined;
    return new Error(`it called process.exit(${code})`);
  });
}

/** The failure of an uncaught error: E306 or E470. Writes the stack trace into `folder` unless it is null. */
export function blame(error: unknown, { invocation, secrets }: AppContext, folder: string | null): Failure {
  const crashFile = folder === null ? null : writeCrash(folder, error, secrets);
  const ofConfig = strayFailure(error, dirname(invocation.bin));
  if (ofConfig) return { ...ofConfig, crashFile };
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
