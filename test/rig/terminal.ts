/** A command at a terminal of its own (a pseudo-terminal): keys go in, `stdout` is what the terminal was sent. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Running, type SpawnOptions } from './running.ts';

export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

export const CTRL_C = '\x03';
export const CTRL_Z = '\x1a';
export const CTRL_BACKSLASH = '\x1c';

export class Terminal extends Running {
  constructor(command: readonly string[], size: TerminalSize, options: SpawnOptions) {
    super(python(), [join(import.meta.dirname, 'terminal.py'), String(size.rows), String(size.columns), ...command], options);
  }

  keys(keys: string): void {
    this.#order({ keys });
  }

  resize({ rows, columns }: TerminalSize): void {
    this.#order({ resize: [rows, columns] });
  }

  /** A terminal that shows nothing more, as after Ctrl-S. */
  stopReading(): void {
    this.#order({ read: false });
  }

  goOnReading(): void {
    this.#order({ read: true });
  }

  /** The window is closed. */
  hangUp(): void {
    this.#order({ hangUp: true });
  }

  #order(order: object): void {
    this.write(`${JSON.stringify(order)}\n`);
  }
}

/** The system's own first: a version manager's shim looks for its files under a HOME that the rig has replaced. */
export function python(): string {
  return existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
}
