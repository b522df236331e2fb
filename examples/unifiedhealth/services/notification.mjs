/**
 * Email, SMS and push notifications: each message from a request or from the outbox in Redis becomes a row. This example
 * sends no real messages.
 */
import { once } from 'node:events';
import { text } from '../../default/lib/service.mjs';
import { create, newest, oneOf, patient } from './lib/records.mjs';
import { closeRedis, OUTBOX, openRedis } from './lib/redis.mjs';
import { start } from './lib/start.mjs';

const CHANNELS = ['email', 'sms', 'push'];
/** A separate connection: it waits in Redis until there is something to send. */
const outbox = openRedis();
let ending = false;

start({
  name: 'notification',
  prefix: '/notifications/',
  routes: ({ database }) => {
    sendAll(database);
    return [
      {
        method: 'GET',
        path: '/notifications/sent',
        about: 'What was sent, the newest first',
        handle: async () => ({ notifications: await newest(database, 'notifications') }),
      },
      {
        method: 'POST',
        path: '/notifications/send',
        about: `Send a message: { "patient", "channel" (${CHANNELS.join(', ')}), "text" }`,
        handle: ({ body }) => send(database, body),
      },
    ];
  },
  close: () => {
    ending = true;
    closeRedis(outbox);
  },
});

function send(database, body) {
  return create(database, 'notifications', { patient: patient(body), channel: oneOf(body, 'channel', CHANNELS), text: text(body, 'text') });
}

async function sendAll(database) {
  while (!ending) {
    try {
      if (!outbox.isReady) await once(outbox, 'ready');
      const next = await outbox.brPop(OUTBOX, 0);
      await send(database, JSON.parse(next.element));
    } catch (error) {
      if (!ending) console.error(`a message was not sent: ${error.message}`);
    }
  }
}
