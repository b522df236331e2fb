/**
 * Lets `npm start` and `npm test` work in a bare clone: installs the packages when they are missing or the lock file changed,
 * and builds when the sources changed. It prints nothing when there is nothing to do. Built-ins only.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashOfSources, textOf } from './inputs.mjs';
import { withLock } from './lock.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const installStamp = join(root, 'node_modules', '.devup-lock');
const buildStamp = join(root, 'dist', '.stamp');

class CommandFailed extends Error {}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`devup needs Node 20.19 or newer; this is ${process.version} (${process.execPath})`);
  process.exit(1);
}

if (!isInstalled() || !isBuilt()) {
  try {
    await withLock(join(root, '.prepare.lock'), () => console.error('another devup is being prepared here; waiting for it'), prepare);
  } catch (error) {
    if (error.code === 'EACCES' || error.code === 'EROFS')
      console.error(`cannot install or build devup: ${root} is not writable (${error.code})`);
    else if (error instanceof CommandFailed) console.error(error.message);
    else throw error;
    process.exit(1);
  }
}

function prepare() {
  // Both are checked again: another process may have done the work while this one waited for the lock.
  if (!isInstalled()) {
    if (!matchesLockFile()) install();
    writeFileSync(installStamp, installKey());
  }
  if (!isBuilt()) {
    console.error('building devup');
    run(process.execPath, [join(root, 'scripts', 'build.mjs')]);
  }
}

function isInstalled() {
  return textOf(installStamp) === installKey();
}

function isBuilt() {
  return textOf(buildStamp) === hashOfSources(root);
}

/** Some packages contain binaries, so another system or processor needs its own installation. */
function installKey() {
  const lock = textOf(join(root, 'package-lock.json'));
  return createHash('sha256').update(`${process.platform} ${process.arch}\n${lock}`).digest('hex');
}

/** True when npm's record of its installation agrees with the lock file: `npm ci` was run by hand. */
function matchesLockFile() {
  const installed = textOf(join(root, 'node_modules', '.package-lock.json'));
  if (installed === null) return false;
  const present = JSON.parse(installed).packages;
  const wanted = JSON.parse(textOf(join(root, 'package-lock.json'))).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/') || entry.optional || entry.devOptional || entry.peer) return true;
    return entry.link ? present[path] !== undefined : present[path]?.version === entry.version;
  });
}

function install() {
  console.error('installing the packages that devup is built and tested with (npm ci)');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  if (npm?.endsWith('.js')) run(process.execPath, [npm, ...args]);
  else run('npm', args);
}

/** stdout belongs to the command that follows (`npm start -- --json`), so messages go to stderr. */
function run(command, args) {
  const { status, signal, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', process.stderr, process.stderr],
    shell: process.platform === 'win32' && command === 'npm',
  });
  if (error) throw error;
  if (status === 0) return;
  throw new CommandFailed(`${command} ${args.join(' ')} ${signal ? `was ended by ${signal}` : `failed with exit code ${status}`}`);
}
