/** The physical limit: a C program that only spawns. */
export const limit = {
  name: 'limit (C)',
  prepare: ({ rig, stack }) => {
    const [first] = stack.services;
    return [rig.helpers.limit, stack.chained ? 'chain' : 'together', stack.services.length, first.port, ...first.argv.slice(0, -1)];
  },
};
