/** A service that a test controls: its command for the config, its journal, and orders while it runs (see puppet.mjs). */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { eventually } from './eventually.ts';

const PROGRAM = join(import.meta.dirname, 'puppet.mjs');

export interface JournalEntry {
  readonly event: 'started' | 'listening' | 'listen-failed' | 'ready' | 'child' | 'signal' | 'request' | 'closed';
  readonly pid: number;
  /** The pid of the puppet that wrote it. */
  readonly by: number;
  readonly [fact: string]: unknown;
}

export class Puppet {
  /** The command, for a config or for the test to spawn. */
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

  /** Resolves with the `nth` entry of that kind (1 = the first), when there is one. */
  waitFor(event: JournalEntry['event'], nth = 1): Promise<JournalEntry> {
    const found = () => this.journal().filter((entry) => entry.event === event)[nth - 1];
    return eventually(() => `${event} (${nth}) in ${this.#journal}: ${JSON.stringify(this.journal())}`, found);
  }

  /** All processes of the puppet's runs, with their children. */
  pids(): readonly number[] {
    return [...new Set(this.journal().flatMap(({ pid, by }) => [pid, by]))];
  }

  /** Gives an order to the running puppet. Resolves when it is carried out. */
  tell(order: { readonly do: string; readonly [detail: string]: unknown }): Promise<void> {
    return new Promise((resolve, reject) => {
      let text = '';
      const socket = connect(this.#control).setEncoding('utf8');
      socket.on('data', (chunk: string) => {
        text += chunk;
      });
      socket.once('error', reject);
      socket.once('close', () => {
        // A puppet that exits or hangs may never answer.
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
