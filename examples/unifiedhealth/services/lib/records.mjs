/** Rows of patients' records, and the checks that every service makes before it writes one. */
import { Answer, Refusal } from '../../../default/lib/service.mjs';

const FOREIGN_KEY_VIOLATION = '23503';

/** The named whole number of a body, between two bounds; refuses anything else. */
export function number(body, name, minimum, maximum) {
  const value = body?.[name];
  if (Number.isSafeInteger(value) && value >= minimum && value <= maximum) return value;
  throw new Refusal(400, `${name} must be a whole number from ${minimum} to ${maximum}`);
}

/** The named word of a body, one of `allowed`. */
export function oneOf(body, name, allowed) {
  const value = body?.[name];
  if (allowed.includes(value)) return value;
  throw new Refusal(400, `${name} must be one of ${allowed.join(', ')}`);
}

export function patient(body) {
  return number(body, 'patient', 1, 2 ** 31 - 1);
}

/** The id in a path, or a number that no row has. */
export function idOf({ id }) {
  return /^\d{1,9}$/.test(id) ? Number(id) : 0;
}

/** Answers 201 with the new row, 404 when its patient does not exist. Column names are the program's, values the caller's. */
export async function create(database, table, values) {
  const columns = Object.keys(values);
  const places = columns.map((_, i) => `$${i + 1}`);
  try {
    const insert = `insert into ${table} (${columns.join(', ')}) values (${places.join(', ')}) returning *`;
    const { rows } = await database.query(insert, Object.values(values));
    return new Answer(201, rows[0]);
  } catch (error) {
    if (error.code !== FOREIGN_KEY_VIOLATION) throw error;
    throw new Refusal(404, `no patient ${values.patient}`);
  }
}

/** The newest rows of a table, each with the name of its patient. */
export async function newest(database, table) {
  const select = `select ${table}.*, patients.name as patient_name from ${table} join patients on patients.id = ${table}.patient`;
  const { rows } = await database.query(`${select} order by ${table}.id desc limit 100`);
  return rows;
}

/** The row, or 404. */
export async function one(database, table, params) {
  const { rows } = await database.query(`select * from ${table} where id = $1`, [idOf(params)]);
  if (rows.length === 0) throw new Refusal(404, `${table} has no ${params.id}`);
  return rows[0];
}
