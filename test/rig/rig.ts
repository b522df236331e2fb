/**
 * A world for one test: a project in a temporary folder with its own home, runtime and cache folders, the built program,
 * puppets for services, and reserved ports. The rig ends what the test starts through `squat` and `spawn`. Anything else alive,
 * held or left after the test was leaked by devup or by the test, and fails it.
 */
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { test as base, inject } from 'vitest';
import { processRow, RUN_VARIABLE } from '../../scripts/world.mjs';
import { endpointsLeft, heldPorts, killAll, strays } from './leaks.ts';
import { releasePort, reservePort } from './ports.ts';
import { Puppet } from './puppets.ts';
import { type Exit, Running, type SpawnOptions } from './running.ts';
import { type Squatter, type SquatWish, squat } from './squatters.ts';
import { Terminal, type TerminalSize } from './terminal.ts';

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the rig's environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The build in which failures can be planted. */
  readonly forFailures?: boolean;
  readonly uid?: number;
  /** The time limit of `devup`. */
  readonly timeoutMs?: number;
}

export interface Answer extends Exit {
  readonly stdout: string;
  readonly stderr: string;
  /** stdout parsed; throws with all output when it is not one JSON value. */
  json(): unknown;
}

/** The suffix of the marker for squatters and their children, which tells them from what devup starts. */
const SQUATTER = 'squatter';
const PATIENCE_OF_A_COMMAND_MS = 60_000;
let rigs = 0;

export class Rig {
  /** The project: commands run here. */
  readonly root: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  readonly #folder = mkdtempSync(join(realpathSync(tmpdir()), 'rig-'));
  readonly #marker = `${inject('run')}.${process.pid}.${++rigs}.`;
  readonly #ports = new Set<number>();
  readonly #puppets: Puppet[] = [];
  readonly #programs: Running[] = [];
  readonly #squatters: Running[] = [];
  /** Processes that must be gone after the test, and those of squatters, which the rig ends: pid → start time. */
  readonly #seen = new Map<number, number>();
  readonly #held = new Map<number, number>();

