/** The core API: patients, and who has checked in. A patient is read from PostgreSQL once in half a minute. */
import { text } from '../../default/lib/service.mjs';
import { create, newest, one, patient } from './lib/records.mjs';
import { key } from './lib/redis.mjs';
import { start } from './lib/start.mjs';

const CACHED_SECONDS = 30;

start({
  name: 'api',
  prefix: '/api/',
  routes: ({ database, redis }) => {
    async function patients() {
      return { patients: (await database.query('select * from patients order by id limit 100')).rows };
    }

    async function onePatient({ params }) {
      const cached = await redis.get(key('patient', params.id));
      if (cached !== null) return { ...JSON.parse(cached), cached: true };
      const row = await one(database, 'patients', params);
      await redis.set(key('patient', params.id), JSON.stringify(row), { expiration: { type: 'EX', value: CACHED_SECONDS } });
      return { ...row, cached: false };
    }

    return [
      { method: 'GET', path: '/api/patients', about: 'All patients', handle: patients },
      { method: 'GET', path: '/api/patients/:id', about: 'One patient, cached for 30 s', handle: onePatient },
      {
        method: 'POST',
        path: '/api/patients',
        about: 'A new patient: { "name" }',
        handle: ({ body }) => create(database, 'patients', { name: text(body, 'name') }),
      },
      {
        method: 'GET',
        path: '/api/checkins',
        about: 'Who has checked in, the last first',
        handle: async () => ({ checkins: await newest(database, 'checkins') }),
      },
      {
        method: 'POST',
        path: '/api/checkins',
        about: 'A patient has arrived: { "patient" (an id) }',
        handle: ({ body }) => create(database, 'checkins', { patient: patient(body) }),
      },
    ];
  },
});
