import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { Output } from '../../../src/render/output.ts';

/** A reader that takes one write at a time, when the test lets it. */
class SlowReader extends Writable {
  received = '';
  #next: ((error?: Error) => void) | null = null;

  override _write(bytes: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.received += bytes.toString();
    this.#next = done;
  }

  /** Lets every write through until none is left. */
  async read(): Promise<void> {
    while (this.#next) {
      const next = this.#next;
      this.#next = null;
      next();
      await new Promise(setImmediate);
    }
  }

  fail(code: string): void {
    this.#next?.(Object.assign(new Error(code), { code, syscall: 'write' }));
  }
}

describe('our own output', () => {
  test('a write into a pipe waits for the reader, and nothing is lost', async () => {
    const reader = new SlowReader();
    const output = new Output({ stream: reader, isTerminal: false });
    const order: string[] = [];
    const writes = [output.write('a'), output.write('b')].map((write, i) => write.then(() => order.push(`write ${i}`)));
    await new Promise(setImmediate);
    expect(order).toEqual([]);
    await reader.read();
    await Promise.all(writes);
    await output.flush();
    expect([reader.received, order]).toEqual(['ab', ['write 0', 'write 1']]);
  });

  test('a large amount of output waits in between, not for each write', async () => {
    const reader = new SlowReader();
    const output = new Output({ stream: reader, isTerminal: false });
    void output.write(Buffer.alloc(200 * 1024));
    await output.drained();
    void output.write(Buffer.alloc(200 * 1024));
    let kept = false;
    const drained = output.drained().then(() => {
      kept = true;
    });
    await new Promise(setImmediate);
    expect(kept).toBe(false);
    await reader.read();
    await drained;
  });

  test('a terminal that does not read blocks nothing, and learns how many lines it missed', async () => {
    const reader = new SlowReader();
    const output = new Output({ stream: reader, isTerminal: true, queueBytes: 100 });
    for (let i = 0; i < 50; i++) await output.write(`line ${i}\n`);
    expect(reader.received).toBe('line 0\n');
    await reader.read();
    await output.flush();
    const lines = reader.received.split('\n');
    const shown = lines.filter((line) => line.startsWith('line ')).length;
    expect(lines.at(-2)).toMatch(new RegExp(`^… ${50 - shown} lines dropped`));
    await output.write('later\n');
    await reader.read();
    expect(reader.received.endsWith('later\n')).toBe(true);
  });

  test('the count of dropped lines stands in their place, before any later output', async () => {
    const reader = new SlowReader();
    const output = new Output({ stream: reader, isTerminal: true, queueBytes: 20 });
    for (const line of ['first\n', 'second\n', `${'long'.repeat(20)}\n`, 'short\n']) await output.write(line);
    await reader.read();
    await output.flush();
    expect(reader.received).toMatch(/^first\nsecond\n… 2 lines dropped[^\n]*\n$/);
  });

  test('a reader that has left is a signal, and later writes are no error', async () => {
    const reader = new SlowReader();
    const output = new Output({ stream: reader, isTerminal: false });
    const write = output.write('a');
    const queued = output.write('b');
    reader.fail('EPIPE');
    await Promise.all([write, queued]);
    expect(output.closed.aborted).toBe(true);
    await output.write('c');
    await output.flush();
  });
});
