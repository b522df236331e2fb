/**
 * `devup status` of a running stack, which also proves who holds each port, beside `pm2 ls`, which does not. The limit is the
 * start of a process and one pass over all ports by a C program.
 */
import { spawn } from 'node:child_process';
import { stackOf } from '../rig/lifetime.mjs';
import { interleaved } from '../rig/statistics.mjs';
import { writeDevupConfig } from '../runners/devup.mjs';
import { pm2 } from '../runners/pm2.mjs';

export const status = {
  name: 'status',
  title: 'Status of a running stack',
  async run({ rig, quick, say }) {
    const groups = {};
    for (const count of [20, 100]) {
      say(`${count} services`);
      groups[`${count} services`] = await of(rig, count, quick ? 5 : 15);
    }
    return groups;
  },
  bars: [
    {
      what: '`devup status`, 20 services, without one pass over the ports (C), against `node -e 0`',
      most: 2,
      figure: (m) =>
        m.over(
          m.less(m.median('20 services', 'wallMs', 'devup status'), m.median('20 services', 'wallMs', 'one pass (C)')),
          m.median('20 services', 'wallMs', 'node -e 0'),
        ),
    },
    {
      what: '`devup status`, 20 services, against `pm2 ls`',
      most: 0.5,
      figure: (m) => m.ratio('20 services', 'wallMs', 'devup status', 'pm2 ls'),
    },
    {
      what: '`devup status`, 100 services against 20 (each over its own `node -e 0`)',
      most: 1.2,
      figure: (m) =>
        m.over(
          m.ratio('100 services', 'wallMs', 'devup status', 'node -e 0'),
          m.ratio('20 services', 'wallMs', 'devup status', 'node -e 0'),
        ),
    },
  ],
};

async function of(rig, count, rounds) {
  const folder = rig.folder();
  const daemon = rig.folder();
  const env = { ...rig.env, PM2_HOME: `${daemon}/pm2` };
  try {
    writeDevupConfig(folder, stackOf(rig, count));
    rig.succeeding(rig.devup('start', '--detach'), { cwd: folder });
    const apps = pm2.prepare({ rig, folder: daemon, stack: stackOf(rig, count) });
    rig.succeeding(apps, { cwd: daemon, env });
    const cases = {
      'node -e 0': [process.execPath, '-e', '0'],
      'one pass (C)': [rig.helpers.who, 'all'],
      'devup status': rig.devup('status'),
      'devup status --json': rig.devup('status', '--json'),
      'pm2 ls': [rig.peers.paths.pm2, 'ls'],
    };
    return await interleaved(Object.keys(cases), rounds, (name) => rig.succeeding(cases[name], { cwd: folder, env }), { warm: true });
  } finally {
    rig.timed(rig.devup('stop'), { cwd: folder });
    await new Promise((resolve) => spawn(rig.peers.paths.pm2, ['kill'], { env, stdio: 'ignore' }).once('exit', resolve));
    rig.sweep();
  }
}
