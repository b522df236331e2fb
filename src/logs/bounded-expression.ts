/**
 * A user's regular expression that cannot freeze the process. V8 backtracks, so `(a+)+$` needs longer than anybody waits for a line of
 * forty characters. An expression that is cheap for its text at worst is tested at once; any other in a thread, which is ended with the
 * line that takes too long. The thread needs no timer of V8's, which aborts the whole process if no descriptor is free.
 */
import type { Worker } from 'node:worker_threads';
import { isErrno } from '../model/errno.ts';
import { matchCost } from './match-cost.ts';

type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

/** V8 tries some hundred steps in a microsecond. */
const MOST_STEPS = 5_000_000;
/** Nobody waits for the thread, so this may be long: a line must not count as endless because the machine is busy. */
const LINE_MS = 3000;
/** After this many lines that took too long, the expression is given up. */
const MOST_OVERRUNS = 3;

const [UNTESTED, NO, YES, OVERRUN] = [0, 1, 2, 3];

/** Runs in the thread. Each result is written where the other side sees it at once, so that it knows the line that takes long. */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
const expression = new RegExp(workerData.source, workerData.flags);
parentPort.on('message', ({ lines, results }) => {
  for (let i = 0; i < lines.length; i++) {
    try {
      results[i] = expression.test(lines[i]) ? ${YES} : ${NO};
    } catch {
      results[i] = ${OVERRUN};
    }
  }
  parentPort.postMessage(null);
});`;

export class BoundedExpression {
  readonly #expression: RegExp;
  readonly #cost: (length: number) => number;
  readonly #sleep: Sleep;
  readonly #closed = new AbortController();
  #thread: Worker | null = null;
  #overruns = 0;

  constructor({ source, flags }: { readonly source: string; readonly flags: string }, sleep: Sleep) {
    // With `g` or `y`, each test would begin where the last match ended.
    this.#expression = new RegExp(source, flags.replace(/[gy]/g, ''));
    this.#cost = matchCost(source);
    this.#sleep = sleep;
  }

  get source(): string {
    return this.#expression.source;
  }

  /** It has taken too long for several lines, and is tested no more. */
  get isGivenUp(): boolean {
    return this.#overruns >= MOST_OVERRUNS;
  }

  /** Some line has taken too long. */
  get hasOverrun(): boolean {
    return this.#overruns > 0;
  }

  /** Whether each line matches; null if that may take long at worst. */
  testAtOnce(lines: readonly string[]): readonly boolean[] | null {
    const steps = lines.reduce((sum, { length }) => sum + this.#cost(length), 0);
    if (steps > MOST_STEPS) return null;
    try {
      return lines.map((line) => this.#expression.test(line));
    } catch (error) {
      // V8 compiles an expression at its first use, and finds only then that it is too large.
      if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
      this.#overruns = MOST_OVERRUNS;
      return lines.map(() => false);
    }
  }

  /** Whether each line matches; null for a line that took too long, or was not tested. One call at a time. */
  async test(lines: readonly string[]): Promise<readonly (boolean | null)[]> {
    const atOnce = this.testAtOnce(lines);
    if (atOnce) return atOnce;
    const results = new Int8Array(new SharedArrayBuffer(lines.length));
    for (let from = 0; from < lines.length && !this.isGivenUp && !this.#closed.signal.aborted; ) {
      const rest = results.subarray(from);
      const answered = await this.#ask(lines.slice(from), rest);
      if (answered === 'no-thread') break;
      const untested = rest.indexOf(UNTESTED);
      this.#overruns += rest.subarray(0, untested === -1 ? rest.length : untested).filter((one) => one === OVERRUN).length;
      if (untested === -1) break;
      if (answered) throw new Error('the thread has left out a line');
      await this.#endThread();
      if (this.#closed.signal.aborted) break;
      rest[untested] = OVERRUN;
      this.#overruns++;
      from += untested + 1;
    }
    return Array.from(results, (result) => (result === YES ? true : result === NO ? false : null));
  }

  /** Ends the thread, and a test in progress. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#endThread();
  }

  /** Resolves with true when all lines are tested, or with false when one takes too long or ends the thread. */
  async #ask(lines: readonly string[], results: Int8Array): Promise<boolean | 'no-thread'> {
    const thread = this.#thread ?? (await this.#startThread());
    if (thread === null) return 'no-thread';
    const over = new AbortController();
    let settle: (answered: boolean) => void = () => undefined;
    const answered = new Promise<boolean>((resolve) => {
      settle = resolve;
    });
    const succeed = () => settle(true);
    // Also if its memory is used up.
    const failed = () => settle(false);
    thread.once('message', succeed).once('exit', failed);
    thread.postMessage({ lines, results });
    const signal = AbortSignal.any([over.signal, this.#closed.signal]);
    try {
      for (;;) {
        const before = results.indexOf(UNTESTED);
        const waited = this.#sleep(LINE_MS, signal).then(
          () => null,
          () => false,
        );
        const outcome = await Promise.race([answered, waited]);
        if (outcome !== null) return outcome;
        if (results.indexOf(UNTESTED) === before) return false;
      }
    } finally {
      over.abort();
      thread.off('message', succeed).off('exit', failed);
    }
  }

  /** Resolves when the thread runs, which may take long on a busy machine. Null: the system has no thread or descriptor free. */
  async #startThread(): Promise<Worker | null> {
    const thread = this.#createThread();
    if (thread === null) return null;
    this.#thread = thread;
    // `exit` follows.
    thread.on('error', () => undefined);
    // A test in progress keeps no process alive.
    thread.unref();
    const runs = await new Promise<boolean>((resolve) => {
      thread.once('online', () => resolve(true)).once('exit', () => resolve(false));
    });
    if (!runs) this.#thread = null;
    return runs ? thread : null;
  }

  #createThread(): Worker | null {
    const { Worker } = process.getBuiltinModule('node:worker_threads');
    const { source, flags } = this.#expression;
    const resourceLimits = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 };
    try {
      return new Worker(THREAD, { eval: true, workerData: { source, flags }, execArgv: [], resourceLimits });
    } catch (error) {
      if (isErrno(error, 'ERR_WORKER_INIT_FAILED', 'EMFILE', 'EAGAIN')) return null;
      throw error;
    }
  }

  async #endThread(): Promise<void> {
    const thread = this.#thread;
    this.#thread = null;
    await thread?.terminate();
  }
}
