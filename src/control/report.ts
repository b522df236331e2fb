/** The supervisor's end of fd 3 of a launch (`launch.ts`): it tells how the start goes, and sees when its launcher is gone. */
import { Socket } from 'node:net';

export interface Reporter {
  /** One line of JSON. Resolves when more may be written, at once when the launcher is gone. */
  line(text: string): Promise<void>;
  /** One line of JSON that asks. Resolves with the line that comes back; null when the launcher is gone. */
  ask(text: string): Promise<string | null>;
  /** Resolves if the launcher goes away before `end`: the start is to be undone. Never otherwise. */
  readonly gone: Promise<void>;
  /** The `done` line. Resolves when it has been handed over, or nobody is there to take it. */
  end(text: string): Promise<void>;
}

/** An answer is a word. */
const LONGEST_ANSWER = 1024;

/** Does not keep the process alive. Throws when `fd` is not a pipe or a socket that somebody gave us. */
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
  // The launcher writes answers only; reading also shows its end.
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
    // The callbacks come in any case: with an error when it is gone.
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
