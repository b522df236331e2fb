/** E-prescriptions: prescribed once, dispensed once. */
import { Refusal, text } from '../../default/lib/service.mjs';
import { create, idOf, newest, one, patient } from './lib/records.mjs';
import { start } from './lib/start.mjs';

start({
  name: 'pharmacy',
  prefix: '/pharmacy/',
  routes: ({ database }) => {
    /** In one statement: of two simultaneous pharmacies, one gets it. */
    async function dispense({ params }) {
      const update = 'update prescriptions set dispensed_at = now() where id = $1 and dispensed_at is null returning *';
      const { rows } = await database.query(update, [idOf(params)]);
      if (rows.length > 0) return rows[0];
      const { dispensed_at } = await one(database, 'prescriptions', params);
      throw new Refusal(409, `dispensed already, at ${dispensed_at.toISOString()}`);
    }

    return [
      {
        method: 'GET',
        path: '/pharmacy/prescriptions',
        about: 'All prescriptions, the newest first',
        handle: async () => ({ prescriptions: await newest(database, 'prescriptions') }),
      },
      {
        method: 'POST',
        path: '/pharmacy/prescriptions',
        about: 'A new prescription: { "patient", "medicine" }',
        handle: ({ body }) => create(database, 'prescriptions', { patient: patient(body), medicine: text(body, 'medicine') }),
      },
      { method: 'POST', path: '/pharmacy/prescriptions/:id/dispense', about: 'Hand it out: {}', handle: dispense },
    ];
  },
});
