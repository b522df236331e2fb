/** E4xx: sessions and their sockets. */

import { formatDuration } from '../../model/duration.ts';
import type { FailureOf } from '../../model/failure.ts';
import { harmless } from '../../model/harmless.ts';
import { shellWord } from '../../model/shell-word.ts';
import { tilde } from './holder.ts';
import { LAST_LINES_FOLLOW } from './services.ts';
import type { Viewer, Words } from './viewer.ts';

export function noSession(f: FailureOf<'E401'>): Words {
  return { what: `${harmless(f.stack)} is not running`, why: 'no session of this stack answers', fix: 'devup start' };
}

export function sessionNotAnswering(f: FailureOf<'E402'>): Words {
  const { pid } = f;
  const why = {
    silent: `${pid === null ? 'its lock is held' : `pid ${pid} holds its lock`}, but nothing answered for 2 s (it may hang or be overloaded)`,
    stopped: `pid ${pid} holds its lock, but is stopped by a signal (Ctrl-Z, a debugger)`,
    'no-socket': `pid ${pid} holds its lock, but its control socket is gone`,
  }[f.how];
  const fix = {
    silent: `end it: kill -9 ${pid}  (its guard then ends the services)`,
    stopped: `wake it: kill -CONT ${pid}  or end it: kill -9 ${pid}  (its guard then ends the services)`,
    'no-socket': `end it: kill -9 ${pid}  (its guard then ends the services)`,
  }[f.how];
  return {
    what: `the session of ${harmless(f.stack)} does not answer`,
    why,
    fix: pid === null ? 'find it: ps -ef | grep devup' : fix,
  };
}

export function sessionOfOtherUser(f: FailureOf<'E403'>): Words {
  const user = f.user === null ? `uid ${f.uid}` : harmless(f.user);
  return {
    what: `${user} is already running ${harmless(f.stack)}`,
    why: `its session (pid ${f.pid}) belongs to ${user}`,
    fix: `sudo -u ${f.user === null ? `'#${f.uid}'` : user} devup stop`,
  };
}

export function versionMismatch(f: FailureOf<'E404'>): Words {
  return {
    what: `the session was started by devup ${harmless(f.theirs)}, but this is ${f.ours}`,
    why: 'another version can only show its status and stop it',
    fix: 'devup stop  then  devup start',
  };
}

export function socketPathTooLong(f: FailureOf<'E405'>): Words {
  return {
    what: 'the path of the control socket is too long',
    why: `${harmless(f.path)} has ${f.bytes} bytes, and the system allows ${f.limit}`,
    fix: 'set XDG_RUNTIME_DIR to a private folder with a shorter path',
  };
}

export function folderNotWritable(f: FailureOf<'E406'>, viewer: Viewer): Words {
  const folder = tilde(harmless(f.folder), viewer.home);
  const why = {
    EACCES: 'you may not write there',
    EPERM: 'you may not write there',
    EROFS: 'it is on a read-only file system',
    ENOSPC: 'the disk is full',
  }[f.errno];
  return {
    what: `${folder} cannot be written`,
    why: why === undefined ? f.errno : `${why} (${f.errno})`,
    fix:
      f.errno === 'ENOSPC'
        ? 'free some space and try again'
        : f.errno === 'EROFS'
          ? 'set XDG_RUNTIME_DIR to a private folder that is writable, or run devup where this one is'
          : `make it yours: sudo chown -R "$(id -u)" ${shellPath(folder, f.folder)}`,
  };
}

export function folderUnsafe(f: FailureOf<'E407'>, viewer: Viewer): Words {
  const folder = tilde(harmless(f.folder), viewer.home);
  const why = {
    symlink: 'it is a symbolic link',
    'not-a-folder': 'it is not a folder',
    'foreign-owner': 'it belongs to another user',
    'open-to-others': 'other users can enter it',
  }[f.reason];
  return {
    what: `${folder} is not safe to use`,
    why: `${why}, so other users could run commands as you`,
    fix: f.reason === 'open-to-others' ? `chmod 700 ${shellPath(folder, f.folder)}` : `remove it: rm -r ${shellPath(folder, f.folder)}`,
  };
}

export function launchFailed(f: FailureOf<'E408'>, viewer: Viewer): Words {
  return {
    what: 'the background session ended before it reported that all services are ready',
    why: f.lastLines.length === 0 ? 'it printed nothing' : LAST_LINES_FOLLOW,
    fix: `see ${tilde(harmless(f.log), viewer.home)}, or start in the foreground: devup start`,
    details: f.lastLines.map((line) => `│ ${harmless(line)}`),
  };
}

export function sessionElsewhereWords(f: FailureOf<'E409'>): Words {
  return {
    what: `${harmless(f.stack)} seems to run in another container or network namespace`,
    why: `its record (pid ${f.pid}) was updated ${formatDuration(f.touchedMsAgo)} ago, but the session cannot be reached from here`,
    fix: 'stop it there; if it is gone, use --force',
  };
}

export function sessionLost(f: FailureOf<'E410'>): Words {
  return {
    what: `the connection to the session of ${harmless(f.stack)} was lost`,
    why: 'the session ended or was killed',
    fix: 'devup status',
  };
}

export function protocol(f: FailureOf<'E411'>): Words {
  return {
    what: 'a message on the control socket was not understood',
    why: harmless(f.message),
    fix: 'correct the request; if you sent none,  devup stop  then  devup start',
  };
}

export function sessionEnding(f: FailureOf<'E412'>): Words {
  return {
    what: `${harmless(f.stack)} is stopping`,
    why: 'its session is ending and takes no more orders',
    fix: 'wait until it has stopped, then  devup start',
  };
}

export function sessionRunning(f: FailureOf<'E413'>): Words {
  return {
    what: `${harmless(f.stack)} is already running`,
    why: 'another process runs its session',
    fix: 'connect to that session, or  devup stop',
  };
}

export function bug(f: FailureOf<'E470'>, viewer: Viewer): Words {
  return {
    what: 'this is a bug in devup',
    why: harmless(f.message),
    fix:
      f.crashFile === null ? 'please report it, with what you did' : `please report it, with ${tilde(harmless(f.crashFile), viewer.home)}`,
  };
}

/** The whole path if it needs quotes: a shell expands `~` only outside them. */
function shellPath(shown: string, whole: string): string {
  return shellWord(shown) === shown ? shown : shellWord(harmless(whole));
}
