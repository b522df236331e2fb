/** The document on a stack's ports: its contents, and the outcome of writing it. */
import type { Service, Stack } from './service.ts';

export interface PortDocument {
  readonly stack: Stack;
  /** The config's path in the document, relative to the folder of the document's readers. */
  readonly config: string;
  /** The services that browsers open: backends must allow their origins. */
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
  /** The file was out of date, or did not exist. */
  readonly changed: boolean;
  readonly written: boolean;
}
