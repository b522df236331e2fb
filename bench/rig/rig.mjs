/**
 * The place where the benchmark works: a temporary folder, an environment without the owner's settings, unused ports, and names
 * on loopback. Every process it starts carries a mark in its environment; those alive after a case are counted as left over and
 * ended by pid.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processesOfRun, processRow, RUN_VARIABLE } from '../../scripts/world.mjs';
import { listeningPorts } from './proc.mjs';

/** Below the ports that the system assigns by itself. */
const PORTS = { from: 20000, to: 32000 };

export class Rig {
  constructor({ helpers, peers, bin }) {
    Object.assign(this, { helpers, peers, bin });
    this.root = mkdtempSync(join(tmpdir(), 'devup-bench-'));
    this.run = `bench-${process.pid}-`;
    this.count = 0;
    const runtime = join(this.root, 'run');
    mkdirSync(runtime, { mode: 0o700 });
    const { NODE_EXTRA_CA_CERTS: _certificates, NODE_OPTIONS: _options, CI: _ci, FORCE_COLOR: _colour, ...kept } = process.env;
    for (const name of Object.keys(kept)) if (/^(npm_|DEVUP)/i.test(name)) delete kept[name];
    this.env = {
      ...kept,
      [RUN_VARIABLE]: this.run,
      PATH: `${peers.bin}:${process.env.PATH}`,
      XDG_RUNTIME_DIR: runtime,
      XDG_CACHE_HOME: join(this.root, 'cache'),
      PM2_HOME: join(this.root, 'pm2'),
      TERM: 'xterm-256color',
      NO_UPDATE_NOTIFIER: '1',
      DO_NOT_TRACK: '1',
      TURBO_TELEMETRY_DISABLED: '1',
    };
  }

  /** A new empty folder; the name is short because some hold sockets. */
  folder() {
    const folder = join(this.root, String(++this.count));
    mkdirSync(folder);
    return folder;
  }

  /** The first of `count` neighbouring ports without a listener. */
  ports(count) {
    const taken = listeningPorts();
    for (let first = PORTS.from; first + count <= PORTS.to; first++) {
      let free = 0;
      while (free < count && !taken.has(first + free)) free++;
      if (free === count) return first;
      first += free;
    }
    throw new Error(`no ${count} free ports in a row between ${PORTS.from} and ${PORTS.to}`);
  }

  devup(...args) {
    return [process.execPath, this.bin, ...args];
  }

  /**
   * Runs a command to its end: `{ wallMs, cpuMs, rssMiB, code }`. Its output is discarded; `rssMiB` is that of its largest
   * process.
   */
  timed(argv, { cwd = this.root, env = this.env, seconds = 60 } = {}) {
    const file = join(this.root, 'measured.json');
    rmSync(file, { force: true });
    const { error } = spawnSync(this.helpers.measure, [file, ...argv.map(String)], { cwd, env, stdio: 'ignore', timeout: seconds * 1000 });
    if (error?.code === 'ETIMEDOUT') throw new Error(`took more than ${seconds} s: ${argv.join(' ')}`);
    if (error) throw error;
    const { rssKiB, ...measured } = JSON.parse(readFileSync(file, 'utf8'));
    return { ...measured, rssMiB: rssKiB / 1024 };
  }

  /** Like `timed`, but an unexpected exit code ends the benchmark: a command that fails is fast. */
  succeeding(argv, { codes = [0], ...options } = {}) {
    const measured = this.timed(argv, options);
    if (!codes.includes(measured.code)) throw new Error(`ended with ${measured.code}: ${argv.join(' ')}`);
    return measured;
  }

  /** The output of a command, which must succeed. */
  output(argv, { cwd = this.root, codes = [0] } = {}) {
    const { stdout, stderr, status, error } = spawnSync(argv[0], argv.slice(1), { cwd, env: this.env, encoding: 'utf8', timeout: 60_000 });
    if (error) throw error;
    if (!codes.includes(status)) throw new Error(`ended with ${status}: ${argv.join(' ')}\n${stderr}`);
    return stdout;
  }

  /** Starts a helper in its own group. Resolves with the process once its first line is there, which shows that it works. */
  async helper(argv) {
    const child = spawn(argv[0], argv.slice(1).map(String), {
      cwd: this.root,
      env: this.env,
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    await new Promise((resolve, reject) => {
      child.stdout.once('data', resolve);
      child.once('error', reject);
      child.once('close', (code) => reject(new Error(`ended with ${code}: ${argv.join(' ')}`)));
    });
    return child;
  }

  /** Ends what this benchmark started and is still alive; returns how many processes that were. */
  sweep() {
    const left = processesOfRun(this.run);
    for (const { pid, start } of left) if (processRow(pid)?.start === start) endNow(pid);
    return left.length;
  }

  close() {
    this.sweep();
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function endNow(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
