/**
 * A kind of file that says something about ports. A new kind is a new file in `sources/` and a line in its list. A source only reads:
 * it turns text into references with exact places. It reports what it cannot know (a variable, a template) as `unresolved` instead of
 * guessing, and throws `Unreadable` if the file is not what its name suggests.
 */
import type { Reference } from '../model/drift.ts';

export interface SourceFile {
  /** Relative to the config's folder, with `/`. */
  readonly path: string;
  /** Decoded, without a BOM, with its line ends. Offsets count from its first character. */
  readonly text: string;
}

export interface PortSource {
  readonly name: string;
  /** Must be cheap and depend only on the path, since it is called for every file. */
  matches(path: string): boolean;
  /** A cheap test before the parser is loaded: false if the text cannot contain anything of interest. */
  mayHavePorts?(text: string): boolean;
  read(file: SourceFile): readonly Reference[] | Promise<readonly Reference[]>;
}

/** The file is not valid YAML, JSON, …; it is reported, and the other files are still checked. */
export class Unreadable extends Error {
  readonly line: number;
  readonly column: number;

  constructor(message: string, line: number, column: number) {
    super(message);
    this.line = line;
    this.column = column;
  }
}
