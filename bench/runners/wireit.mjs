import { writeProject } from './npm-project.mjs';

export const wireit = {
  name: 'wireit',
  needs: ['wireit'],
  prepare: ({ folder, stack }) => {
    const names = stack.services.map(({ name }) => name);
    const services = stack.services.map(({ name, argv }, i) => {
      const before = stack.chained && i > 0 ? { dependencies: [names[i - 1]] } : {};
      return [name, { command: argv.join(' '), service: { readyWhen: { lineMatches: 'ready on' } }, ...before }];
    });
    const all = { dependencies: stack.chained ? names.slice(-1) : names, command: 'sleep 1000', service: true };
    writeProject(folder, {
      scripts: Object.fromEntries([...names, 'all'].map((name) => [name, 'wireit'])),
      wireit: { ...Object.fromEntries(services), all },
    });
    return ['npm', 'run', 'all'];
  },
};
