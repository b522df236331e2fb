/** A config file: what it may be called, its text, and what it is when its text cannot be read. */

/** The first of them in a folder wins. */
export const CONFIG_NAMES: readonly string[] = ['ts', 'mts', 'js', 'mjs', 'cjs', 'json', 'yaml', 'yml'].map(
  (extension) => `orchestrator.config.${extension}`,
);
export const RC_NAMES: readonly string[] = ['.orchestratorrc', '.orchestratorrc.json', '.orchestratorrc.yaml'];

export interface Source {
  /** Absolute, real. */
  readonly file: string;
  readonly text: string;
}

/** A syntax error that a compiler or a parser found, with its place; both 1-based. */
export class BrokenSource extends Error {
  readonly line: number | null;
  readonly column: number | null;
  constructor(message: string, line: number | null, column: number | null) {
    super(message);
    this.line = line;
    this.column = column;
  }
}
