/** Lab orders and results. A result is a message to the patient, which the notification service sends. */
import { text } from '../../default/lib/service.mjs';
import { create, newest, one, patient } from './lib/records.mjs';
import { OUTBOX } from './lib/redis.mjs';
import { start } from './lib/start.mjs';

start({
  name: 'laboratory',
  prefix: '/laboratory/',
  routes: ({ database, redis }) => {
    async function result({ params, body }) {
      const order = await one(database, 'orders', params);
      const { rows } = await database.query('update orders set result = $2 where id = $1 returning *', [order.id, text(body, 'result')]);
      const message = { patient: order.patient, channel: 'email', text: `The result of ${order.test} is there` };
      await redis.lPush(OUTBOX, JSON.stringify(message));
      return rows[0];
    }

    return [
      {
        method: 'GET',
        path: '/laboratory/orders',
        about: 'All orders, the newest first',
        handle: async () => ({ orders: await newest(database, 'orders') }),
      },
      {
        method: 'POST',
        path: '/laboratory/orders',
        about: 'A new order: { "patient", "test" }',
        handle: ({ body }) => create(database, 'orders', { patient: patient(body), test: text(body, 'test') }),
      },
      { method: 'POST', path: '/laboratory/orders/:id/result', about: 'Its result: { "result" }', handle: result },
    ];
  },
});
