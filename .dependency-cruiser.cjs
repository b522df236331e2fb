/**
 * The floors: imports go down only, and folders on one floor do not see each other. Type imports count.
 * Adding a folder under src/ means naming its floor here; adding a package means naming its home.
 */
const floors = [
  ['model'],
  ['machine', 'config', 'logs', 'check', 'control', 'render'],
  ['processes'],
  ['ports'],
  ['supervisor'],
  ['app'],
  ['cli', 'tui', 'mcp', 'dashboard'],
];

/** Where each npm package may be imported. */
const homes = {
  execa: ['supervisor', 'processes'],
  'detect-port': ['ports'],
  'tree-kill': ['machine'],
  listr2: ['render'],
  'string-width': ['render'],
  'slice-ansi': ['render'],
  cosmiconfig: ['config'],
  jiti: ['config'],
  sucrase: ['config'],
  zod: ['config'],
  yaml: ['config', 'check'],
  'jsonc-parser': ['config', 'check'],
  '@babel/parser': ['check'],
  'mdast-util-from-markdown': ['check'],
  'mdast-util-gfm-table': ['check'],
  'micromark-extension-gfm-table': ['check'],
  '@lezer/python': ['check'],
  diff: ['check'],
  ignore: ['check'],
  picomatch: ['check'],
  'eventsource-parser': ['control'],
};

const anyOf = (names) => `(${names.join('|')})`;

/** A room sees itself and the floors below it, and no other room. */
const rooms = floors.flatMap((floor, level) =>
  floor.flatMap((room) => {
    const visible = [room, ...floors.slice(0, level).flat()];
    if (room !== 'cli') return [rule(room, `^src/${room}/`, visible)];
    // `devup tui` is a command that opens the room beside it.
    return [
      rule('cli', '^src/cli/(?!commands/)', visible),
      rule('cli-commands', '^src/cli/commands/', [...visible, ...floor.filter((other) => other !== room)]),
    ];
  }),
);

function rule(name, from, visible) {
  return {
    name: `floors-${name}`,
    comment: `${from} may import ${visible.map((room) => `src/${room}`).join(', ')} and nothing else of src`,
    severity: 'error',
    from: { path: from },
    to: { path: '^src/', pathNot: [`^src/${anyOf(visible)}/`] },
  };
}

const packages = Object.entries(homes).map(([name, rooms]) => ({
  name: `home-of-${name}`,
  comment: `${name} is imported in ${rooms.map((room) => `src/${room}`).join(' and ')} only`,
  severity: 'error',
  from: { path: '^src/', pathNot: `^src/${anyOf(rooms)}/` },
  to: { path: `node_modules/${name}/` },
}));

module.exports = {
  floors,
  forbidden: [
    ...rooms,
    ...packages,
    {
      name: 'model-imports-nothing',
      comment: 'plain data and pure functions: not even node:',
      severity: 'error',
      from: { path: '^src/model/' },
      to: { pathNot: '^src/model/' },
    },
    {
      name: 'app-has-no-words',
      comment: 'src/app gives data back; what is printed is made in src/render, by whoever calls src/app',
      severity: 'error',
      from: { path: '^src/app/' },
      to: { path: '^src/render/' },
    },
    {
      name: 'every-room-has-a-floor',
      comment: 'name the floor of the new folder in .dependency-cruiser.cjs',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: `^src/${anyOf(floors.flat())}/` },
      to: {},
    },
    {
      name: 'every-package-has-a-home',
      comment: 'name the home of the new package in .dependency-cruiser.cjs',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: 'node_modules/', pathNot: `node_modules/(${Object.keys(homes).join('|')}|@types/node)/` },
    },
    { name: 'no-cycles', comment: 'type imports included', severity: 'error', from: { path: '^src/' }, to: { circular: true } },
    {
      name: 'no-dead-ends',
      comment: 'the import leads nowhere',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'nothing-looks-up-from-below-src',
      comment: 'what is shipped does not import tests, scripts or examples',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|scripts|bench|examples)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
};
