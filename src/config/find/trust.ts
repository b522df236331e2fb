/**
 * Decides whether a config may be run. It is code, and the search looks into folders above: a user who may write to one of them could make
 * another user run commands. The rule is that of git for repositories (CVE-2022-24765): a file is run if this user or root owns it, or, under
 * sudo, the user who called sudo, or if git's `safe.directory` names its folder. The file that `--config` names is always run.
 */
import { lstatSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';
import { unless } from '../../model/errno.ts';
import type { FailureOf } from '../../model/failure.ts';
import { realPath } from './real-path.ts';

/** The system's knowledge about owners of files. */
export interface FileOwners {
  /** Null: the system has no users of this kind. */
  readonly uid: number | null;
  userName(uid: number): Promise<string | null>;
  /** Whether the file system of this real path keeps no owners. */
  isOwnerless(file: string): boolean;
  /** The values of git's `safe.directory`, in their order, and whether git is there to add one. */
  safeFolders(): Promise<{ readonly values: readonly string[]; readonly hasGit: boolean }>;
}

export interface TrustContext {
  readonly owners: FileOwners;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** Null: the config may be run. `found` is the path in the folder that was searched, perhaps a link; `file` is its real path. */
export async function refuseForeign(found: string, file: string, context: TrustContext): Promise<FailureOf<'E307'> | null> {
  const { uid } = context.owners;
  if (uid === null) return null;
  // A link of another user could name any file of ours.
  const places = [...new Set([found, file])].map((place) => ({ place, owner: unless(gone, () => lstatSync(place))?.uid }));
  const foreign = places.filter(
    ({ place, owner }) => owner !== undefined && !isTrusted(owner, uid, context.env) && !ownerless(place, context),
  );
  if (foreign.length === 0) return null;
  const { values, hasGit } = await context.owners.safeFolders();
  const unsafe = foreign.find(({ place }) => !isSafe(path.dirname(place), values, context));
  if (unsafe?.owner === undefined) return null;
  return {
    code: 'E307',
    kind: 'config-of-other-user',
    file: unsafe.place,
    uid: unsafe.owner,
    user: await context.owners.userName(unsafe.owner),
    folder: repositoryOf(path.dirname(unsafe.place), context) ?? path.dirname(unsafe.place),
    hasGit,
  };
}

/** Whether every user may put a file into the folder. */
export function isOpenToAll(folder: string, { owners }: TrustContext): boolean {
  if (owners.uid === null) return false;
  const stat = unless(gone, () => statSync(folder));
  return stat !== null && mayOthersWrite(stat) && !owners.isOwnerless(folder);
}

const gone: readonly string[] = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP'];

function mayOthersWrite(stat: Stats): boolean {
  return (stat.mode & 0o002) !== 0;
}

function isTrusted(owner: number, uid: number, env: TrustContext['env']): boolean {
  return owner === uid || owner === 0 || (uid === 0 && env['SUDO_UID'] === String(owner));
}

function ownerless(place: string, { owners }: TrustContext): boolean {
  const folder = realPath(path.dirname(place));
  return folder !== null && owners.isOwnerless(path.join(folder, path.basename(place)));
}

/** A value names a folder, all folders below one (`/work/*`), or all (`*`). It also holds for the repository that the folder is in. */
function isSafe(folder: string, values: readonly string[], context: TrustContext): boolean {
  const real = realPath(folder) ?? folder;
  const candidates = [real, repositoryOf(real, context)];
  let safe = false;
  for (const value of values) {
    if (value === '') safe = false;
    else if (value === '*') safe = true;
    else if (candidates.some((one) => one !== null && names(value, one, context.home))) safe = true;
  }
  return safe;
}

function names(value: string, folder: string, home: string): boolean {
  const whole = value.startsWith('~/') ? path.join(home, value.slice(2)) : value;
  if (!path.isAbsolute(whole)) return false;
  if (whole.endsWith('/*')) return folder.startsWith(`${realPath(whole.slice(0, -2)) ?? whole.slice(0, -2)}/`);
  const named = path.resolve(whole);
  return (realPath(named) ?? named) === folder;
}

/** The nearest folder upward that holds `.git`; null at a folder in which every user can put one. */
function repositoryOf(folder: string, context: TrustContext): string | null {
  for (let at = folder; !isOpenToAll(at, context); at = path.dirname(at)) {
    if (unless(gone, () => lstatSync(path.join(at, '.git')))) return at;
    if (path.dirname(at) === at) break;
  }
  return null;
}
