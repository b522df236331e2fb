/** The document on a stack's ports: what it is made of, and what became of it. */
import type { Service, Stack } from './service.ts';

export interface PortDocument {
  readonly stack: Stack;
  /** The config as the document calls it: relative to where people read it. */
  readonly config: string;
  /** Those that browsers open: backends must let them in. */
  readonly frontends: readonly Service[];
}

/** A fault of the comments that mark its place in a file. */
export type MarkerProblem = 'no-end' | 'no-begin' | 'several';

/** Why the document has no place. Files are named relative to the config's folder. */
export type DocumentProblem =
  | { readonly kind: 'several-files'; readonly files: readonly string[] }
  | { readonly kind: 'not-text'; readonly file: string }
  | { readonly kind: 'markers'; readonly file: string; readonly problem: MarkerProblem }
  | { readonly kind: 'no-folder'; readonly file: string };

/** The outcome for the file. */
export interface DocumentOutcome {
  readonly file: string;
  /** The file said something else than the config, or was not there. */
  readonly changed: boolean;
  readonly written: boolean;
}
