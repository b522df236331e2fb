/**
 * The common part of the services behind the gateway: PostgreSQL, Redis, /health, /metrics, and a page of documentation at the
 * root of their own paths (`/auth/`), by which the gateway and `devup check --live` find them.
 */
import { openDatabase } from '../../../default/lib/database.mjs';
import { requiredPort } from '../../../default/lib/env.mjs';
import { Answer, serve, Text } from '../../../default/lib/service.mjs';
import { startMetrics } from './metrics.mjs';
import { closeRedis, openRedis } from './redis.mjs';

/** `routes({ database, redis })` returns the routes below `prefix`; `close` ends what they began. */
export function start({ name, prefix, routes, close = () => {} }) {
  const database = openDatabase();
  const redis = openRedis();
  const metrics = startMetrics();
  serve({
    name,
    port: requiredPort(),
    // Pages call the gateway.
    origins: [],
    docs: prefix,
    observe: ({ route, ...answer }) => metrics.observe({ method: route.method, path: route.path, ...answer }),
    routes: [
      { method: 'GET', path: '/health', about: 'Whether PostgreSQL and Redis answer', handle: () => health(database, redis) },
      { method: 'GET', path: '/metrics', about: 'For Prometheus', handle: () => new Text(metrics.text()) },
      ...routes({ database, redis }),
    ],
    close: () => {
      close();
      closeRedis(redis);
      database.end();
    },
  });
}

async function health(database, redis) {
  try {
    await Promise.all([database.query('select 1'), redis.ping()]);
    return { status: 'ok' };
  } catch (error) {
    return new Answer(503, { status: 'no data', why: error.message || error.code });
  }
}
