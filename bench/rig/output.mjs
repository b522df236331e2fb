/** Runners that pass on the output of writers, and the counter at the end of the pipe. */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeDevupConfig } from '../runners/devup.mjs';
import { writeProcfile } from '../runners/foreman.mjs';
import { writeProject } from '../runners/npm-project.mjs';
import { turboCommand, writeTurboProject } from '../runners/turbo.mjs';

const LINE_BYTES = 100;
const SECONDS = 180;

/** `writers` services that each write that many megabytes of lines and end. `task`: devup's word for a service that ends. */
export function written(rig, writers, megabytes) {
  const bytes = megabytes * 1e6;
  const services = Array.from({ length: writers }, (_, i) => ({
    name: `svc${i}`,
    argv: [rig.helpers.generate, String(bytes)],
    ready: { exit: 0 },
  }));
  return { services, chained: false, payload: (writers * bytes * (LINE_BYTES - 1)) / LINE_BYTES };
}

const inShell =
  (suffix) =>
  (_rig, _folder, { services }) => ['sh', '-c', `${services.map(({ argv }) => `${argv.join(' ')} ${suffix} &`).join('\n')}\nwait`];

/** `command(rig, folder, stack)` writes a config and returns the command. `slow`: not in a quick run. */
export const PASSERS = {
  cat: { command: inShell('| cat') },
  sed: { command: inShell("| sed 's/^/[svc] /'") },
  devup: {
    command: (rig, folder, stack) => {
      writeDevupConfig(folder, stack);
      rig.succeeding(rig.devup('status'), { cwd: folder, codes: [0, 1] });
      return rig.devup('start');
    },
  },
  'run-p -l': {
    needs: ['run-p'],
    command: (rig, folder, { services }) => {
      writeProject(folder, { scripts: Object.fromEntries(services.map(({ name, argv }) => [name, argv.join(' ')])) });
      return [rig.peers.paths['run-p'], '-l', '--silent', ...services.map(({ name }) => name)];
    },
  },
  concurrently: {
    needs: ['concurrently'],
    command: (rig, _folder, { services }) => [rig.peers.paths.concurrently, ...services.map(({ argv }) => argv.join(' '))],
  },
  turbo: {
    needs: ['turbo'],
    slow: true,
    command: (rig, folder, stack) => {
      writeTurboProject(folder, stack, { persistent: false });
      return turboCommand(rig, stack);
    },
  },
  foreman: {
    needs: ['foreman'],
    slow: true,
    command: (rig, folder, stack) => {
      writeProcfile(folder, stack);
      return [rig.peers.paths.foreman, 'start'];
    },
  },
};

/**
 * Runs `passer | count`: `{ wallMs, cpuMs, rssMiB, lostBytes, tornLines }`. `pauseUs`: the reader's sleep before every 64 KiB.
 * A runner that neither ends nor fails in three minutes is ended; everything that did not arrive counts as lost.
 */
export async function passed(rig, passer, stack, { pauseUs = 0 } = {}) {
  const folder = rig.folder();
  const argv = passer.command(rig, folder, stack);
  const file = join(folder, 'measured.json');
  const pipeline = 'count=$1 pause=$2; shift 2; "$@" 2>/dev/null | "$count" "$pause"';
  const shell = spawn('sh', ['-c', pipeline, 'sh', rig.helpers.count, String(pauseUs), rig.helpers.measure, file, ...argv], {
    cwd: folder,
    env: rig.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const timer = setTimeout(() => rig.sweep(), SECONDS * 1000);
  let text = '';
  for await (const chunk of shell.stdout) text += chunk;
  clearTimeout(timer);
  rig.sweep();
  const { payload, torn } = JSON.parse(text);
  const { wallMs = null, cpuMs = null, rssKiB = null, code = null } = measuredIn(file);
  rmSync(folder, { recursive: true, force: true });
  return { wallMs, cpuMs, rssMiB: rssKiB && rssKiB / 1024, lostBytes: stack.payload - payload, tornLines: torn, code };
}

function measuredIn(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}
