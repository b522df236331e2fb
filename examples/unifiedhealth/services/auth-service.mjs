/** Authentication and authorization: accounts in PostgreSQL, sessions of an hour in Redis. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { Refusal, text } from '../../default/lib/service.mjs';
import { key } from './lib/redis.mjs';
import { start } from './lib/start.mjs';

const SESSION_SECONDS = 3600;
const derive = promisify(scrypt);

start({
  name: 'auth-service',
  prefix: '/auth/',
  routes: ({ database, redis }) => {
    async function login({ body }) {
      const password = text(body, 'password');
      const { rows } = await database.query('select * from users where email = $1', [text(body, 'email')]);
      if (!(await isRight(password, rows[0]?.password))) throw new Refusal(401, 'email or password is wrong');
      const { email, name, role } = rows[0];
      const token = randomBytes(24).toString('base64url');
      await redis.set(key('session', token), JSON.stringify({ email, name, role }), { expiration: { type: 'EX', value: SESSION_SECONDS } });
      return { token, email, name, role };
    }

    async function me({ headers }) {
      const session = await redis.get(key('session', bearer(headers)));
      if (session === null) throw new Refusal(401, 'no session, or one that is over: POST /auth/login');
      return JSON.parse(session);
    }

    async function users({ headers }) {
      const { role } = await me({ headers });
      if (role !== 'administrator') throw new Refusal(403, 'only administrators see the accounts');
      return { users: (await database.query('select email, name, role from users order by email')).rows };
    }

    async function logout({ headers }) {
      return { ended: (await redis.del(key('session', bearer(headers)))) === 1 };
    }

    return [
      { method: 'POST', path: '/auth/login', about: 'A session: { "email", "password" }', handle: login },
      { method: 'POST', path: '/auth/logout', about: 'Ends the session of the Authorization header', handle: logout },
      { method: 'GET', path: '/auth/me', about: 'Whose session it is', handle: me },
      { method: 'GET', path: '/auth/users', about: 'All accounts, for administrators', handle: users },
    ];
  },
});

/** Takes as long for an account that does not exist, so that the time does not reveal which accounts do. */
async function isRight(password, stored = `${'00'.repeat(16)}:${'00'.repeat(32)}`) {
  const [salt, hash] = stored.split(':').map((part) => Buffer.from(part, 'hex'));
  return timingSafeEqual(await derive(password, salt, hash.length), hash);
}

function bearer({ authorization = '' }) {
  return /^Bearer ([\w-]{32})$/.exec(authorization)?.[1] ?? '';
}
