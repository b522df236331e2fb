/** First words with which devup starts itself. They never change, because a session may start a newer build than its own. */

/** The supervisor of `start -d`; followed by the words and flags of `devup start`. */
export const LAUNCHED_WORD = '__launched';
/** Reads a config for a running session; followed by its path. */
export const RELOAD_WORD = '__config';

export type InternalWord = typeof LAUNCHED_WORD | typeof RELOAD_WORD;
