/** A stack of 100 idle services: what devup adds to them, and what it uses over a while, including its watch of the ports. */

import { stackOf } from '../rig/lifetime.mjs';
import { cpuMsOf, memoryOf, treeOf } from '../rig/proc.mjs';
import { sleep } from '../rig/rig.mjs';
import { devup } from '../runners/devup.mjs';

const COUNT = 100;
const SETTLE_MS = 2000;

export const idle = {
  name: 'idle',
  title: 'Idle with 100 services',
  async run({ rig, quick }) {
    const seconds = quick ? 8 : 60;
    const folder = rig.folder();
    // The config is cached, as on every start but the first, whatever sections ran before this one.
    devup.prepare({ rig, folder, stack: stackOf(rig, COUNT) });
    try {
      rig.succeeding(rig.devup('start', '--detach'), { cwd: folder });
      await sleep(SETTLE_MS);
      const { session, services } = JSON.parse(rig.output(rig.devup('status', '--json'), { cwd: folder }));
      const pids = services.map(({ pid }) => pid);
      const added = treeOf(session.pid).filter((pid) => !pids.includes(pid));
      const before = cpuMsOf(added);
      const began = Date.now();
      await sleep(seconds * 1000);
      const cpuPercent = ((cpuMsOf(added) - before) / (Date.now() - began)) * 100;
      const { rssMiB, pssMiB } = memoryOf(added);
      const measured = { processes: [added.length], rssMiB: [rssMiB], pssMiB: [pssMiB], cpuPercent: [cpuPercent] };
      return { [`over ${seconds} s`]: { devup: measured } };
    } finally {
      rig.timed(rig.devup('stop'), { cwd: folder });
      rig.sweep();
    }
  },
  bars: [
    {
      what: 'idle, 100 services: processes beside the services (the guard included)',
      unit: '',
      most: 2,
      figure: (m) => m.median(m.groups[0], 'processes', 'devup'),
    },
    {
      what: 'idle, 100 services: resident memory together',
      unit: 'MiB',
      most: 60,
      figure: (m) => m.median(m.groups[0], 'rssMiB', 'devup'),
    },
    { what: 'idle, 100 services: CPU', unit: '%', most: 0.3, figure: (m) => m.median(m.groups[0], 'cpuPercent', 'devup') },
  ],
};
