/**
 * The addresses of a stack's session. The socket is in a folder that only its user can enter, never directly in /tmp. The lock is found
 * without that folder and answers with the path of the socket, so that a client with another XDG_RUNTIME_DIR still finds the session.
 */
import { accessSync, constants, lstatSync, mkdirSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';
import { errnoOf } from '../model/errno.ts';
import type { Failure } from '../model/failure.ts';
import type { Platform } from '../model/platform.ts';
import { fail, ok, type Result } from '../model/result.ts';

export interface Endpoint {
  /** The stack's id. */
  readonly id: string;
  /** The path of a socket; on Windows the name of a pipe. */
  readonly socket: string;
  /** The private folder of the socket; null on Windows. */
  readonly folder: string | null;
  /** Linux: an abstract name (`\0…`); Windows: a pipe's name; other systems: a lock file. */
  readonly lock: string;
  /** The user that owns the session; null on Windows. */
  readonly uid: number | null;
}

export interface EndpointOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home directory, absolute. */
  readonly home: string;
  readonly uid: number | null;
  readonly platform: Pick<Platform, 'lock'>;
}

/** The shortest known `sun_path` (macOS) is 104 bytes including the final NUL; Node silently truncates longer paths. */
const SOCKET_PATH_LIMIT = 103;

/** Fails with E405 if the path of the socket is too long. Creates nothing. */
export function sessionEndpoint(id: string, options: EndpointOptions): Result<Endpoint, Failure> {
  const { lock: kind } = options.platform;
  if (kind === 'named-pipe') {
    return ok({ id, socket: `\\\\.\\pipe\\devup-${id}`, folder: null, lock: `\\\\.\\pipe\\devup-${id}-lock`, uid: null });
  }
  const own = path.join(options.home, '.local', 'state', 'devup', 'run');
  const runtime = runtimeFolder(options);
  const folder = runtime === null ? own : path.join(runtime, 'devup');
  const socket = path.join(folder, id);
  const bytes = Buffer.byteLength(socket);
  if (bytes > SOCKET_PATH_LIMIT) return fail({ code: 'E405', kind: 'socket-path-too-long', path: socket, bytes, limit: SOCKET_PATH_LIMIT });
  const lock = kind === 'abstract-socket' ? abstractName(id) : path.join(own, `${id}.lock`);
  return ok({ id, socket, folder, lock, uid: options.uid });
}

/**
 * Padded to the whole `sun_path`: Node 20 binds all 108 bytes, Node 24 only those given, so without the padding they would hold two
 * different locks for one stack.
 */
function abstractName(id: string): string {
  return `\0devup-${id}`.padEnd(108, '\0');
}

/**
 * `$XDG_RUNTIME_DIR` if it follows its specification: absolute, existing, owned by the user, and writable by no one else. After `sudo
 * -E` it is another user's, and some systems set it to /tmp.
 */
function runtimeFolder(options: EndpointOptions): string | null {
  const folder = options.env['XDG_RUNTIME_DIR'];
  if (!folder || !path.isAbsolute(folder)) return null;
  const stats = statSync(folder, { throwIfNoEntry: false });
  if (!stats?.isDirectory() || stats.uid !== options.uid || (stats.mode & 0o022) !== 0) return null;
  return folder;
}

/** Creates the private folders for the socket and the lock file. Fails with E406 (not writable) or E407 (not private). */
export function ensureFolder(endpoint: Endpoint): Result<void, Failure> {
  if (endpoint.folder === null) return ok(undefined);
  const folders = new Set([endpoint.folder, ...(path.isAbsolute(endpoint.lock) ? [path.dirname(endpoint.lock)] : [])]);
  for (const folder of folders) {
    const failure = privateFolder(folder, endpoint.uid);
    if (failure) return fail(failure);
  }
  return ok(undefined);
}

function privateFolder(folder: string, uid: number | null): Failure | null {
  try {
    const stats = lstatSync(folder, { throwIfNoEntry: false }) ?? createFolder(folder);
    const reason = unsafeReason(stats, uid);
    if (reason) return { code: 'E407', kind: 'folder-unsafe', folder, reason };
    accessSync(folder, constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    const errno = errnoOf(error);
    if (!UNWRITABLE.has(errno)) throw error;
    return { code: 'E406', kind: 'folder-not-writable', folder, errno };
  }
}

const UNWRITABLE = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOSPC',
  'EDQUOT',
  'ENOTDIR',
  'ENOENT',
  'ELOOP',
  'ENAMETOOLONG',
  'EIO',
  'EMFILE',
  'ENFILE',
]);

/** Another process may create the folder at the same moment, so the result is whatever exists afterwards. */
function createFolder(folder: string): Stats {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const code = errnoOf(error);
    // For a folder in a read-only file system Node reports ENOENT; the check of its nearest existing parent gives the real reason.
    if (code === 'ENOENT') accessSync(nearestExisting(folder), constants.W_OK | constants.X_OK);
    if (code !== 'EEXIST') throw error;
  }
  return lstatSync(folder);
}

function nearestExisting(folder: string): string {
  const above = path.dirname(folder);
  return above === folder || lstatSync(above, { throwIfNoEntry: false }) ? above : nearestExisting(above);
}

function unsafeReason(stats: Stats, uid: number | null): 'symlink' | 'not-a-folder' | 'foreign-owner' | 'open-to-others' | null {
  if (stats.isSymbolicLink()) return 'symlink';
  if (!stats.isDirectory()) return 'not-a-folder';
  if (stats.uid !== uid) return 'foreign-owner';
  return (stats.mode & 0o077) === 0 ? null : 'open-to-others';
}
