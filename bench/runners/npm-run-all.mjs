import { writeProject } from './npm-project.mjs';

export const runP = {
  name: 'run-p',
  needs: ['run-p'],
  chains: false,
  prepare: ({ rig, folder, stack }) => {
    writeProject(folder, { scripts: Object.fromEntries(stack.services.map(({ name, argv }) => [name, argv.join(' ')])) });
    return [rig.peers.paths['run-p'], ...stack.services.map(({ name }) => name)];
  },
};
