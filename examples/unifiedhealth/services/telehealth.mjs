/** Video consultations: visits in PostgreSQL, who is in a visit's room in Redis. */
import { Refusal, text } from '../../default/lib/service.mjs';
import { create, newest, one, patient } from './lib/records.mjs';
import { key } from './lib/redis.mjs';
import { start } from './lib/start.mjs';

/** A room without a visitor for this long is empty. */
const ROOM_SECONDS = 2 * 3600;

start({
  name: 'telehealth',
  prefix: '/telehealth/',
  routes: ({ database, redis }) => {
    async function visit({ params }) {
      const row = await one(database, 'visits', params);
      return { ...row, participants: (await redis.sMembers(key('room', row.id))).sort() };
    }

    async function join({ params, body }) {
      const { id } = await one(database, 'visits', params);
      await redis.multi().sAdd(key('room', id), text(body, 'name')).expire(key('room', id), ROOM_SECONDS).exec();
      return visit({ params });
    }

    function schedule({ body }) {
      const startsAt = new Date(text(body, 'startsAt'));
      if (Number.isNaN(startsAt.getTime())) throw new Refusal(400, 'startsAt must be a time: 2030-01-31T09:00:00Z');
      return create(database, 'visits', { patient: patient(body), starts_at: startsAt });
    }

    return [
      {
        method: 'GET',
        path: '/telehealth/visits',
        about: 'All visits, the newest first',
        handle: async () => ({ visits: await newest(database, 'visits') }),
      },
      { method: 'POST', path: '/telehealth/visits', about: 'A new visit: { "patient", "startsAt" (ISO 8601) }', handle: schedule },
      { method: 'GET', path: '/telehealth/visits/:id', about: 'A visit, with who is in its room', handle: visit },
      { method: 'POST', path: '/telehealth/visits/:id/join', about: 'Enter its room: { "name" }', handle: join },
    ];
  },
});
