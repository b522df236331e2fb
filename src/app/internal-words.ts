/** The words by which devup starts itself. A session may start a newer build than its own: they do not change. */

/** The words and flags of a `devup start` follow: the supervisor behind `start -d`. */
export const LAUNCHED_WORD = '__launched';
/** A config follows, which is read for a running session. */
export const RELOAD_WORD = '__config';

export type InternalWord = typeof LAUNCHED_WORD | typeof RELOAD_WORD;
