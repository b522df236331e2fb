import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** It draws on a terminal, so it gets one; the key q is its Ctrl-C. */
export const mprocs = {
  name: 'mprocs',
  needs: ['mprocs', 'script'],
  chains: false,
  keys: true,
  prepare: ({ rig, folder, stack }) => {
    const file = join(folder, 'mprocs.yaml');
    const entries = stack.services.map(({ name, argv }) => `  ${name}:\n    shell: ${JSON.stringify(argv.join(' '))}\n`);
    writeFileSync(file, `procs:\n${entries.join('')}`);
    return ['script', '-qec', `stty rows 40 cols 120; exec ${rig.peers.paths.mprocs} --config ${file}`, '/dev/null'];
  },
  stop: ({ child }) => child.stdin.write('q'),
};
