import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const foreman = {
  name: 'foreman',
  needs: ['foreman'],
  chains: false,
  prepare: ({ rig, folder, stack }) => {
    writeProcfile(folder, stack);
    return [rig.peers.paths.foreman, 'start'];
  },
};

export function writeProcfile(folder, { services }) {
  writeFileSync(join(folder, 'Procfile'), services.map(({ name, argv }) => `${name}: ${argv.join(' ')}\n`).join(''));
}
