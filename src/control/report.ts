/** The supervisor's end of a launch's fd 3 (`launch.ts`): reports the progress of the start, and notices when the launcher is gone. */
import { Socket } from 'node:net';

export interface Reporter {
  /** Sends one line of JSON. Resolves when more may be written, or at once when the launcher is gone. */
  line(text: string): Promise<void>;
  /** Sends one line of JSON that asks a question. Resolves with the answering line; null when the launcher is gone. */
  ask(text: string): Promise<string | null>;
  /** Resolves if the launcher goes away before `end`, so that the start is undone. Otherwise it never settles. */
  readonly gone: Promise<void>;
  /** Sends the `done` line. Resolves when it is handed over, or when the launcher is gone. */
  end(text: string): Promise<void>;
}

/** An answer is a single word. */
const LONGEST_ANSWER = 1024;

/** Does not keep the process alive. Throws if `fd` is not a pipe or socket from a launcher. */
export function reportTo(fd: number): Reporter {
  const socket = new Socket({ fd, readable: true, writable: true });
  let over = false;
  const gone = new Promise<void>((resolve) => {
    socket.on('close', () => {
      if (!over) resolve();
    });
  });
  // EPIPE, ECONNRESET: the launcher is gone. 'close' follows.
  socket.on('error', () => {});
  // The launcher writes only answers, but reading also reveals its end.
  let held = '';
  let answered: (line: string | null) => void = () => {};
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const lines = (held + chunk).split('\n');
    held = (lines.pop() as string).slice(-LONGEST_ANSWER);
    for (const line of lines) answered(line);
  });
  socket.on('end', () => socket.destroy());
  socket.on('close', () => answered(null));
  socket.unref();
  return {
    gone,
    // `write` always calls back, with an error if the launcher is gone.
    line: (text) => new Promise((resolve) => void socket.write(`${text}\n`, () => resolve())),
    ask: (text) =>
      new Promise((resolve) => {
        answered = resolve;
        if (socket.destroyed) resolve(null);
        else socket.write(`${text}\n`);
      }),
    end(text) {
      over = true;
      socket.ref();
      return new Promise((resolve) => void socket.end(`${text}\n`, () => resolve()));
    },
  };
}
