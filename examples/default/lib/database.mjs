import pg from 'pg';
import { required } from './env.mjs';

/** A pool of connections to DATABASE_URL that survives a restart of PostgreSQL: broken connections are replaced. */
export function openDatabase() {
  const pool = new pg.Pool({ connectionString: required('DATABASE_URL'), max: 5, connectionTimeoutMillis: 4000 });
  pool.on('error', (error) => console.error(`lost a connection to PostgreSQL: ${error.message}`));
  return pool;
}
