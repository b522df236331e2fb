/** Prints the services' output as text on stdout. An unfinished line, such as a prompt, is printed after a moment. */
import { EscapeFilter } from '../../logs/escapes.ts';
import { LogStream } from '../../render/stream.ts';
import type { Context } from '../context.ts';
import type { Screen } from './screen.ts';

const UNFINISHED_MS = 200;

export interface LogTextOptions {
  readonly names: readonly string[];
  readonly prefix: boolean;
  readonly shown: Screen;
  readonly context: Context;
}

export class LogText {
  readonly #stream: LogStream;
  readonly #shown: Screen;
  readonly #context: Context;
  #timer: AbortController | null = null;

  constructor({ names, prefix, shown, context }: LogTextOptions) {
    this.#shown = shown;
    this.#context = context;
    this.#stream = new LogStream({
      names,
      colour: shown.outColour,
      prefix,
      filter: () => new EscapeFilter({ colour: shown.outColour, controls: context.stdout.isTTY ? 'visible' : 'unchanged' }),
      write: (bytes) => shown.out.write(bytes),
    });
  }

  push(chunk: Parameters<LogStream['push']>[0]): void {
    this.#stream.push(chunk);
  }

  /** Pushes a chunk that has just arrived. The rest of its last line may take a while. */
  pushLive(chunk: Parameters<LogStream['push']>[0]): void {
    this.push(chunk);
    if (this.#stream.holds) this.#timer ??= this.#showUnfinished();
  }

  /** To be called before something else is written to the same terminal. */
  breakLine(): void {
    if (this.#context.stdout.isTTY) this.#stream.breakLine();
  }

  async end(): Promise<void> {
    this.#timer?.abort();
    this.#stream.end();
    await this.#shown.out.flush();
  }

  #showUnfinished(): AbortController {
    const timer = new AbortController();
    this.#context.machine.clock.sleep(UNFINISHED_MS, timer.signal).then(
      () => {
        this.#timer = null;
        this.#stream.idle();
      },
      () => undefined,
    );
    return timer;
  }
}
