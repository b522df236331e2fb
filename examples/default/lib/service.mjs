/**
 * A small HTTP service: a table of routes, from which the page of documentation is also made. It listens on the loopback, and
 * answers only requests that were addressed to it: a web page can point its own domain at 127.0.0.1, and its requests then
 * carry that domain as Host.
 */
import { createServer } from 'node:http';

const LIMIT_BYTES = 64 * 1024;
const GRACE_MS = 3000;

/** Thrown by a route: the answer is this status and message. */
export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** An HTML answer instead of JSON. */
export class Page {
  constructor(title, body) {
    this.html = `<!doctype html><meta charset="utf-8"><title>${escapeHtml(title)}</title><h1>${escapeHtml(title)}</h1>${body}`;
  }
}

/** A plain text answer. */
export class Text {
  constructor(text) {
    this.text = text;
  }
}

/** An answer with a status other than 200. */
export class Answer {
  constructor(status, value) {
    this.status = status;
    this.value = value;
  }
}

/**
 * Serves `routes` until SIGTERM or SIGINT; then finishes the running requests and calls `close`.
 * A route: `{ method, path, about, handle({ params, query, body, headers }) }`; `path` may hold `:names`; what `handle`
 * gives back is sent as JSON, unless it is a `Page`, a `Text` or an `Answer`. `origins`: whose pages may call it from a
 * browser. `docs`: where the page of documentation is. `observe` gets each answer's route, status and time.
 */
export function serve({ name, port, origins, routes, close, docs = '/docs/', observe = () => {} }) {
  const all = [...routes, { method: 'GET', path: docs, about: 'This page', handle: () => documentation(name, all) }];
  const server = createServer((request, response) => {
    respond({ request, response, origins, routes: all, docs, observe }).catch((error) => {
      console.error(`${request.method} ${request.url}: ${error.stack}`);
      if (!response.headersSent) send(response, 500, { error: 'internal error' });
      else response.destroy();
    });
  });
  server.on('error', (error) => {
    console.error(`${name} cannot listen: ${error.message}`);
    process.exitCode = 1;
    close();
  });
  server.listen(port, '127.0.0.1', () => console.log(`${name} listens on http://localhost:${port}`));
  stopOnSignal(server, close);
}

/** Ends `server` at the first SIGTERM or SIGINT: running requests get 3 s to finish. */
export function stopOnSignal(server, close) {
  const stop = () => {
    const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS);
    server.close(() => {
      clearTimeout(cut);
      close();
    });
    for (const signal of ['SIGTERM', 'SIGINT']) process.off(signal, stop);
  };
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, stop);
}

/** Whether the request was addressed to this machine by a name that only this machine has. */
export function isLocal(request) {
  const host = request.headers.host ?? '';
  return URL.canParse(`http://${host}`) && ['localhost', '127.0.0.1', '[::1]'].includes(new URL(`http://${host}`).hostname);
}

export function send(response, status, value) {
  const [type, text] = rendered(value);
  response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' });
  response.end(text);
}

function rendered(value) {
  if (value instanceof Page) return ['text/html; charset=utf-8', value.html];
  if (value instanceof Text) return ['text/plain; charset=utf-8', value.text];
  return ['application/json', `${JSON.stringify(value)}\n`];
}

/** Allows the pages of `origins` to call from a browser. True when the request was a preflight, which is answered. */
export function answerCors(request, response, origins) {
  const { origin } = request.headers;
  response.setHeader('vary', 'origin');
  if (origins.includes(origin)) response.setHeader('access-control-allow-origin', origin);
  if (request.method !== 'OPTIONS') return false;
  response.writeHead(204, { 'access-control-allow-methods': 'GET, POST', 'access-control-allow-headers': 'content-type, authorization' });
  response.end();
  return true;
}

async function respond({ request, response, origins, routes, docs, observe }) {
  if (!isLocal(request)) return send(response, 403, { error: 'this service answers only to localhost' });
  if (answerCors(request, response, origins)) return;
  const began = performance.now();
  try {
    const url = new URL(request.url, 'http://localhost');
    const { route, params } = find(routes, request.method, url.pathname, docs);
    response.on('finish', () => observe({ route, status: response.statusCode, seconds: (performance.now() - began) / 1000 }));
    const body = route.method === 'POST' ? await readJson(request) : null;
    const value = await route.handle({ params, query: url.searchParams, body, headers: request.headers });
    if (value instanceof Answer) send(response, value.status, value.value);
    else send(response, 200, value);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    send(response, error.status, { error: error.message });
  }
}

function find(routes, method, pathname, docs) {
  const matching = routes.map((route) => ({ route, params: match(route.path, pathname) })).filter(({ params }) => params);
  if (matching.length === 0) throw new Refusal(404, `no such path: ${pathname}; see ${docs}`);
  const found = matching.find(({ route }) => route.method === method);
  if (!found) throw new Refusal(405, `${method} is not possible here; see ${docs}`);
  return found;
}

function match(pattern, pathname) {
  const names = pattern.split('/');
  const parts = pathname.split('/');
  if (names.length !== parts.length) return null;
  const params = {};
  for (const [i, name] of names.entries()) {
    if (name.startsWith(':') && parts[i]) params[name.slice(1)] = decode(parts[i]);
    else if (name !== parts[i]) return null;
  }
  return params;
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw new Refusal(400, `not a path: ${part}`);
  }
}

/** JSON only: a form that a foreign page posts without a preflight is not JSON. */
async function readJson(request) {
  if (request.headers['content-type']?.split(';')[0] !== 'application/json') throw new Refusal(415, 'send application/json');
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > LIMIT_BYTES) throw new Refusal(413, `at most ${LIMIT_BYTES} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Refusal(400, `not JSON: ${error.message}`);
  }
}

/** The named text of a body; refuses anything else. */
export function text(body, name, maximum = 200) {
  const value = body?.[name];
  if (typeof value === 'string' && value.trim() && value.length <= maximum) return value.trim();
  throw new Refusal(400, `${name} must be a text of 1 to ${maximum} characters`);
}

/** Rows of a database as an HTML table, below a title if there is one. */
export function table(rows, title) {
  if (title) return `<h2>${escapeHtml(title)}</h2>${table(rows)}`;
  if (rows.length === 0) return '<p>none</p>';
  const line = (cells, tag) => `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;
  const lines = [line(Object.keys(rows[0]), 'th'), ...rows.map((row) => line(Object.values(row), 'td'))];
  return `<table border="1" cellpadding="4">${lines.join('')}</table>`;
}

function documentation(name, routes) {
  return new Page(`${name}: API`, table(routes.map(({ method, path, about }) => ({ method, path, about }))));
}

function escapeHtml(value) {
  const shown = value instanceof Date ? value.toISOString() : String(value);
  return shown.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
