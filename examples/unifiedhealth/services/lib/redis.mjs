/** Redis holds what may be lost: sessions, cached rows, who is in a call, and unsent messages. */
import { createClient } from '@redis/client';
import { required } from '../../../default/lib/env.mjs';

const LONGEST_PAUSE_MS = 2000;

/** A connection that reconnects by itself; meanwhile every command fails at once instead of waiting. */
export function openRedis() {
  const client = createClient({
    url: required('REDIS_URL'),
    disableOfflineQueue: true,
    socket: { connectTimeout: 4000, reconnectStrategy: (tries) => Math.min(50 * 2 ** tries, LONGEST_PAUSE_MS) },
  });
  client.on('error', (error) => console.error(`no Redis: ${error.message || error.code}`));
  // It retries until it is closed, the only reason why it gives up.
  client.connect().catch(() => {});
  return client;
}

/** Drops the requests that still wait for an answer: their callers have gone. */
export function closeRedis(client) {
  if (client.isOpen) client.destroy();
}

/** All of this platform's keys begin alike, so that a Redis can be shared. */
export function key(...parts) {
  return ['unifiedhealth', ...parts].join(':');
}

/** `notification` takes messages from the other end. */
export const OUTBOX = key('outbox');
