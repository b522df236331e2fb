/**
 * Determines from `/proc/PID/task/TID/syscall` whether a thread sleeps until it is woken. The file has the number of the
 * system call in which the thread waits, and its six arguments in hexadecimal (proc_pid_syscall(5)). A thread with a
 * deadline may be about to wake: the deadline is relative to the time of the call, which is unknown.
 */

/** The argument that holds a call's deadline: milliseconds (negative: no deadline) or a pointer (null: no deadline). */
type Deadline = { readonly kind: 'none' } | { readonly kind: 'ms' | 'pointer'; readonly argument: number } | { readonly kind: 'futex' };

const none: Deadline = { kind: 'none' };
const futex: Deadline = { kind: 'futex' };
const ms = (argument: number): Deadline => ({ kind: 'ms', argument });
const pointer = (argument: number): Deadline => ({ kind: 'pointer', argument });

/** Numbers from the kernel's tables: arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h. */
const CALLS: Readonly<Record<string, ReadonlyMap<number, Deadline>>> = {
  x64: new Map([
    [0, none], // read
    [7, ms(2)], // poll
    [23, pointer(4)], // select
    [34, none], // pause
    [61, none], // wait4
    [128, pointer(2)], // rt_sigtimedwait
    [130, none], // rt_sigsuspend
    [202, futex],
    [232, ms(3)], // epoll_wait
    [247, none], // waitid
    [270, pointer(4)], // pselect6
    [271, pointer(2)], // ppoll
    [281, ms(3)], // epoll_pwait
    [441, pointer(3)], // epoll_pwait2
  ]),
  arm64: new Map([
    [22, ms(3)], // epoll_pwait
    [63, none], // read
    [72, pointer(4)], // pselect6
    [73, pointer(2)], // ppoll
    [95, none], // waitid
    [98, futex],
    [133, none], // rt_sigsuspend
    [137, pointer(2)], // rt_sigtimedwait
    [260, none], // wait4
    [441, pointer(3)], // epoll_pwait2
  ]),
};

/** FUTEX_WAIT and FUTEX_WAIT_BITSET, without their flags (futex(2)). */
const FUTEX_WAITS: readonly number[] = [0, 9];
const FUTEX_COMMAND = 0x7f;

/** False for a running thread and for a call that is not listed here. `arch`: as `process.arch`. */
export function sleepsUntilWoken(text: string, arch: string): boolean {
  const [call = '', ...words] = text.trim().split(' ');
  const deadline = /^\d+$/.test(call) ? CALLS[arch]?.get(Number(call)) : undefined;
  const values = words.slice(0, 6).map(number);
  if (!deadline || values.length < 6 || values.includes(null)) return false;
  const argument = (at: number) => values[at] as bigint;
  switch (deadline.kind) {
    case 'none':
      return true;
    case 'pointer':
      return argument(deadline.argument) === 0n;
    case 'futex':
      return FUTEX_WAITS.includes(Number(argument(1)) & FUTEX_COMMAND) && argument(3) === 0n;
    case 'ms':
      // The argument is an int, the lower half of the register.
      return BigInt.asIntN(32, argument(deadline.argument)) < 0n;
  }
}

function number(word: string): bigint | null {
  return /^0x[0-9a-f]{1,16}$/.test(word) ? BigInt(word) : null;
}
