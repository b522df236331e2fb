/**
 * A lock between processes: a folder that is renamed into place with its owner's name inside, so that a lock is never seen
 * without an owner. A dead owner's lock is taken over in place, never deleted: by then it could be another process's new lock.
 * `breaking` lets only one process take it over.
 */
import { mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_AGAIN_MS = 100;
/** Taking a lock over is three file operations; a process that holds `breaking` for longer was killed in between. */
const BREAKING_IS_DEAD_MS = 10_000;

/** Runs `work` while no other process runs it under the same lock. `onWait` is called once if it has to wait. */
export async function withLock(lock, onWait, work) {
  for (let waited = false; !acquire(lock); waited = true) {
    if (!waited) onWait();
    await sleep(LOOK_AGAIN_MS);
  }
  try {
    return await work();
  } finally {
    release(lock);
  }
}

/** Renamed first: an emptied folder would let the next process in, whose name would then be deleted with it. */
function release(lock) {
  const gone = `${lock}.${process.pid}.done`;
  renameSync(lock, gone);
  rmSync(gone, { recursive: true });
}

function acquire(lock) {
  const mine = `${lock}.${process.pid}`;
  mkdirSync(mine, { recursive: true });
  writeFileSync(join(mine, 'owner'), identity(process.pid));
  try {
    renameSync(mine, lock);
    return true;
  } catch (error) {
    rmSync(mine, { recursive: true, force: true });
    // Windows reports EPERM for a folder that exists.
    if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(error.code)) throw error;
    return takeOver(lock);
  }
}

function takeOver(lock) {
  if (!ownerIsDead(lock)) return false;
  const breaking = join(lock, 'breaking');
  try {
    mkdirSync(breaking);
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    if (error.code !== 'EEXIST') throw error;
    if (ageMs(breaking) > BREAKING_IS_DEAD_MS) rmSync(breaking, { recursive: true, force: true });
    return false;
  }
  const dead = ownerIsDead(lock);
  if (dead) writeFileSync(join(lock, 'owner'), identity(process.pid));
  rmdirSync(breaking);
  return dead;
}

function ownerIsDead(lock) {
  let owner;
  try {
    owner = readFileSync(join(lock, 'owner'), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
  const pid = Number(owner.split(' ')[0]);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code === 'ESRCH') return true;
    if (error.code !== 'EPERM') throw error;
  }
  return identity(pid) !== owner;
}

/** `pid start`: on Linux, the start time tells a reused pid from the owner's. */
function identity(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return `${pid}`;
    throw error;
  }
}

function ageMs(path) {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch (error) {
    if (error.code === 'ENOENT') return 0;
    throw error;
  }
}
