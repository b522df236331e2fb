export const concurrently = {
  name: 'concurrently',
  needs: ['concurrently'],
  chains: false,
  prepare: ({ rig, stack }) => [rig.peers.paths.concurrently, ...stack.services.map(({ argv }) => argv.join(' '))],
};
