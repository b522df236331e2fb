/**
 * Runs the numbered SQL files that this database has not seen yet, each in a transaction of its own, and ends.
 * Two at the same time are no trouble: the second one waits.
 *
 *   node migrate.mjs [folder of the files: the one of this script]
 */
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { required } from '../lib/env.mjs';

/** Any number that no other program locks. */
const LOCK = 5_432_001;
const folder = resolve(process.argv[2] ?? import.meta.dirname);

const client = new pg.Client({ connectionString: required('DATABASE_URL'), connectionTimeoutMillis: 4000 });
try {
  await client.connect();
  await client.query('select pg_advisory_lock($1)', [LOCK]);
  await client.query('create table if not exists migrations (name text primary key, at timestamptz not null default now())');
  const { rows } = await client.query('select name from migrations');
  const done = new Set(rows.map((row) => row.name));
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
  const missing = files.filter((file) => !done.has(file));
  for (const file of missing) await apply(file);
  console.log(missing.length === 0 ? `up to date: ${files.at(-1)}` : `applied ${missing.join(', ')}`);
} catch (error) {
  console.error(error.message || error.code);
  process.exitCode = 1;
} finally {
  await client.end();
}

async function apply(file) {
  const sql = await readFile(join(folder, file), 'utf8');
  try {
    await client.query('begin');
    await client.query(sql);
    await client.query('insert into migrations (name) values ($1)', [file]);
    await client.query('commit');
  } catch (error) {
    throw new Error(`${file}: ${error.message}`, { cause: error });
  }
}
