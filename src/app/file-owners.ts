/** The owners of configs, according to this machine. */
import type { FileOwners } from '../config/find/trust.ts';
import { gitSafeFolders } from '../machine/git-safe-folders.ts';
import { isOwnerless } from '../machine/ownerless.ts';
import type { AppContext } from './context.ts';

export function fileOwners({ machine, env, home }: Pick<AppContext, 'machine' | 'env' | 'home'>): FileOwners {
  return {
    uid: machine.uid,
    userName: (uid) => machine.userName(uid),
    isOwnerless,
    safeFolders: () => gitSafeFolders(env, home),
  };
}
