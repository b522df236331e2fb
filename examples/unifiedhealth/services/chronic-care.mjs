/**
 * Remote patient monitoring: readings in PostgreSQL, the last of each kind in Redis. One outside its limits is a message
 * to the patient, which the notification service sends.
 */
import { create, newest, number, oneOf, patient } from './lib/records.mjs';
import { key, OUTBOX } from './lib/redis.mjs';
import { start } from './lib/start.mjs';

const LIMITS = { 'heart-rate': [40, 130], glucose: [70, 250], oxygen: [92, 100] };

start({
  name: 'chronic-care',
  prefix: '/chronic-care/',
  routes: ({ database, redis }) => {
    async function record({ body }) {
      const kind = oneOf(body, 'kind', Object.keys(LIMITS));
      const value = number(body, 'value', 0, 1000);
      const answer = await create(database, 'readings', { patient: patient(body), kind, value });
      await redis.hSet(key('latest', body.patient), kind, value);
      const [lowest, highest] = LIMITS[kind];
      if (value < lowest || value > highest)
        await redis.lPush(OUTBOX, JSON.stringify({ patient: body.patient, channel: 'push', text: `${kind} is ${value}` }));
      return answer;
    }

    async function latest({ params }) {
      const values = await redis.hGetAll(key('latest', params.patient));
      return Object.fromEntries(Object.entries(values).map(([kind, value]) => [kind, Number(value)]));
    }

    return [
      {
        method: 'GET',
        path: '/chronic-care/readings',
        about: 'All readings, the newest first',
        handle: async () => ({ readings: await newest(database, 'readings') }),
      },
      {
        method: 'POST',
        path: '/chronic-care/readings',
        about: `A new reading: { "patient", "kind" (${Object.keys(LIMITS).join(', ')}), "value" }`,
        handle: record,
      },
      { method: 'GET', path: '/chronic-care/latest/:patient', about: 'The last value of each kind', handle: latest },
    ];
  },
});
