import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A daemon, cold as after a login. Its command ends by itself; the daemon is the runner. */
export const pm2 = {
  name: 'pm2',
  needs: ['pm2'],
  chains: false,
  prepare: ({ rig, folder, stack }) => {
    const file = join(folder, 'bench.config.js');
    const apps = stack.services.map(({ name, argv }) => ({ name, script: argv[0], args: argv.slice(1), interpreter: 'none' }));
    writeFileSync(file, `module.exports = ${JSON.stringify({ apps })};\n`);
    return [rig.peers.paths.pm2, 'start', file];
  },
  settled: ({ exited }) => exited,
  root: ({ folder }) => Number(readFileSync(join(folder, 'pm2', 'pm2.pid'), 'utf8')),
  stop: ({ rig, folder, env }) => void spawn(rig.peers.paths.pm2, ['kill'], { cwd: folder, env, stdio: 'ignore' }),
};