  constructor() {
    const folder = (name: string) => {
      mkdirSync(join(this.#folder, name), { mode: 0o700 });
      return join(this.#folder, name);
    };
    this.root = folder('project');
    this.home = folder('home');
    this.env = {
      PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
      HOME: this.home,
      XDG_RUNTIME_DIR: folder('run'),
      XDG_CACHE_HOME: folder('cache'),
      TMPDIR: folder('tmp'),
      LANG: 'C.UTF-8',
      TERM: 'xterm-256color',
      [RUN_VARIABLE]: this.#marker,
    };
    folder('puppets');
    // The search for a config goes up to the repository's root.
    mkdirSync(join(this.root, '.git'));
  }

  /** Writes a file of the project; anything but text becomes JSON. Returns its path. */
  write(name: string, content: string | object): string {
    const file = join(this.root, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
    return file;
  }

  /** Writes `orchestrator.config.json` with these services. */
  config(services: Readonly<Record<string, object>>, rest: object = {}): string {
    return this.write('orchestrator.config.json', { name: 'rig', services, ...rest });
  }

  /** Reserved for this test. With `among`, one of these. */
  async port(among?: readonly number[]): Promise<number> {
    const port = await reservePort(among);
    this.#ports.add(port);
    return port;
  }

  puppet(name: string, ...flags: readonly (string | number)[]): Puppet {
    const puppet = new Puppet(join(this.#folder, 'puppets'), name, flags);
    this.#puppets.push(puppet);
    return puppet;
  }

  /** Runs devup to its end. */
  async devup(args: readonly string[], options: RunOptions = {}): Promise<Answer> {
    const running = this.start(args, options);
    running.endInput();
    const timeoutMs = options.timeoutMs ?? PATIENCE_OF_A_COMMAND_MS;
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`did not end in ${timeoutMs} ms\n${running.report()}`)), timeoutMs);
    });
    const exit = await Promise.race([running.exited, tooLong]).finally(() => clearTimeout(timer));
    refuseNodeWarnings(running);
    return { ...exit, stdout: running.stdout, stderr: running.stderr, json: () => parse(running) };
  }

  /** Starts devup and lets it run; the test must see it end. */
  start(args: readonly string[], options: RunOptions = {}): Running {
    const running = new Running(process.execPath, [this.#bin(options), ...args], { ...this.#spawnOptions(options), detached: true });
    this.#programs.push(running);
    return running;
  }

  /** Starts devup at a terminal. */
  terminal(args: readonly string[], options: RunOptions & Partial<TerminalSize> = {}): Terminal {
    const { rows = 40, columns = 120 } = options;
    const terminal = new Terminal([process.execPath, this.#bin(options), ...args], { rows, columns }, this.#spawnOptions(options));
    this.#programs.push(terminal);
    return terminal;
  }

  /** Starts a foreign process, which the rig ends after the test. */
  spawn(command: readonly [string, ...string[]], options: RunOptions & { readonly argv0?: string } = {}): Running {
    const [program, ...args] = command;
    const extra = options.argv0 === undefined ? {} : { argv0: options.argv0 };
    const running = new Running(program, args, { ...this.#squatterOptions(options), ...extra, detached: true });
    this.#squatters.push(running);
    return running;
  }

  /** Holds a port as `wish` describes; resolves when it is held. The rig ends it after the test. */
  async squat(wish: SquatWish): Promise<Squatter> {
    const squatter = await squat(wish, { ...this.#squatterOptions({}), detached: true });
    this.#squatters.push(squatter.process);
    for (const pid of squatter.pids) this.#remember(this.#held, pid);
    return squatter;
  }

  /** The rig makes sure that this process is gone after the test. */
  remember(pid: number): void {
    this.#remember(this.#seen, pid);
  }

  /** Ends what the rig must end; then finds, ends and reports leaks. */
  async close(): Promise<void> {
    const problems = this.#programs
      .filter(({ alive }) => alive)
      .map((program) => `still running when the test ended:\n${program.report()}`);
    await this.#endSquatters();
    for (const puppet of this.#puppets) for (const pid of puppet.pids()) this.remember(pid);
    problems.push(...(await strays(this.#marker, this.#seen)));
    await killAll(this.#marker, this.#seen);
    problems.push(...(await heldPorts(this.#ports)));
    problems.push(...endpointsLeft(this.#folder, join(this.#folder, 'puppets')));
    for (const port of this.#ports) releasePort(port);
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
    if (problems.length > 0) throw new Error(`left behind:\n${problems.join('\n')}`);
  }

  /** Finds them and everything they forked by their marker, and puppets also by their journal. */
  async #endSquatters(): Promise<void> {
    for (const squatter of this.#squatters) endGroup(squatter);
    const theirs = this.#puppets.filter(({ command }) => this.#squatters.some((squatter) => squatter.command === command.join(' ')));
    for (const pid of theirs.flatMap((puppet) => puppet.pids())) this.#remember(this.#held, pid);
    await killAll(`${this.#marker}${SQUATTER}`, this.#held);
    await Promise.all(this.#squatters.map(({ exited }) => exited.catch(() => undefined)));
  }

  #remember(where: Map<number, number>, pid: number): void {
    const row = processRow(pid);
    if (row && pid !== process.pid) where.set(pid, row.start);
  }

  #bin(options: RunOptions): string {
    return inject(options.forFailures ? 'devupForFailures' : 'devup');
  }

  #spawnOptions({ cwd, env, uid }: RunOptions): SpawnOptions {
    const merged = Object.entries({ ...this.env, ...env }).filter((entry): entry is [string, string] => entry[1] !== undefined);
    if (uid !== undefined) chmodSync(this.#folder, 0o755);
    return { cwd: cwd ?? this.root, env: Object.fromEntries(merged), ...(uid === undefined ? {} : { uid }) };
  }

  #squatterOptions(options: RunOptions): SpawnOptions {
    return this.#spawnOptions({ ...options, env: { ...options.env, [RUN_VARIABLE]: `${this.#marker}${SQUATTER}` } });
  }
}

/** The whole group: the rig starts them detached. */
function endGroup({ pid }: Running): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** A warning from Node is a bug in devup, so it fails the test. */
function refuseNodeWarnings(running: Running): void {
  if (/^\(node:\d+\) .*Warning/m.test(running.stderr)) throw new Error(`Node warned\n${running.report()}`);
}

function parse(running: Running): unknown {
  try {
    return JSON.parse(running.stdout);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Error(`stdout is not JSON: ${error.message}\n${running.report()}`);
  }
}

/** Tests that need a world: `test('…', async ({ rig }) => …)`. */
export const test = base.extend<{ rig: Rig }>({
  rig: async ({ task: _ }, use) => {
    const rig = new Rig();
    await use(rig);
    await rig.close();
  },
});
