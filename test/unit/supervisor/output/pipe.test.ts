import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Pipe, pipeOfDescriptor } from '../../../../src/supervisor/output/pipe.ts';

describe.skipIf(process.platform === 'win32')('the pipes of services', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'devup-pipe-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function pipe(name: string): { readonly pipe: Pipe; readonly fd: number } {
    const path = join(folder, name);
    execFileSync('mkfifo', [path]);
    const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return { pipe: pipeOfDescriptor(readFd), fd: openSync(path, constants.O_WRONLY) };
  }

  /** The chunks, and when this many bytes were there. */
  function reading(pipe: Pipe) {
    const pieces: Buffer[] = [];
    let wanted = Number.POSITIVE_INFINITY;
    let reached: () => void = () => undefined;
    pipe.read((bytes) => {
      pieces.push(Buffer.from(bytes));
      if (Buffer.concat(pieces).length >= wanted) reached();
    });
    return {
      text: () => Buffer.concat(pieces).toString(),
      upTo: (bytes: number) =>
        new Promise<void>((resolve) => {
          wanted = bytes;
          reached = resolve;
          if (Buffer.concat(pieces).length >= wanted) resolve();
        }),
    };
  }

  test('share one buffer, and each gets its own bytes, also those written before it was read', async () => {
    const [one, two] = [pipe('one'), pipe('two')];
    writeSync(one.fd, '1'.repeat(40_000));
    writeSync(two.fd, '2'.repeat(50_000));
    // The open pipe reports later writes, so a report of this one would have come by now.
    const other = pipe('other');
    const heard = reading(other.pipe);
    for (const bytes of [1, 2, 3]) {
      writeSync(other.fd, 'x');
      await heard.upTo(bytes);
    }
    const [first, second] = [reading(one.pipe), reading(two.pipe)];
    await Promise.all([first.upTo(40_000), second.upTo(50_000)]);
    expect(first.text() === '1'.repeat(40_000) && second.text() === '2'.repeat(50_000)).toBe(true);
    const closed = Promise.all([one, two].map((each) => new Promise<void>((resolve) => each.pipe.onClose(resolve))));
    for (const { fd } of [one, two, other]) closeSync(fd);
    await closed;
  });

  test('give nothing while paused, and everything afterwards, including the end', async () => {
    const { pipe: paused, fd } = pipe('paused');
    const read = reading(paused);
    paused.pause();
    let closed = false;
    const end = new Promise<void>((resolve) => paused.onClose(resolve)).then(() => {
      closed = true;
    });
    writeSync(fd, 'later');
    closeSync(fd);
    // A pipe that is not paused reports it at once.
    const other = pipe('other');
    const heard = reading(other.pipe);
    writeSync(other.fd, 'x');
    await heard.upTo(1);
    expect([read.text(), closed]).toEqual(['', false]);
    paused.resume();
    await end;
    expect(read.text()).toBe('later');
    other.pipe.destroy();
    closeSync(other.fd);
  });
});
