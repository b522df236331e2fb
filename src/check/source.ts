/**
 * A kind of file that says something about ports. Adding one is a new file in `sources/` and a line in its list. A
 * source only reads: it turns text into references with exact places, never guesses what it cannot know (a variable, a
 * template: `unresolved`), and throws `Unreadable` for a file that is not what its name says.
 */
import type { Reference } from '../model/drift.ts';

export interface SourceFile {
  /** Relative to the config's folder, with `/`. */
  readonly path: string;
  /** Decoded, without a BOM; offsets count from its first character after that. Line ends as they are. */
  readonly text: string;
}

export interface PortSource {
  readonly name: string;
  /** Decided by the path alone (and quickly): the walk asks for every file. */
  matches(path: string): boolean;
  /** A cheap look at the text before the parser is loaded: false when it cannot hold anything of interest. */
  mayConcern?(text: string): boolean;
  read(file: SourceFile): readonly Reference[] | Promise<readonly Reference[]>;
}

/** The file is not valid YAML, JSON, …: named in the result, the rest is still checked. */
export class Unreadable extends Error {
  readonly line: number;
  readonly column: number;

  constructor(message: string, line: number, column: number) {
    super(message);
    this.line = line;
    this.column = column;
  }
}
