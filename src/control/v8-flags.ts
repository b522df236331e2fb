/** Flags for V8. This module loads nothing. */

/**
 * Keeps V8's thread pool from generating code. A pool thread that generates code may wait for the main thread's garbage collection while
 * the exiting main thread waits for the pool: a deadlock (https://github.com/nodejs/node/issues/54918). It was seen with the compilers
 * Sparkplug and Maglev on Node 24 and 26. Older versions of Node have both off, and TurboFan generates code on the main thread. Maglev is
 * off entirely, since Node 24 reads its threading flag only once, before any program runs.
 */
export const SINGLE_THREAD_FLAGS: readonly string[] =
  Number.parseInt(process.versions.node, 10) < 24 ? [] : ['--no-concurrent-sparkplug', '--no-maglev'];

/**
 * For a process that stays for hours and does little: less memory is worth more than the last tenth of speed, and one pool thread is
 * enough. With so little memory, one exit in twenty hung while the pool generated code.
 */
export const SMALL_PROCESS_FLAGS: readonly string[] = ['--optimize-for-size', '--v8-pool-size=1', ...SINGLE_THREAD_FLAGS];
