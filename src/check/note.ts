/** What was not compared, and why. */
import type { Place, UnresolvedReference } from '../model/drift.ts';
import type { Unread } from './read.ts';

export type Note =
  | { readonly kind: 'skipped'; readonly file: string; readonly why: Exclude<Unread, 'gone'> }
  | { readonly kind: 'unresolved'; readonly place: Place; readonly text: string; readonly why: UnresolvedReference['why'] }
  /** Of the running stack; `text` is a sentence. */
  | { readonly kind: 'live'; readonly service: string; readonly text: string; readonly why: LiveReason };

export type LiveReason =
  /** Optional, and nobody started it. */
  | 'not-running'
  /** It runs as an older config said. */
  | 'stale'
  /** A link to another machine, or of another protocol: not asked. */
  | 'elsewhere'
  /** Nothing says that a browser calls it. */
  | 'no-caller'
  /** The answers do not tell who gave them. */
  | 'cannot-tell';
