/** The second backend: appointments of several tenants in one database. Every query names its tenant. */
import { openDatabase } from '../lib/database.mjs';
import { required, requiredPort } from '../lib/env.mjs';
import { Answer, Page, Refusal, serve, table, text } from '../lib/service.mjs';

const database = openDatabase();
const FOREIGN_KEY_VIOLATION = '23503';
const UPCOMING = `
  select appointments.id::int, patients.name as patient, starts_at, reason
  from appointments join patients on patients.id = appointments.patient
  where tenant = $1 order by starts_at, appointments.id limit 100`;

serve({
  name: 'backend2',
  port: requiredPort(),
  origins: [required('CORS_ORIGIN')],
  close: () => database.end(),
  routes: [
    { method: 'GET', path: '/health', about: 'Whether the database answers', handle: health },
    { method: 'GET', path: '/admin/', about: 'Appointments of all tenants, for people', handle: admin },
    { method: 'GET', path: '/api/v2/tenants', about: 'All tenants', handle: tenants },
    { method: 'GET', path: '/api/v2/tenants/:tenant/appointments', about: 'Appointments of a tenant, the next first', handle: list },
    {
      method: 'POST',
      path: '/api/v2/tenants/:tenant/appointments',
      about: 'A new appointment: { "patient" (its id), "startsAt" (ISO 8601), "reason" }',
      handle: create,
    },
  ],
});

async function health() {
  try {
    await database.query('select 1');
    return { status: 'ok' };
  } catch (error) {
    return new Answer(503, { status: 'no database', why: error.message || error.code });
  }
}

async function tenants() {
  const { rows } = await database.query('select slug, name from tenants order by slug');
  return { tenants: rows };
}

async function list({ params }) {
  const tenant = await find(params.tenant);
  const { rows } = await database.query(UPCOMING, [tenant.slug]);
  return { tenant, appointments: rows };
}

async function admin() {
  const sections = [];
  for (const { slug, name } of (await tenants()).tenants) {
    const { rows } = await database.query(UPCOMING, [slug]);
    sections.push(table(rows, name));
  }
  return new Page('Appointments', sections.join(''));
}

async function create({ params, body }) {
  const tenant = await find(params.tenant);
  const startsAt = new Date(text(body, 'startsAt'));
  if (Number.isNaN(startsAt.getTime())) throw new Refusal(400, 'startsAt must be a time: 2030-01-31T09:00:00Z');
  if (!Number.isSafeInteger(body.patient)) throw new Refusal(400, "patient must be a patient's id");
  const values = [tenant.slug, body.patient, startsAt, text(body, 'reason')];
  const insert = 'insert into appointments (tenant, patient, starts_at, reason) values ($1, $2, $3, $4)';
  try {
    const { rows } = await database.query(`${insert} returning id::int, tenant, patient::int, starts_at, reason`, values);
    return new Answer(201, rows[0]);
  } catch (error) {
    if (error.code !== FOREIGN_KEY_VIOLATION) throw error;
    throw new Refusal(404, `no patient ${body.patient}`);
  }
}

async function find(slug) {
  const { rows } = await database.query('select slug, name from tenants where slug = $1', [slug]);
  if (rows.length === 0) throw new Refusal(404, `no tenant ${slug}; see /api/v2/tenants`);
  return rows[0];
}
