/**
 * What we ask of V8. Loads nothing.
 */

/**
 * No thread of V8's pool makes code of its own. One that does may wait until the main thread collects garbage, and that
 * one, when it exits, for the pool: neither ends any more (https://github.com/nodejs/node/issues/54918). Seen with the two
 * compilers that do it, Sparkplug and Maglev, on Node 24 and 26; older ones have them off, and TurboFan leaves that part to
 * the main thread. Maglev has to go, since Node 24 asks only once, before any program runs, whether it may use threads.
 */
export const CODE_ON_ONE_THREAD: readonly string[] =
  Number.parseInt(process.versions.node, 10) < 24 ? [] : ['--no-concurrent-sparkplug', '--no-maglev'];

/**
 * For a process that stays for hours and has little to do: less memory is worth more than the last tenth of speed. One
 * thread beside its own will do. With so little memory one exit in twenty hung where the pool made code.
 */
export const SMALL: readonly string[] = ['--optimize-for-size', '--v8-pool-size=1', ...CODE_ON_ONE_THREAD];
