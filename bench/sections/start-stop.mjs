/**
 * 1, 4, 20 and 100 independent listeners: from Enter until the last one listens, then from Ctrl-C until all are gone and the
 * runner is gone. In between, what the runner itself costs.
 */
import { lifetime, stackOf } from '../rig/lifetime.mjs';
import { interleaved } from '../rig/statistics.mjs';
import { runnersNamed } from '../runners/list.mjs';

const ALWAYS = ['limit (C)', 'devup', 'mprocs', 'concurrently', 'pm2', 'wireit'];
/** They start an npm or a slow daemon for each service: left out of the quick run, and of 100 services (6 GB of memory). */
const HEAVY = ['run-p', 'turbo', 'foreman', 'supervisord'];

export const startStop = {
  name: 'start-stop',
  title: 'Start until all listen, Ctrl-C until all are gone (independent C listeners)',
  async run({ rig, quick, say }) {
    const groups = {};
    for (const [count, rounds] of quick
      ? [
          [1, 3],
          [4, 3],
          [20, 3],
          [100, 1],
        ]
      : [
          [1, 7],
          [4, 7],
          [20, 11],
          [100, 7],
        ]) {
      const names = quick || count > 20 ? ALWAYS : [...ALWAYS, ...HEAVY];
      const runners = new Map(runnersNamed(names, rig.peers).map((runner) => [runner.name, runner]));
      say(`${count} services`);
      const measure = (name) => lifetime(rig, runners.get(name), stackOf(rig, count));
      groups[`${count} services`] = await interleaved([...runners.keys()], rounds, measure, { warm: !quick && count === 1 });
    }
    return groups;
  },
  bars: [
    { what: 'start, 20 listeners, against mprocs', most: 1.2, figure: (m) => m.ratio('20 services', 'readyMs', 'devup', 'mprocs') },
    {
      what: 'start, 20 listeners, against concurrently',
      most: 0.7,
      figure: (m) => m.ratio('20 services', 'readyMs', 'devup', 'concurrently'),
    },
    { what: 'start, 100 listeners, against mprocs', most: 1.2, figure: (m) => m.ratio('100 services', 'readyMs', 'devup', 'mprocs') },
    {
      what: 'start, 100 listeners, against concurrently',
      most: 0.7,
      figure: (m) => m.ratio('100 services', 'readyMs', 'devup', 'concurrently'),
    },
    { what: 'stop, 100 listeners: all gone', unit: 'ms', most: 50, figure: (m) => m.median('100 services', 'goneMs', 'devup') },
    { what: 'stop, 100 listeners: command done', unit: 'ms', most: 150, figure: (m) => m.median('100 services', 'doneMs', 'devup') },
    {
      what: 'stop, 100 listeners, against concurrently',
      most: 0.25,
      figure: (m) => m.ratio('100 services', 'doneMs', 'devup', 'concurrently'),
    },
    { what: 'processes left over after a Ctrl-C, any number of services', unit: '', most: 0, figure: (m) => m.most('left', 'devup') },
  ],
};
