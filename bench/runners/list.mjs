/**
 * The runners. Each is an object with
 *
 *   name           the name in the tables
 *   needs          the commands it requires; it is left out without them
 *   chains         false when it has no way to start a service after another one is ready
 *   prepare(life)  writes its config for `life.stack` into `life.folder` and returns the command that starts everything
 *   keys           true when it reads keys; otherwise its input is empty
 *   settled(life)  resolves when its command has finished (for a daemon)
 *   root(life)     the process that is the runner, when it is not the command itself
 *   stop(life)     ends everything, when that is not a Ctrl-C to its group
 */
import { concurrently } from './concurrently.mjs';
import { devup } from './devup.mjs';
import { foreman } from './foreman.mjs';
import { limit } from './limit.mjs';
import { mprocs } from './mprocs.mjs';
import { runP } from './npm-run-all.mjs';
import { pm2 } from './pm2.mjs';
import { supervisord } from './supervisord.mjs';
import { turbo } from './turbo.mjs';
import { waitOn } from './wait-on.mjs';
import { wireit } from './wireit.mjs';

const RUNNERS = [limit, devup, mprocs, concurrently, pm2, wireit, runP, turbo, foreman, supervisord, waitOn];

/** The runners with these names that this machine can run, in this order. */
export function runnersNamed(names, peers) {
  const wanted = names.map((name) => RUNNERS.find((runner) => runner.name === name));
  return wanted.filter((runner) => (runner.needs ?? []).every((command) => peers.paths[command]));
}
