/**
 * The time until devup reports all ready (each port proved to be held by the service's own process): in the foreground by its
 * last `ready` event, detached by the command's return. Then `devup stop`, until all are gone and until the command is done.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { endOf, stackOf } from '../rig/lifetime.mjs';
import { interleaved } from '../rig/statistics.mjs';
import { writeDevupConfig } from '../runners/devup.mjs';

export const detached = {
  name: 'detached',
  title: 'Until devup says that all are ready, in the foreground and detached; then `devup stop`',
  async run({ rig, quick, say }) {
    const groups = {};
    for (const [count, rounds] of quick
      ? [[20, 3]]
      : [
          [1, 7],
          [4, 7],
          [20, 9],
          [100, 7],
        ]) {
      say(`${count} services`);
      groups[`${count} services`] = await interleaved(['foreground', 'detached'], rounds, (name) => of(rig, count, name));
    }
    return groups;
  },
  bars: [
    {
      what: 'detached start against foreground, 20 services',
      most: 1.5,
      figure: (m) => m.ratio('20 services', 'readyMs', 'detached', 'foreground'),
    },
  ],
};

async function of(rig, count, kind) {
  const folder = rig.folder();
  writeDevupConfig(folder, stackOf(rig, count));
  rig.succeeding(rig.devup('status'), { cwd: folder, codes: [0, 1] });
  try {
    const readyMs =
      kind === 'detached' ? rig.succeeding(rig.devup('start', '--detach'), { cwd: folder }).wallMs : await foreground(rig, folder, count);
    const { session, services } = JSON.parse(rig.output(rig.devup('status', '--json'), { cwd: folder }));
    const pids = services.map(({ pid }) => pid);
    let doneMs = null;
    const { from, at } = await endOf(rig, [session.pid, ...pids], () => {
      doneMs = rig.succeeding(rig.devup('stop'), { cwd: folder }).wallMs;
    });
    return { readyMs, stopGoneMs: (Math.max(...pids.map((pid) => at.get(pid))) - from) / 1e6, stopDoneMs: doneMs, left: rig.sweep() };
  } finally {
    rig.sweep();
  }
}

async function foreground(rig, folder, count) {
  const [command, ...args] = rig.devup('start', '--json');
  const began = process.hrtime.bigint();
  const child = spawn(command, args, { cwd: folder, env: rig.env, stdio: ['ignore', 'pipe', 'ignore'] });
  let ready = 0;
  for await (const line of createInterface(child.stdout)) {
    const event = JSON.parse(line);
    if (event.type === 'state' && event.state === 'ready') ready++;
    if (ready === count) break;
  }
  const readyMs = Number(process.hrtime.bigint() - began) / 1e6;
  child.stdout.resume();
  if (ready < count) throw new Error(`devup start --json ended with ${ready} of ${count} ready`);
  return readyMs;
}
