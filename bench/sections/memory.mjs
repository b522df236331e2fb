/**
 * devup's peak memory while it passes on output, also to a reader slower than the writer, against the same session with a
 * silent service. All are peaks (ru_maxrss), so the start counts in each.
 */
import { PASSERS, passed, written } from '../rig/output.mjs';
import { interleaved } from '../rig/statistics.mjs';

export const memory = {
  name: 'memory',
  title: 'Peak memory of devup while output passes',
  async run({ rig, quick }) {
    const megabytes = quick ? 50 : 200;
    const cases = {
      idle: { megabytes: 0, pauseUs: 0 },
      'fast reader': { megabytes, pauseUs: 0 },
      'slow reader': { megabytes, pauseUs: 1000 },
    };
    const measure = (name) => passed(rig, PASSERS.devup, written(rig, 1, cases[name].megabytes), cases[name]);
    return { [`${megabytes} MB`]: await interleaved(Object.keys(cases), quick ? 1 : 3, measure) };
  },
  bars: ['fast reader', 'slow reader'].map((reader) => ({
    what: `memory while passing output, ${reader}, against idle`,
    most: 1.5,
    figure: (m) => m.ratio(m.groups[0], 'rssMiB', reader, 'idle'),
  })),
};
