/**
 * A config is code that runs in this process. This file turns everything but a returned value into a failure: an error,
 * thrown now or later (E302), a promise that never settles (E303), a call of `process.exit` (E304). Ctrl-C ends a config
 * that loops: devup handles signals only after the config is loaded.
 */
import type { Failure } from '../../model/failure.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import { BrokenSource } from '../find/source.ts';
import { throwOnExit } from './throwing-exit.ts';
import { describeThrown } from './thrown.ts';

export interface ContainContext {
  readonly file: string;
  readonly clock: { sleep(ms: number, signal?: AbortSignal): Promise<void> };
  readonly timeoutMs: number;
}

/** Thrown from `process.exit`, so that the code after the call does not run. */
class ConfigExit extends Error {
  readonly exitCode: number;
  constructor(exitCode: number) {
    super(`process.exit(${exitCode})`);
    this.exitCode = exitCode;
  }
}

let turn: Promise<unknown> = Promise.resolve();

/** Runs one config at a time: exit, stdout and uncaught errors belong to the whole process. */
export function contain<T>(context: ContainContext, run: () => Promise<T>): Promise<Result<T, Failure>> {
  const mine = turn.then(() => runWatched(context, run));
  const over = () => undefined;
  turn = mine.then(over, over);
  return mine;
}

async function runWatched<T>(context: ContainContext, run: () => Promise<T>): Promise<Result<T, Failure>> {
  const over = new AbortController();
  const restore = quietOutput();
  const exitCode = process.exitCode;
  let leave: ((reason: unknown) => void) | undefined;
  const escaped = new Promise<never>((_, reject) => {
    leave = reject;
  });
  const onError = (error: unknown) => leave?.(error);
  const allowExit = throwOnExit((code) => {
    const exit = new ConfigExit(code);
    leave?.(exit);
    return exit;
  });
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
  const hung = context.clock.sleep(context.timeoutMs, over.signal).then(
    () => fail<Failure>({ code: 'E303', kind: 'config-hangs', file: context.file, timeoutMs: context.timeoutMs }),
    () => null,
  );
  try {
    const done = Promise.race([run(), escaped]).then(
      (value) => ok(value),
      (error: unknown) => fail(toFailure(error, context.file)),
    );
    const result = (await Promise.race([done, hung])) ?? (await done);
    if (!result.ok && result.failure.code === 'E304') process.exitCode = exitCode;
    return result;
  } finally {
    over.abort();
    allowExit();
    process.off('uncaughtException', onError);
    process.off('unhandledRejection', onError);
    restore();
  }
}

function toFailure(error: unknown, file: string): Failure {
  if (error instanceof ConfigExit) return { code: 'E304', kind: 'config-exits', file, exitCode: error.exitCode };
  if (error instanceof BrokenSource) {
    return { code: 'E302', kind: 'config-broken', file, message: error.message, line: error.line, column: error.column, stack: null };
  }
  return { code: 'E302', kind: 'config-broken', file, ...describeThrown(error, file) };
}

/** stdout carries devup's own output, which may be JSON, so what a config prints while it loads goes to stderr. */
function quietOutput(): () => void {
  const { stdout, stderr } = process;
  const { write } = stdout;
  stdout.write = stderr.write.bind(stderr) as typeof write;
  return () => {
    stdout.write = write;
  };
}
