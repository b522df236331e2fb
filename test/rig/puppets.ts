/** A service under a test's thumb: its command for the config, its journal, and orders while it runs (see puppet.mjs). */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { eventually } from './eventually.ts';

const PROGRAM = join(import.meta.dirname, 'puppet.mjs');

export interface JournalEntry {
  readonly event: 'started' | 'listening' | 'listen-failed' | 'ready' | 'child' | 'signal' | 'request' | 'closed';
  readonly pid: number;
  /** Who wrote it. */
  readonly by: number;
  readonly [fact: string]: unknown;
}

export class Puppet {
  /** For `command` in a config, or to be spawned by the test itself. */
  readonly command: readonly [string, ...string[]];
  readonly #journal: string;
  readonly #control: string;

  constructor(folder: string, name: string, flags: readonly (string | number)[]) {
    this.#journal = join(folder, `${name}.ndjson`);
    this.#control = join(folder, `${name}.sock`);
    this.command = [process.execPath, PROGRAM, '--journal', this.#journal, '--control', this.#control, ...flags.map(String)];
  }

  journal(): readonly JournalEntry[] {
    let text: string;
    try {
      text = readFileSync(this.#journal, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as JournalEntry);
  }

  /** The `nth` entry of that kind (1 = the first), now or when it happens. */
  waitFor(event: JournalEntry['event'], nth = 1): Promise<JournalEntry> {
    const found = () => this.journal().filter((entry) => entry.event === event)[nth - 1];
    return eventually(() => `${event} (${nth}) in ${this.#journal}: ${JSON.stringify(this.journal())}`, found);
  }

  /** Every process that the puppet ever was, its children included. */
  pids(): readonly number[] {
    return [...new Set(this.journal().flatMap(({ pid, by }) => [pid, by]))];
  }

  /** Gives an order to the one that runs now; resolves when it is carried out. */
  tell(order: { readonly do: string; readonly [detail: string]: unknown }): Promise<void> {
    return new Promise((resolve, reject) => {
      let text = '';
      const socket = connect(this.#control).setEncoding('utf8');
      socket.on('data', (chunk: string) => {
        text += chunk;
      });
      socket.once('error', reject);
      socket.once('close', () => {
        // Told to exit or to hang, it may never answer.
        const reply = text === '' ? { ok: true } : (JSON.parse(text) as { ok: boolean; error?: string });
        if (reply.ok) resolve();
        else reject(new Error(`${JSON.stringify(order)}: ${reply.error}`));
      });
      socket.write(`${JSON.stringify(order)}\n`, () => {
        if (order.do === 'hang') socket.end(() => resolve());
      });
    });
  }
}
