import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeProject } from './npm-project.mjs';

/** One package per service, each with the script `dev`; `persistent` for services, not for tasks. */
export const turbo = {
  name: 'turbo',
  needs: ['turbo'],
  chains: false,
  prepare: ({ rig, folder, stack }) => {
    writeTurboProject(folder, stack, { persistent: true });
    return turboCommand(rig, stack);
  },
};

export function turboCommand(rig, { services }) {
  return [rig.peers.paths.turbo, 'run', 'dev', `--concurrency=${services.length + 2}`, '--no-daemon', '--env-mode=loose'];
}

export function writeTurboProject(folder, { services }, { persistent }) {
  writeProject(folder, { workspaces: ['p/*'] });
  writeFileSync(join(folder, 'turbo.json'), JSON.stringify({ ui: 'stream', tasks: { dev: { cache: false, persistent } } }));
  const packages = { '': { name: 'bench', version: '1.0.0', workspaces: ['p/*'] } };
  for (const { name, argv } of services) {
    const home = join(folder, 'p', name);
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'package.json'), JSON.stringify({ name, version: '1.0.0', scripts: { dev: argv.join(' ') } }));
    packages[`node_modules/${name}`] = { resolved: `p/${name}`, link: true };
    packages[`p/${name}`] = { version: '1.0.0' };
  }
  writeFileSync(
    join(folder, 'package-lock.json'),
    JSON.stringify({ name: 'bench', version: '1.0.0', lockfileVersion: 3, requires: true, packages }),
  );
}
