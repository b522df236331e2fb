/** The fixed cost of a command: the whole process, beside the smallest process that Node can start. */
import { interleaved } from '../rig/statistics.mjs';

export const coldStart = {
  name: 'cold-start',
  title: 'Cold start of commands',
  async run({ rig, quick }) {
    const { paths } = rig.peers;
    const cases = {
      'node -e 0': [process.execPath, '-e', '0'],
      'devup --version': rig.devup('--version'),
      'devup --help': rig.devup('--help'),
      'mprocs --version': [paths.mprocs, '--version'],
      'concurrently --version': [paths.concurrently, '--version'],
      'pm2 --version': [paths.pm2, '--version'],
      ...(quick
        ? {}
        : {
            'run-p --version': [paths['run-p'], '--version'],
            'turbo --version': [paths.turbo, '--version'],
            'kill-port --help': [paths['kill-port'], '--help'],
            'wait-on --help': [paths['wait-on'], '--help'],
          }),
    };
    const measure = (name) => rig.succeeding(cases[name]);
    return { commands: await interleaved(Object.keys(cases), quick ? 7 : 25, measure, { warm: true }) };
  },
  bars: [
    {
      what: '`devup --version` against `node -e 0`',
      most: 1.1,
      figure: (m) => m.ratio('commands', 'wallMs', 'devup --version', 'node -e 0'),
    },
    { what: '`devup --help` against `node -e 0`', most: 1.3, figure: (m) => m.ratio('commands', 'wallMs', 'devup --help', 'node -e 0') },
  ],
};
