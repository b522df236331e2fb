/** A chain for runners without readiness: each command waits for the port before it with wait-on. */
export const waitOn = {
  name: 'concurrently + wait-on',
  needs: ['concurrently', 'wait-on'],
  prepare: ({ rig, stack }) => {
    const commands = stack.services.map(({ argv }, i) => {
      const before = i > 0 ? `${rig.peers.paths['wait-on']} tcp:127.0.0.1:${stack.services[i - 1].port} && ` : '';
      return `${before}exec ${argv.join(' ')}`;
    });
    return [rig.peers.paths.concurrently, ...commands];
  },
};
