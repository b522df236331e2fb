/**
 * The identity of a lock's holder: the one line that the holder answers. Every version of devup can read this line from any other version.
 */
import { readJson } from '../model/json.ts';

export interface LockIdentity {
  readonly version: string;
  readonly pid: number;
  /** Null on Windows. */
  readonly uid: number | null;
  /** The session's control socket: a path, or a pipe's name. */
  readonly control: string;
  /** Wall clock, milliseconds since 1970. */
  readonly startedAtMs: number;
}

export interface Lock {
  release(): Promise<void>;
}

/** Null for any other text. */
export function parseIdentity(text: string): LockIdentity | null {
  const value = readJson(text);
  if (typeof value !== 'object' || value === null) return null;
  const { version, pid, uid, control, startedAtMs } = value as Readonly<Record<string, unknown>>;
  if (typeof version !== 'string' || typeof control !== 'string' || typeof startedAtMs !== 'number') return null;
  if (!Number.isSafeInteger(pid) || (pid as number) <= 0) return null;
  if (uid !== null && !Number.isSafeInteger(uid)) return null;
  return { version, pid: pid as number, uid: uid as number | null, control, startedAtMs };
}
