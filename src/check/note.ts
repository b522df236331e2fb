/** Something that was not compared, and why. */
import type { Place, UnresolvedReference } from '../model/drift.ts';
import type { Unread } from './read.ts';

export type Note =
  | { readonly kind: 'skipped'; readonly file: string; readonly why: Exclude<Unread, 'gone'> | 'too-deep' }
  | { readonly kind: 'unresolved'; readonly place: Place; readonly text: string; readonly why: UnresolvedReference['why'] }
  /** About the running stack; `text` is a sentence. */
  | { readonly kind: 'live'; readonly service: string; readonly text: string; readonly why: LiveReason };

export type LiveReason =
  /** The service is optional and was not started. */
  | 'not-running'
  /** The service runs with an older config. */
  | 'stale'
  /** A link to another machine, or with another protocol: not requested. */
  | 'elsewhere'
  /** No caller in a browser is known. */
  | 'no-caller'
  /** The answers do not show which service gave them. */
  | 'cannot-tell';
