/**
 * PostgreSQL refuses to run as root, so root starts it as an account without rights, which must be able to reach the programs
 * and the data. A clone below a private folder (`/root`, or one made by `mktemp -d`) is closed to it; then programs and data
 * live under /var/lib/devup instead, a folder that only root can make.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chown, cp, mkdir, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ignore } from './programs.mjs';

const SHARED = '/var/lib/devup';

/** `{ uid, gid, name }` of the account to run PostgreSQL as; null: the current one. */
export function serverAccount() {
  if (process.getuid?.() !== 0) return null;
  for (const name of ['postgres', '_postgres', 'nobody']) {
    const id = (flag) => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    try {
      return { name, uid: id('-u'), gid: id('-g') };
    } catch (error) {
      // `id` exits 1 for an account that does not exist.
      if (error.status !== 1) throw error;
    }
  }
  throw new Error('PostgreSQL does not run as root, and this system has neither an account "postgres" nor "nobody" to run it as');
}

/** The folder where `account` can reach the programs: in place, or a copy (once per version). */
export async function reachablePrograms({ folder, version }, account) {
  if (!account || allowed(account, 'x', path.join(folder, 'bin'))) return folder;
  const copy = path.join(SHARED, `postgresql-${version}`, 'native');
  if (await stat(copy).catch(ignore('ENOENT'))) return copy;
  await mkdir(SHARED, { recursive: true, mode: 0o755 });
  const fresh = `${path.dirname(copy)}.${process.pid}`;
  // Static libraries are a part of the package that no program here needs.
  await cp(folder, path.join(fresh, 'native'), { recursive: true, verbatimSymlinks: true, filter: (file) => !file.endsWith('.a') });
  await rename(fresh, path.dirname(copy)).catch(async (error) => {
    // Another start was faster.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    await rm(fresh, { recursive: true });
  });
  return copy;
}

/** The folder, existing and owned by `account`, in which the cluster lives: `wished`, or one that `account` can reach. */
export async function reachableData(wished, account) {
  const parent = path.dirname(path.resolve(wished));
  await mkdir(parent, { recursive: true });
  if (!account) return owned(wished, null);
  if (allowed(account, 'x', parent)) return owned(wished, account);
  const key = createHash('sha256')
    .update(await realpath(parent))
    .digest('hex')
    .slice(0, 16);
  await mkdir(SHARED, { recursive: true, mode: 0o755 });
  return owned(path.join(SHARED, key), account);
}

async function owned(folder, account) {
  await mkdir(folder, { mode: 0o700 }).catch(ignore('EEXIST'));
  if (account) await chown(folder, account.uid, account.gid);
  return folder;
}

/** Asks the kernel as that account, since modes, groups and access lists all count. */
function allowed(account, right, file) {
  const { error, status } = spawnSync('test', [`-${right}`, file], { uid: account.uid, gid: account.gid, cwd: '/' });
  if (error) throw error;
  return status === 0;
}
