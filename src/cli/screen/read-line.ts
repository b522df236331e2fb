/**
 * One line that somebody types; null at the end of the input, and when `signal` is aborted. Without readline's own
 * handling of the terminal: it would take the keys from it, Ctrl-C among them.
 */
export function readLine(input: NodeJS.ReadStream, signal: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    const lines = process.getBuiltinModule('node:readline').createInterface({ input, terminal: false });
    const leave = () => lines.close();
    const settle = (answer: string | null) => {
      resolve(answer);
      signal.removeEventListener('abort', leave);
      lines.close();
      // Reading on would keep this process, and take what is typed for others.
      input.pause();
      input.unref();
    };
    lines.once('line', settle);
    lines.once('close', () => settle(null));
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  });
}
