/**
 * The tools that devup is compared with. npm's are installed into the benchmark's cache, in exactly these versions, never into
 * the project; the system's are used when they exist.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const FROM_NPM = {
  concurrently: '9.2.5',
  'fkill-cli': '9.0.0',
  'kill-port': '2.0.1',
  mprocs: '0.9.6',
  'npm-run-all2': '8.0.4',
  pm2: '7.0.4',
  'start-server-and-test': '2.1.5',
  turbo: '2.11.11',
  'wait-on': '9.5.1',
  wireit: '0.14.13',
};
const COMMANDS = { 'fkill-cli': 'fkill', 'npm-run-all2': 'run-p' };
const FROM_SYSTEM = ['foreman', 'supervisord', 'lsof', 'fuser', 'ss', 'script'];

/**
 * `{ bin, paths, versions }`: the folder of npm's commands, the path of each command by name (null: missing), and the versions.
 * Throws when npm cannot install them.
 */
export function installPeers(cache) {
  const folder = join(cache, 'peers');
  const manifest = JSON.stringify({ name: 'devup-bench-peers', private: true, dependencies: FROM_NPM }, null, 2);
  const stamp = join(folder, 'installed.json');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== manifest) install(folder, manifest, stamp);
  const bin = join(folder, 'node_modules', '.bin');
  const npm = Object.keys(FROM_NPM).map((name) => [COMMANDS[name] ?? name, join(bin, COMMANDS[name] ?? name)]);
  const system = FROM_SYSTEM.map((name) => [name, onPath(name)]);
  return {
    bin,
    paths: Object.fromEntries([...npm, ...system]),
    versions: { ...FROM_NPM, ...Object.fromEntries(system.filter(([, path]) => path)) },
  };
}

function install(folder, manifest, stamp) {
  console.error('installing the peers into the cache of the benchmark');
  mkdirSync(folder, { recursive: true });
  rmSync(stamp, { force: true });
  writeFileSync(join(folder, 'package.json'), manifest);
  const npm = process.env.npm_execpath;
  const [command, ...first] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  const args = [...first, 'install', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, error } = spawnSync(command, args, { cwd: folder, stdio: ['ignore', process.stderr, process.stderr] });
  if (error) throw error;
  if (status !== 0) throw new Error(`npm could not install the peers into ${folder}`);
  writeFileSync(stamp, manifest);
}

function onPath(name) {
  return (
    (process.env.PATH ?? '')
      .split(delimiter)
      .map((folder) => join(folder, name))
      .find(isExecutable) ?? null
  );
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOTDIR'].includes(error.code)) return false;
    throw error;
  }
}
