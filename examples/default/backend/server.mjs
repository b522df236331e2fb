/** The first backend: patients. */
import { openDatabase } from '../lib/database.mjs';
import { required, requiredPort } from '../lib/env.mjs';
import { Answer, Page, Refusal, serve, table, text } from '../lib/service.mjs';

const database = openDatabase();
const COLUMNS = "id::int, name, to_char(born, 'YYYY-MM-DD') as born, created_at";

serve({
  name: 'backend',
  port: requiredPort(),
  origins: [required('CORS_ORIGIN')],
  close: () => database.end(),
  routes: [
    { method: 'GET', path: '/health', about: 'Whether the database answers', handle: health },
    { method: 'GET', path: '/admin/', about: 'All patients, for people', handle: admin },
    { method: 'GET', path: '/api/v1/patients', about: 'All patients, the newest first', handle: list },
    { method: 'GET', path: '/api/v1/patients/:id', about: 'One patient', handle: one },
    { method: 'POST', path: '/api/v1/patients', about: 'A new patient: { "name", "born"? (YYYY-MM-DD) }', handle: create },
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

async function list() {
  const { rows } = await database.query(`select ${COLUMNS} from patients order by id desc limit 100`);
  return { patients: rows };
}

async function admin() {
  const { patients } = await list();
  return new Page('Patients', table(patients));
}

async function one({ params }) {
  const id = /^\d{1,15}$/.test(params.id) ? params.id : null;
  const { rows } = await database.query(`select ${COLUMNS} from patients where id = $1`, [id]);
  if (rows.length === 0) throw new Refusal(404, `no patient ${params.id}`);
  return rows[0];
}

async function create({ body }) {
  const name = text(body, 'name');
  const born = body.born === undefined ? null : day(body.born);
  const { rows } = await database.query(`insert into patients (name, born) values ($1, $2) returning ${COLUMNS}`, [name, born]);
  return new Answer(201, rows[0]);
}

function day(value) {
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value)) {
    const date = new Date(`${value}T00:00:00Z`);
    // A day that no month has rolls over into the next one.
    if (!Number.isNaN(date.getTime()) && date.toISOString().startsWith(value)) return value;
  }
  throw new Refusal(400, 'born must be a day: YYYY-MM-DD');
}
