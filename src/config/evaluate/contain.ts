/**
 * A config is code that runs in this process. Whatever it does instead of giving a value back is made a failure here:
 * it throws, now or later, it never settles, or it calls `process.exit`. One that spins is ended by Ctrl-C: devup
 * handles signals only after the config is loaded.
 */
import type { Failure } from '../../model/failure.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import { BrokenSource } from '../find/source.ts';
import { thrown } from './thrown.ts';

export interface ContainContext {
  readonly file: string;
  readonly clock: { sleep(ms: number, signal?: AbortSignal): Promise<void> };
  readonly timeoutMs: number;
}

/** Thrown out of `process.exit`, so that what follows it in the config does not run. */
class ConfigExit extends Error {
  readonly exitCode: number;
  constructor(exitCode: number) {
    super(`process.exit(${exitCode})`);
    this.exitCode = exitCode;
  }
}

let turn: Promise<unknown> = Promise.resolve();

/** One config after the other: what is watched here belongs to the whole process. */
export function contained<T>(context: ContainContext, run: () => Promise<T>): Promise<Result<T, Failure>> {
  const mine = turn.then(() => watched(context, run));
  const over = () => undefined;
  turn = mine.then(over, over);
  return mine;
}

async function watched<T>(context: ContainContext, run: () => Promise<T>): Promise<Result<T, Failure>> {
  const over = new AbortController();
  const restore = quietOutput();
  const exitCode = process.exitCode;
  let leave: ((reason: unknown) => void) | undefined;
  const escaped = new Promise<never>((_, reject) => {
    leave = reject;
  });
  const onError = (error: unknown) => leave?.(error);
  const onExit = (code: number) => {
    // `process.exit` marks the process before it emits this event; an error thrown here comes out of its call.
    (process as { _exiting?: boolean })._exiting = false;
    const exit = new ConfigExit(code);
    leave?.(exit);
    throw exit;
  };
  process.prependListener('exit', onExit);
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
    process.off('exit', onExit);
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
  return { code: 'E302', kind: 'config-broken', file, ...thrown(error, file) };
}

/** stdout is devup's answer, and may be JSON: what a config prints while it loads, by the console or not, goes to stderr. */
function quietOutput(): () => void {
  const { stdout, stderr } = process;
  const { write } = stdout;
  stdout.write = stderr.write.bind(stderr) as typeof write;
  return () => {
    stdout.write = write;
  };
}
