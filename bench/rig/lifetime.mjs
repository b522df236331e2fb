/**
 * One runner's life with some services: from Enter until the last service listens, a rest, from the signal until the last
 * service is gone and until the runner is gone. The services report when they listen, and the kernel when they are gone, so
 * that measuring does not disturb the runner.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { memoryOf, treeOf } from './proc.mjs';
import { sleep } from './rig.mjs';

const LOOK_MS = 10;
const STOP_SECONDS = 30;

/** `count` listeners on neighbouring ports; `chained`: each waits for the one before. */
export function stackOf(rig, count, { chained = false } = {}) {
  const first = rig.ports(count);
  const services = Array.from({ length: count }, (_, i) => ({
    name: `s${i}`,
    port: first + i,
    argv: [rig.helpers.listener, String(first + i)],
  }));
  return { services, chained };
}

/**
 * `{ readyMs, processes, rssMiB, pssMiB, goneMs, doneMs, left }`; throws when the services do not come up. `processes` and the
 * memory are what the runner adds to the services.
 */
export async function lifetime(rig, runner, stack, { restMs = 300, seconds = 120 } = {}) {
  const folder = rig.folder();
  const ready = join(folder, 'ready');
  const stamp = join(folder, 'stamp');
  writeFileSync(ready, '');
  const env = { ...rig.env, BENCH_READY: ready, PM2_HOME: join(folder, 'pm2') };
  const begun = { rig, folder, env, stack };
  const argv = runner.prepare(begun).map(String);
  const log = openSync(join(folder, 'log'), 'w');
  const keys = runner.keys === true;
  const child = spawn(rig.helpers.stamp, [stamp, ...argv], {
    cwd: folder,
    env,
    stdio: [keys ? 'pipe' : 'ignore', keys ? 'ignore' : log, log],
    detached: true,
  });
  closeSync(log);
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const started = { ...begun, child, exited };
  try {
    const services = await allListening(
      ready,
      stack.services.length,
      seconds,
      () => `${runner.name}: ${readFileSync(join(folder, 'log'), 'utf8').slice(-2000)}`,
    );
    const readyMs = (Math.max(...services.map(({ at }) => at)) - Number(readFileSync(stamp, 'utf8'))) / 1e6;
    await runner.settled?.(started);
    await sleep(restMs);
    const root = runner.root?.(started) ?? child.pid;
    const pids = services.map(({ pid }) => pid);
    const added = treeOf(root).filter((pid) => !pids.includes(pid));
    const memory = memoryOf(added);
    const ended = await endOf(rig, [root, ...pids], () => (runner.stop ? runner.stop(started) : process.kill(-child.pid, 'SIGINT')));
    const gone = pids.map((pid) => ended.at.get(pid));
    const goneMs = gone.includes(undefined) ? null : (Math.max(...gone) - ended.from) / 1e6;
    const doneMs = ended.at.has(root) ? (ended.at.get(root) - ended.from) / 1e6 : null;
    return { readyMs, goneMs, doneMs, processes: added.length, ...memory, left: rig.sweep() };
  } finally {
    rig.sweep();
  }
}

/** `{ from, at }`: when `stop` was called, and when each process ended (nanoseconds, the kernel's monotonic clock). */
export async function endOf(rig, pids, stop) {
  const watcher = await rig.helper([rig.helpers.gone, STOP_SECONDS, ...pids]);
  let text = '';
  watcher.stdout.on('data', (chunk) => {
    text += chunk;
  });
  const closed = new Promise((resolve) => watcher.once('close', resolve));
  const from = Number(process.hrtime.bigint());
  await stop();
  await closed;
  const rows = text
    .split('\n')
    .filter(Boolean)
    .map((row) => row.split(' ').map(Number));
  return { from, at: new Map(rows) };
}

async function allListening(file, count, seconds, problem) {
  const deadline = Date.now() + seconds * 1000;
  for (let size = 0; Date.now() < deadline; await sleep(LOOK_MS)) {
    if (statSync(file).size === size) continue;
    size = statSync(file).size;
    const rows = readFileSync(file, 'utf8').split('\n').filter(Boolean);
    if (rows.length >= count) return rows.map((row) => row.split(' ').map(Number)).map(([port, pid, at]) => ({ port, pid, at }));
  }
  throw new Error(`not all ${count} services listened within ${seconds} s; ${problem()}`);
}
