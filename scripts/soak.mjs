/**
 * `npm run soak -- --minutes N [--seed S] [--others N]`: one stack of puppets lives through random faults, one after the other, until
 * the time is over. After each fault, every service must be ready on its own port, held by its own processes; the number of
 * processes must be as before, and the supervisor's memory within bounds. After the stop nothing may be left. The printed seed
 * repeats the order of the faults.
 *
 *      db ◀── api ◀── web        worker (no port; a stubborn grandchild in its own session)
 *                                forker (no port; three helpers that became daemons)
 *                                daemon (its command exits; what listens has lost its environment)
 *
 * `--others`: the number of foreign processes beside the stack all the time; short-lived ones also come and go.
 *
 * Linux only: processes are found by their environment in /proc.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { processesOfRun, RUN_VARIABLE } from './world.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const puppet = join(root, 'test', 'rig', 'puppet.mjs');
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '20' }, seed: { type: 'string' }, others: { type: 'string', default: '0' } },
});
const minutes = Number(values.minutes);
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
const others = Number(values.others);
if (!(minutes > 0) || !Number.isSafeInteger(seed) || !(Number.isSafeInteger(others) && others >= 0 && others <= 10_000)) {
  console.error('usage: npm run soak -- --minutes N [--seed S] [--others N]');
  process.exit(2);
}

const MOST_MEMORY_MIB = 250;
const PATIENCE_MS = 45_000;
const TALKATIVE = ['db', 'api', 'web', 'worker', 'forker'];
const SERVICES = [...TALKATIVE, 'daemon'];

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'devup-soak-'));
const project = join(folder, 'project');
const run = `soak-${process.pid}-${seed}`;
const random = mulberry32(seed);
const began = performance.now();
const counts = {};
let generation = 0;
let usual = 0;
let peakMiB = 0;
let interrupted = false;
let current = 'start';
process.once('SIGINT', () => {
  interrupted = true;
});

for (const name of ['project/.git', 'home', 'run', 'tmp', 'cache']) mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
// A copy: the program may be rebuilt while this runs.
cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
const bin = join(folder, 'dist', 'bin.cjs');
const env = {
  PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
  HOME: join(folder, 'home'),
  XDG_RUNTIME_DIR: join(folder, 'run'),
  XDG_CACHE_HOME: join(folder, 'cache'),
  TMPDIR: join(folder, 'tmp'),
  LANG: 'C.UTF-8',
  [RUN_VARIABLE]: run,
};
const ports = { db: await freePort(), api: await freePort(), web: await freePort(), daemon: await freePort() };

const FORKED = [1, 2, 3].flatMap(() => ['--child', 'setsid+orphan']);

const faults = {
  'kill -9 of a service': async () => {
    const { pid, name } = await anyService();
    process.kill(pid, 'SIGKILL');
    await until(`${name} has another process`, async () => (await service(name)).pid !== pid);
  },
  'a stopped service is restarted': async () => {
    const { pid, name } = await anyService();
    process.kill(pid, 'SIGSTOP');
    await devup('restart', name);
  },
  'a squatter while stopped': async () => {
    const name = any(Object.keys(ports));
    await devup('stop', name);
    const squatter = spawn(process.execPath, ['-e', `require('net').createServer().listen(${ports[name]}, () => console.log('up'))`], {
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const gone = new Promise((resolve) => squatter.once('exit', resolve));
    await new Promise((resolve) => squatter.stdout.once('data', resolve));
    await devup('start', '-d', name);
    await gone;
  },
  'kill -9 of the supervisor': async () => {
    process.kill((await status()).session.pid, 'SIGKILL');
    await until('the guard has emptied the stack', () => living().length === 0);
    await devup('start', '-d');
  },
  'kill -9 of the supervisor, and a start at once': async () => {
    process.kill((await status()).session.pid, 'SIGKILL');
    await devup('start', '-d');
  },
  'a pause of the supervisor': async () => {
    const before = await status();
    process.kill(before.session.pid, 'SIGSTOP');
    await sleep(3000);
    process.kill(before.session.pid, 'SIGCONT');
    await ready();
    const after = await status();
    const restarted = after.services.filter(({ restarts }, i) => restarts !== before.services[i].restarts);
    if (restarted.length > 0) throw new Error(`restarted by a pause: ${restarted.map(({ name }) => name)}`);
  },
  'a restart with its dependents': () => devup('restart', any(SERVICES), '--with-dependents'),
  'a restart of everything': () => devup('restart'),
  'a stop, and a start of what is missing': async () => {
    await devup('stop', any(SERVICES));
    await devup('start', '-d');
  },
  'an edit of the config': async () => {
    generation++;
    writeConfig();
    const name = any(SERVICES);
    await devup('restart', name);
    if ((await service(name)).stale) throw new Error(`${name} is stale after its restart`);
  },
  'an edit that breaks the config': async () => {
    writeFileSync(join(project, 'orchestrator.config.json'), '{ "services": ');
    await devup('status');
    await expectCode(3, ['start', '-d']);
    writeConfig();
  },
  'a burst of output': async () => {
    const name = any(TALKATIVE);
    const text = `${'x'.repeat(199)}\n`.repeat(10_000);
    for (let i = 0; i < 8; i++) await tell(name, { do: 'print', text });
  },
  'a stop of everything': async () => {
    await devup('stop');
    await expectNothing();
    await devup('start', '-d');
  },
  'four starts at once after a stop': async () => {
    await devup('stop');
    await Promise.all([1, 2, 3, 4].map(() => devup('start', '-d')));
  },
};

console.log(`soak: ${minutes} min, seed ${seed}, ${others} others, Node ${process.version}, ${folder}`);
let failure = null;
const strangers = others > 0 ? await startStrangers() : null;
try {
  writeConfig();
  await devup('start', '-d');
  await ready();
  // The first start is also checked: these processes must exist after each fault.
  usual = living().length;
  while (performance.now() - began < minutes * 60_000 && !interrupted) {
    current = any(Object.keys(faults));
    await faults[current]();
    await look();
    counts[current] = (counts[current] ?? 0) + 1;
  }
  current = 'the last stop';
  await devup('stop');
  await expectNothing();
} catch (error) {
  failure = error;
}

if (strangers) kill(-strangers.pid);
const seconds = Math.round((performance.now() - began) / 1000);
const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
for (const [name, count] of Object.entries(counts)) console.log(`${String(count).padStart(5)}  ${name}`);
console.log(`${String(total).padStart(5)}  faults in ${seconds} s; the supervisor's peak: ${Math.round(peakMiB)} MiB; seed ${seed}`);
if (failure) {
  console.log(`FAILED at: ${current}\n${failure.stack}\nall of it is kept in ${folder}`);
  await execute(['stop']);
  for (const { pid } of living()) kill(pid);
} else {
  console.log('after each of them the stack was whole, and nothing was left at the end');
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
process.exitCode = failure ? 1 : 0;

function writeConfig() {
  const restart = { policy: 'always', max: 1000, backoff: { initial: '50ms', max: '200ms' } };
  const one = (name, more, ...flags) => ({
    command: [process.execPath, puppet, '--control', join(folder, 'tmp', `${name}.sock`), ...flags],
    env: { GENERATION: String(generation) },
    restart,
    stop: { timeout: '2s' },
    ...more,
  });
  const listening = (name, more) => one(name, { port: ports[name], ...more }, '--port', String(ports[name]));
  const services = {
    db: listening('db', {}),
    api: listening('api', { dependsOn: 'db', ready: { http: '/' } }),
    web: listening('web', { dependsOn: 'api' }),
    worker: one('worker', { dependsOn: [], ready: { log: 'works' } }, '--ready', 'works', '--child', 'setsid+stubborn'),
    forker: one('forker', { dependsOn: [], ready: { log: 'works' } }, '--ready', 'works', ...FORKED),
    daemon: one('daemon', { port: ports.daemon, dependsOn: [] }, '--child', `setsid+orphan+bare:${ports.daemon}`, '--exit', '0'),
  };
  writeFileSync(join(project, 'orchestrator.config.json'), JSON.stringify({ name: 'soak', services }));
}

/** Checks that every service is ready and ours, with nothing beside them, memory within bounds, and no half-written file. */
async function look() {
  await ready();
  await until(
    () => `${usual} processes: ${living().map(({ pid, command }) => `\n  ${pid} ${command}`)}`,
    () => living().length === usual,
  );
  const { session } = await status();
  const mib = Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${session.pid}/status`, 'utf8'))[1]) / 1024;
  peakMiB = Math.max(peakMiB, mib);
  if (mib > MOST_MEMORY_MIB) throw new Error(`the supervisor took ${Math.round(mib)} MiB`);
}

function ready() {
  let last = null;
  return until(
    () => `all ready: ${JSON.stringify(last)}`,
    async () => {
      last = await status();
      return last.services.every(({ state, port, verdict }) => state === 'ready' && (port === null || verdict === 'ours'));
    },
  );
}

/** In a group of their own, by which they are ended. They end by themselves when the time is long over. */
async function startStrangers() {
  const end = Math.ceil(minutes * 60) + 600;
  const script = `for i in $(seq ${others}); do sleep ${end} & done; echo up; for i in $(seq ${end * 20}); do sleep 0.05; done`;
  const shell = spawn('sh', ['-c', script], { env: { PATH: env.PATH }, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve, reject) => {
    shell.once('exit', () => reject(new Error('the strangers did not start')));
    shell.stdout.once('data', resolve);
  });
  shell.removeAllListeners('exit');
  return shell;
}

/** The services are gone when a stop returns; the session itself, which answered it, may take a moment more. */
async function expectNothing() {
  const left = () => living().map(({ pid, command }) => `pid ${pid}: ${command}`);
  await until(
    () => `an empty world: ${left()}`,
    () => left().length === 0,
  );
  for (const port of Object.values(ports)) if (await listens(port)) throw new Error(`something still listens on ${port}`);
  const files = readdirSync(join(folder, 'run'), { recursive: true, withFileTypes: true }).flatMap((e) =>
    e.isDirectory() ? [] : [e.name],
  );
  if (files.length > 0) throw new Error(`left: ${files.join(', ')}`);
}

/** Processes of this soak, without devup's short commands. */
function living() {
  return processesOfRun(run);
}

async function status() {
  const { stdout } = await execute(['status', '--json']);
  return JSON.parse(stdout);
}

async function service(name) {
  return (await status()).services.find((one) => one.name === name);
}

async function anyService() {
  const name = any(SERVICES);
  return service(name);
}

async function devup(...args) {
  await expectCode(0, args);
}

async function expectCode(code, args) {
  const done = await execute(args);
  // A status exits 1 while something is not ready yet.
  if (done.code === code || (args[0] === 'status' && done.code === 1)) return;
  throw new Error(`devup ${args.join(' ')} exited ${done.code}\n${done.stdout}${done.stderr}`);
}

function execute(args) {
  const child = spawn(process.execPath, [bin, ...args], { cwd: project, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

function tell(name, order) {
  return new Promise((resolve, reject) => {
    const socket = connect(join(folder, 'tmp', `${name}.sock`));
    socket.once('error', reject);
    socket.once('close', resolve).resume();
    socket.write(`${JSON.stringify(order)}\n`);
  });
}

async function until(what, holds) {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${typeof what === 'string' ? what : what()}`);
    await sleep(50);
  }
}

/** Finds them by the marker of this run. */
function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function any(list) {
  return list[Math.floor(random() * list.length)];
}

function mulberry32(start) {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
