/**
 * The one address that the applications know: routes each path to its service, limits the requests of each client, and allows
 * the frontends' origins.
 */
import { createServer } from 'node:http';
import { required, requiredPort } from '../../../default/lib/env.mjs';
import { Answer, answerCors, isLocal, Page, send, stopOnSignal, Text, table } from '../../../default/lib/service.mjs';
import { startMetrics } from '../lib/metrics.mjs';
import { closeRedis, openRedis } from '../lib/redis.mjs';
import { proxy } from './proxy.mjs';
import { countRequest } from './rate-limit.mjs';

const port = requiredPort();
const origins = required('CORS_ORIGINS').split(',');
const limit = Number(required('RATE_LIMIT_PER_MINUTE'));
const upstreams = Object.entries({
  '/auth/': required('AUTH_SERVICE_URL'),
  '/api/': required('API_URL'),
  '/telehealth/': required('TELEHEALTH_URL'),
  '/mental-health/': required('MENTAL_HEALTH_URL'),
  '/chronic-care/': required('CHRONIC_CARE_URL'),
  '/notifications/': required('NOTIFICATION_URL'),
  '/pharmacy/': required('PHARMACY_URL'),
  '/laboratory/': required('LABORATORY_URL'),
  '/imaging/': required('IMAGING_URL'),
}).map(([prefix, url]) => ({ prefix, url: new URL(url) }));

const redis = openRedis();
const metrics = startMetrics();
/** The gateway's own answers: by path, without limits. */
const own = {
  '/': async () => new Page('API gateway', table(upstreams.map(({ prefix, url }) => ({ prefix, service: url.origin })))),
  '/health': health,
  '/metrics': async () => new Text(metrics.text()),
};

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(`${request.method} ${request.url}: ${error.stack}`);
    if (!response.headersSent) send(response, 500, { error: 'internal error' });
  });
});
server.on('error', (error) => {
  console.error(`api-gateway cannot listen: ${error.message}`);
  process.exitCode = 1;
  closeRedis(redis);
});
server.listen(port, '127.0.0.1', () => console.log(`api-gateway listens on http://localhost:${port}`));
stopOnSignal(server, () => closeRedis(redis));

async function answer(request, response) {
  if (!isLocal(request)) return send(response, 403, { error: 'the gateway answers only to localhost' });
  if (answerCors(request, response, origins)) return;
  const { pathname } = new URL(request.url, 'http://localhost');
  const upstream = upstreams.find(({ prefix }) => pathname.startsWith(prefix));
  observe(request, response, upstream?.prefix ?? (Object.hasOwn(own, pathname) ? pathname : 'unknown'));
  if (upstream) return passOn(request, response, upstream);
  if (!Object.hasOwn(own, pathname)) return send(response, 404, { error: `no service answers ${pathname}; see /` });
  const value = await own[pathname]();
  if (value instanceof Answer) send(response, value.status, value.value);
  else send(response, 200, value);
}

async function passOn(request, response, { url }) {
  const { allowed, remaining, retryAfterSeconds } = await countRequest(redis, request.socket.remoteAddress, limit);
  response.setHeader('ratelimit-limit', limit);
  response.setHeader('ratelimit-remaining', remaining);
  if (allowed) return proxy(request, response, url);
  response.setHeader('retry-after', retryAfterSeconds);
  send(response, 429, { error: `more than ${limit} requests in a minute; again in ${retryAfterSeconds} s` });
}

function observe({ method }, response, path) {
  const began = performance.now();
  response.on('finish', () => {
    metrics.observe({ method, path, status: response.statusCode, seconds: (performance.now() - began) / 1000 });
  });
}

async function health() {
  try {
    await redis.ping();
    return { status: 'ok' };
  } catch (error) {
    return new Answer(503, { status: 'no Redis', why: error.message });
  }
}
