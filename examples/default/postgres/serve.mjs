/**
 * A real PostgreSQL on `PORT`, from npm's programs, without an installation or a container.
 *
 *   node serve.mjs <folder for its data>
 *
 * This process stays as the parent of the server, which holds the port. Whatever asks us to end (Ctrl-C, SIGTERM, a
 * closed terminal) is a *fast* shutdown for PostgreSQL, SIGINT: it breaks off clients and writes its data out, where its
 * own SIGTERM would wait for the last client to leave.
 */
import { spawn } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { requiredDatabase, requiredPort } from '../lib/env.mjs';
import { reachableData, reachablePrograms, serverAccount } from './account.mjs';
import { prepareCluster } from './cluster.mjs';
import { completePrograms, findPrograms, program } from './programs.mjs';

const FAST = 'SIGINT';
const SIGNALS = { SIGINT: FAST, SIGTERM: FAST, SIGHUP: FAST, SIGQUIT: 'SIGQUIT' };

const NETWORK = ['listen_addresses=localhost', 'unix_socket_directories='];
/** devup stores the time of every line; a healthy server prints little. */
const LOG = ['log_line_prefix=', 'log_checkpoints=off'];

/** The program that runs now: it gets our signals. */
let child = null;
let ending = false;
for (const [received, passedOn] of Object.entries(SIGNALS)) {
  process.on(received, () => {
    ending = true;
    child?.kill(passedOn);
  });
}

// The account that runs the server must be able to enter the folders that root makes, whatever root's umask.
process.umask(0o022);
try {
  process.exitCode = await serve(process.argv[2]);
} catch (error) {
  if (!ending) console.error(error.message);
  process.exitCode = 1;
}

async function serve(wished) {
  const port = requiredPort();
  const database = requiredDatabase();
  if (!wished) throw new Error('usage: node serve.mjs <folder for its data>');
  if (database.port !== port) throw new Error(`DATABASE_URL says port ${database.port}, but PORT is ${port}`);

  const account = serverAccount();
  const found = await findPrograms();
  const programs = await reachablePrograms(found, account);
  await completePrograms(programs);
  const home = await realpath(await reachableData(wished, account));
  console.log(`PostgreSQL ${found.version}${account ? ` as ${account.name}` : ''}, data in ${home}`);

  const run = (file, args, input) => runToEnd(file, args, input, account);
  const data = await prepareCluster({ home, programs, version: found.version, database, account, run });
  if (ending) return 0;
  const settings = [...NETWORK, ...LOG].flatMap((setting) => ['-c', setting]);
  const server = start(program(programs, 'postgres'), ['-D', data, '-p', String(port), ...settings], account, [
    'ignore',
    'inherit',
    'inherit',
  ]);
  const { code, signal } = await server.ended;
  if (signal) console.error(`PostgreSQL was ended by ${signal}`);
  return code ?? 1;
}

/** Runs a program to its end and returns its output; throws the output when it fails. */
async function runToEnd(file, args, input, account) {
  const { process: running, ended } = start(file, args, account, ['pipe', 'pipe', 'pipe']);
  let output = '';
  for (const stream of [running.stdout, running.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  running.stdin.end(input ?? '');
  const { code, signal } = await ended;
  if (code !== 0) throw new Error(`${file} ended with ${signal ?? `exit code ${code}`}\n${output}`);
  return output;
}

/** `/` as working directory: the account may not be allowed into ours, and PostgreSQL needs one. */
function start(file, args, account, stdio) {
  const ids = account ? { uid: account.uid, gid: account.gid } : {};
  const spawned = spawn(file, args, { ...ids, cwd: '/', stdio });
  child = spawned;
  const ended = new Promise((resolve, reject) => {
    spawned.once('error', reject);
    spawned.once('close', (code, signal) => resolve({ code, signal }));
  });
  return { process: spawned, ended };
}
