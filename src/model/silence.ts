/** Why a session that holds its lock does not answer: `stopped` by a signal, without its socket (`no-socket`), or for no visible reason. */
export type Silence = 'silent' | 'stopped' | 'no-socket';
