/** A config file: its possible names, its text, and its syntax errors. */

/** A folder's config is the first of these names that exists there. */
export const CONFIG_NAMES: readonly string[] = ['ts', 'mts', 'js', 'mjs', 'cjs', 'json', 'yaml', 'yml'].map(
  (extension) => `orchestrator.config.${extension}`,
);
export const RC_NAMES: readonly string[] = ['.orchestratorrc', '.orchestratorrc.json', '.orchestratorrc.yaml'];

export interface Source {
  /** Absolute, real. */
  readonly file: string;
  readonly text: string;
}

/** A syntax error found by a compiler or parser. Line and column are 1-based. */
export class BrokenSource extends Error {
  readonly line: number | null;
  readonly column: number | null;
  constructor(message: string, line: number | null, column: number | null) {
    super(message);
    this.line = line;
    this.column = column;
  }
}
