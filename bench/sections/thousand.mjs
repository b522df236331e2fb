/** One stack of a thousand listeners: start, status and stop, and whether a service costs more than among a hundred. */
import { endOf, lifetime, stackOf } from '../rig/lifetime.mjs';
import { interleaved } from '../rig/statistics.mjs';
import { devup, writeDevupConfig } from '../runners/devup.mjs';
import { limit } from '../runners/limit.mjs';

const COUNTS = [1, 100, 1000];

export const thousand = {
  name: 'thousand',
  title: 'A thousand services in one stack',
  async run({ rig, quick, say }) {
    const groups = {};
    for (const count of COUNTS) {
      say(`${count} services`);
      const rounds = quick || count === 1000 ? 1 : 5;
      if (!quick)
        groups[`${count} services, foreground`] = await interleaved(['limit (C)', 'devup'], rounds, (name) =>
          lifetime(rig, name === 'devup' ? devup : limit, stackOf(rig, count)),
        );
      groups[`${count} services, detached`] = await interleaved(['devup'], rounds, () => detached(rig, count));
    }
    return groups;
  },
  bars: [
    perService('start until all listen', 'foreground', 'readyMs'),
    perService('start until devup says that all are ready', 'detached', 'startMs'),
    perService('`devup status`', 'detached', 'statusMs'),
    perService('stop until the command is done', 'detached', 'stopMs'),
    { what: '1,000 services: processes left over', unit: '', most: 0, figure: (m) => m.most('left', 'devup') },
  ],
};

/** The cost of each further service: the fixed part, measured with one service, is subtracted. */
function perService(what, kind, metric) {
  const of = (m, count) => m.median(`${count} services, ${kind}`, metric, 'devup');
  const cost = (m, count) => m.over(m.less(of(m, count), of(m, 1)), count - 1);
  return { what: `1,000 services: ${what}, cost of a service against 100`, most: 1.5, figure: (m) => m.over(cost(m, 1000), cost(m, 100)) };
}

async function detached(rig, count) {
  const folder = rig.folder();
  writeDevupConfig(folder, stackOf(rig, count));
  rig.succeeding(rig.devup('status'), { cwd: folder, codes: [0, 1] });
  try {
    const startMs = rig.succeeding(rig.devup('start', '--detach'), { cwd: folder, seconds: 300 }).wallMs;
    const { session, services } = JSON.parse(rig.output(rig.devup('status', '--json'), { cwd: folder }));
    const notReady = services.filter(({ state }) => state !== 'ready').length;
    const statusMs = rig.succeeding(rig.devup('status'), { cwd: folder }).wallMs;
    let stopMs = null;
    const { from, at } = await endOf(rig, [session.pid, ...services.map(({ pid }) => pid)], () => {
      stopMs = rig.succeeding(rig.devup('stop'), { cwd: folder, seconds: 120 }).wallMs;
    });
    return {
      startMs,
      statusMs,
      goneMs: (Math.max(...services.map(({ pid }) => at.get(pid))) - from) / 1e6,
      stopMs,
      notReady,
      left: rig.sweep(),
    };
  } finally {
    rig.sweep();
  }
}
