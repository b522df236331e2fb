/** The number of a client's requests in this minute, counted in Redis, so that all gateways share it. */
import { key } from '../lib/redis.mjs';

const WINDOW_SECONDS = 60;

/** Counts this request: `{ allowed, remaining, retryAfterSeconds }`. Without Redis every request is allowed. */
export async function countRequest(redis, client, limit) {
  const now = Date.now() / 1000;
  const counter = key('requests', client, Math.floor(now / WINDOW_SECONDS));
  try {
    const [count] = await redis.multi().incr(counter).expire(counter, WINDOW_SECONDS).exec();
    const retryAfterSeconds = Math.ceil(WINDOW_SECONDS - (now % WINDOW_SECONDS));
    return { allowed: count <= limit, remaining: Math.max(0, limit - count), retryAfterSeconds };
  } catch (error) {
    console.error(`requests are not counted: ${error.message}`);
    return { allowed: true, remaining: limit, retryAfterSeconds: 0 };
  }
}
