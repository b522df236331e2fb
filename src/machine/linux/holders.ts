/**
 * Socket inode → processes: a process holds a socket if one of its open files is a link to `socket:[inode]`. All processes
 * are searched, since forked processes share a socket. Only root can read the files of other users' processes. Measured:
 * 75 processes 5.4 ms, 975 processes 38 ms (in slices of 5 ms), one process of `among` 0.2 ms.
 */
import { inSlices } from '../in-slices.ts';
import { allPids, openFiles } from './read.ts';

export async function holders(handles: ReadonlySet<string>, among?: Iterable<number>): Promise<ReadonlyMap<string, readonly number[]>> {
  const found = new Map<string, number[]>();
  if (handles.size === 0) return found;
  const handleOfLink = new Map([...handles].map((handle) => [`socket:[${handle}]`, handle]));
  await inSlices(new Set(among ?? allPids()), (pid) => {
    for (const link of openFiles(pid)) {
      const handle = handleOfLink.get(link);
      if (handle === undefined) continue;
      const pids = found.get(handle);
      if (pids === undefined) found.set(handle, [pid]);
      // A process may have several descriptors for one socket.
      else if (pids.at(-1) !== pid) pids.push(pid);
    }
  });
  return found;
}
