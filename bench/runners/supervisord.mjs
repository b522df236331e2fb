import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const supervisord = {
  name: 'supervisord',
  needs: ['supervisord'],
  chains: false,
  prepare: ({ rig, folder, stack }) => {
    const file = join(folder, 'supervisord.conf');
    const head = `[supervisord]\nnodaemon=true\nlogfile=${folder}/s.log\npidfile=${folder}/s.pid\nchildlogdir=${folder}\n`;
    writeFileSync(file, head + stack.services.map(({ name, argv }) => `[program:${name}]\ncommand=${argv.join(' ')}\n`).join(''));
    return [rig.peers.paths.supervisord, '-c', file];
  },
};
