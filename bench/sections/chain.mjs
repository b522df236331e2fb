/**
 * A chain: each service starts when the one before is ready. devup proves at every link who holds the port; the others do not.
 */
import { lifetime, stackOf } from '../rig/lifetime.mjs';
import { interleaved } from '../rig/statistics.mjs';
import { runnersNamed } from '../runners/list.mjs';

export const chain = {
  name: 'chain',
  title: 'A chain: each starts when the one before it is ready',
  async run({ rig, quick, say }) {
    const groups = {};
    for (const [count, rounds] of quick
      ? [[20, 3]]
      : [
          [4, 7],
          [20, 7],
        ]) {
      const names = ['limit (C)', 'devup', 'wireit', ...(quick ? [] : ['concurrently + wait-on'])];
      const runners = new Map(runnersNamed(names, rig.peers).map((runner) => [runner.name, runner]));
      say(`a chain of ${count}`);
      const measure = (name) => lifetime(rig, runners.get(name), stackOf(rig, count, { chained: true }));
      groups[`chain of ${count}`] = await interleaved([...runners.keys(), 'node -e 0'], rounds, (name) =>
        name === 'node -e 0' ? { readyMs: rig.succeeding([process.execPath, '-e', '0']).wallMs } : measure(name),
      );
    }
    return groups;
  },
  bars: [
    { what: 'chain of 20, against wireit', most: 0.6, figure: (m) => m.ratio('chain of 20', 'readyMs', 'devup', 'wireit') },
    {
      what: 'chain of 20, without a cold start (node -e 0), against the C chain',
      most: 6,
      figure: (m) =>
        m.over(
          m.less(m.median('chain of 20', 'readyMs', 'devup'), m.median('chain of 20', 'readyMs', 'node -e 0')),
          m.median('chain of 20', 'readyMs', 'limit (C)'),
        ),
    },
  ],
};
