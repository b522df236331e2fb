/**
 * Checks that this is our database: a login with the configured DATABASE_URL and one query. An open port or `pg_isready` would
 * accept any server; this decides whether a running PostgreSQL may be used as ours.
 */
import pg from 'pg';
import { required } from '../lib/env.mjs';

const client = new pg.Client({ connectionString: required('DATABASE_URL'), connectionTimeoutMillis: 4000, query_timeout: 4000 });
try {
  await client.connect();
  await client.query('select 1');
} catch (error) {
  console.error(`no login: ${error.message || error.code}`);
  process.exitCode = 1;
} finally {
  await client.end().catch(() => {});
}
