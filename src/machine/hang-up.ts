/**
 * Whether this process was started to outlive its terminal, by `nohup` or by a shell that ignores SIGHUP (`trap '' HUP`). Such a process
 * ignores SIGHUP, but Node gives every signal its default effect when it starts (`ResetSignalHandlers` in its node.cc), so only traces
 * are left.
 */
import { fstatSync, readFileSync, readSync, statSync } from 'node:fs';
import { unless, unreadable } from '../model/errno.ts';

export function survivesHangUp(env: Readonly<Record<string, string | undefined>>, ppid: number): boolean {
  return isNohup(env['_'], () => process.getBuiltinModule('node:tty').isatty(1)) || stdinIsUnreadable() || parentIgnoresHangUp(ppid);
}

/** bash and zsh name the program that they run in `_`. nohup leaves no terminal on stdout, so there the name is an inherited one. */
export function isNohup(underscore: string | undefined, hasTerminal: () => boolean): boolean {
  return underscore !== undefined && /(^|\/)nohup$/.test(underscore) && !hasTerminal();
}

/** GNU nohup replaces a terminal on stdin by /dev/null, opened for writing only. */
function stdinIsUnreadable(): boolean {
  const isNull = unless(['EBADF', 'ENOENT'], () => fstatSync(0).rdev === statSync('/dev/null').rdev && fstatSync(0).isCharacterDevice());
  return isNull === true && unless(['EBADF'], () => readSync(0, Buffer.alloc(1))) === null;
}

/** A shell passes signals that it ignores on to its commands (Linux). A terminal's server, which has a session of its own, does not. */
function parentIgnoresHangUp(ppid: number): boolean {
  const parent = ppid > 1 ? statusOf(String(ppid)) : null;
  return parent !== null && ignoresHangUp(parent) && sessionIn(parent) === sessionIn(statusOf('self') ?? '');
}

function statusOf(pid: string): string | null {
  return unless(unreadable, () => readFileSync(`/proc/${pid}/status`, 'latin1'));
}

/** SigIgn of proc_pid_status(5): a mask in hexadecimal, in which the last bit stands for SIGHUP, signal 1. */
export function ignoresHangUp(status: string): boolean {
  const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return mask !== undefined && (Number.parseInt(mask.slice(-1), 16) & 1) === 1;
}

function sessionIn(status: string): string | undefined {
  return /^NSsid:\s*(.*)$/m.exec(status)?.[1];
}
