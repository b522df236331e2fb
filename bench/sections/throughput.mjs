/**
 * Output of 100-byte lines through a runner into a pipe, with a prefix; the counter reads it line by line. The limits are cat
 * (no prefix) and sed (a prefix).
 */

import { PASSERS, passed, written } from '../rig/output.mjs';
import { interleaved } from '../rig/statistics.mjs';

export const throughput = {
  name: 'throughput',
  title: 'Log throughput: lines of 100 bytes through the runner into a pipe',
  async run({ rig, quick, say }) {
    const groups = {};
    const names = Object.keys(PASSERS).filter((name) => (PASSERS[name].needs ?? []).every((command) => rig.peers.paths[command]));
    // No less in a quick run, which would then measure how long the runners take to start.
    for (const [writers, megabytes] of [
      [1, 200],
      [20, 10],
    ]) {
      const group = `${writers} × ${megabytes} MB`;
      say(group);
      const measured = quick ? names.filter((name) => !PASSERS[name].slow) : names;
      groups[group] = await interleaved(measured, quick ? 1 : 5, (name) => passed(rig, PASSERS[name], written(rig, writers, megabytes)));
    }
    return groups;
  },
  bars: [bars('one writer', 0), bars('twenty writers', 1)].flat(),
};

/** The first group is of one writer, the second of twenty. */
function bars(who, position) {
  const speed = (m, against) => m.over(m.median(m.groups[position], 'wallMs', against), m.median(m.groups[position], 'wallMs', 'devup'));
  return [
    { what: `log throughput, ${who}, against sed`, least: 0.7, figure: (m) => speed(m, 'sed') },
    { what: `log throughput, ${who}, against run-p -l`, least: 1.5, figure: (m) => speed(m, 'run-p -l') },
    { what: `log throughput, ${who}: bytes lost`, unit: '', most: 0, figure: (m) => m.largest(m.groups[position], 'lostBytes', 'devup') },
    { what: `log throughput, ${who}: torn lines`, unit: '', most: 0, figure: (m) => m.largest(m.groups[position], 'tornLines', 'devup') },
  ];
}
