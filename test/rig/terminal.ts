/** Runs a command in a pseudo-terminal. The test sends keys; `stdout` is the output to the terminal. */
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

  /** Stops reading the terminal's output, as Ctrl-S does. */
  stopReading(): void {
    this.#order({ read: false });
  }

  goOnReading(): void {
    this.#order({ read: true });
  }

  /** Closes the terminal. */
  hangUp(): void {
    this.#order({ hangUp: true });
  }

  #order(order: object): void {
    this.write(`${JSON.stringify(order)}\n`);
  }
}

/** Prefers the system's Python: a version manager's shim needs files under HOME, which the rig has replaced. */
export function python(): string {
  return existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
}
