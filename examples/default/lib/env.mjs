/** The variables that devup gives a service. There are no defaults: a guessed port is a port that drifts. */

/** The variable's value; ends the process with a message when it is missing. */
export function required(name) {
  const value = process.env[name];
  if (value) return value;
  console.error(`${name} is not set: start this service with devup (devup start), or set it yourself`);
  process.exit(2);
}

/** `PORT` as a number. */
export function requiredPort() {
  const text = required('PORT');
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  console.error(`PORT must be a whole number between 1 and 65535, not ${JSON.stringify(text)}`);
  process.exit(2);
}

/** `DATABASE_URL` taken apart: `postgres://user:password@host:port/database`, each part required. */
export function requiredDatabase() {
  const text = required('DATABASE_URL');
  const url = URL.canParse(text) ? new URL(text) : null;
  const database = decodeURIComponent(url?.pathname.slice(1) ?? '');
  if (url && /^postgres(ql)?:$/.test(url.protocol) && url.username && url.password && url.port && database) {
    return { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password), port: Number(url.port), database };
  }
  console.error('DATABASE_URL must look like postgres://user:password@localhost:5432/database, with every part');
  process.exit(2);
}
