/**
 * The routes of the control socket, as one table. Three of them are frozen: with these, any version of devup can see and stop a session
 * of any other. The other routes answer a client of another version with E404.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { withoutSecrets } from '../model/secrets.ts';
import type { Order } from '../model/session.ts';
import { noSuchService } from '../model/unknown-service.ts';
import { readBody, sendFailure, sendJson, streamLines } from './answer.ts';
import { MOST_REQUESTS } from './connections.ts';
import { streamEvents } from './event-stream.ts';
import type { Exchange, ServerContext } from './exchange.ts';
import { VERSION_HEADER } from './protocol.ts';
import { FailureError } from './remote-session.ts';
import { type OrderType, parseLogQuery, parseOrder } from './request.ts';

interface Route {
  readonly method: 'GET' | 'POST';
  readonly frozen: boolean;
  readonly handle: (exchange: Exchange) => Promise<void>;
}

const getRoute = (handle: Route['handle'], frozen = false): Route => ({ method: 'GET', frozen, handle });
const orderRoute = (type: OrderType, frozen = false): Route => ({
  method: 'POST',
  frozen,
  handle: (exchange) => runOrder(exchange, type),
});

const ROUTES: ReadonlyMap<string, Route> = new Map([
  ['/v1/session', getRoute(showSession, true)],
  ['/v1/events', getRoute(streamEvents)],
  ['/v1/services/{name}/logs', getRoute(showLogs)],
  ['/v1/services/{name}/start', orderRoute('start')],
  ['/v1/services/{name}/stop', orderRoute('stop')],
  ['/v1/services/{name}/restart', orderRoute('restart')],
  ['/v1/start', orderRoute('start')],
  ['/v1/restart', orderRoute('restart')],
  ['/v1/debug', orderRoute('debug')],
  ['/v1/stop', orderRoute('stop', true)],
  ['/v1/shutdown', orderRoute('shutdown', true)],
]);

const LONGEST_URL = 8 * 1024;

/** Answers one request, and never rejects: a bug in the session becomes E470. */
export async function route(context: ServerContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader(VERSION_HEADER, context.version);
  try {
    await dispatch(context, request, response);
  } catch (error) {
    sendFailure(context, response, { code: 'E470', kind: 'bug', message: String((error as Error)?.message ?? error), crashFile: null });
  }
}

async function dispatch(context: ServerContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const target = request.url ?? '';
  if (target.length > LONGEST_URL) return sendFailure(context, response, protocol('the address is too long'), 414);
  const [path = '', search = ''] = target.split(/\?(.*)/s, 2);
  const [, before, name, after] = /^(\/v1\/services\/)([^/]+)(\/[a-z]+)$/.exec(path) ?? [];
  const service = name === undefined ? '' : decodeName(name);
  if (service === null) return sendFailure(context, response, protocol('the name of the service is not URL-encoded'), 400);
  const found = ROUTES.get(name === undefined ? path : `${before}{name}${after}`);
  if (!found) return sendFailure(context, response, protocol(`there is no ${path.slice(0, 100)}`), 404);
  if (request.method !== found.method) {
    response.setHeader('allow', found.method);
    return sendFailure(context, response, protocol(`${path} wants ${found.method}`), 405);
  }
  if (!found.frozen && versionOf(context, request) === 'another') {
    const theirs = String(request.headers[VERSION_HEADER]);
    return sendFailure(context, response, { code: 'E404', kind: 'version-mismatch', ours: theirs, theirs: context.version });
  }
  if (context.stopping) return sendFailure(context, response, { code: 'E412', kind: 'session-ending', stack: context.endpoint.id });
  const exchange = { context, request, response, query: new URLSearchParams(search), service };
  if (found.frozen) return found.handle(exchange);
  if (context.requests >= MOST_REQUESTS) return sendFailure(context, response, protocol('too many clients are connected'), 503);
  context.requests++;
  try {
    await found.handle(exchange);
  } finally {
    context.requests--;
  }
}

/** The client's version. A client that names none is not devup, and counts as ours. */
function versionOf({ version }: ServerContext, { headers }: IncomingMessage): 'ours' | 'another' {
  const theirs = headers[VERSION_HEADER];
  return theirs === undefined || theirs === version ? 'ours' : 'another';
}

function decodeName(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return null;
  }
}

async function showSession({ context, response, query }: Exchange): Promise<void> {
  const snapshot = await context.session.snapshot({ brief: query.get('holders') === 'brief' });
  if (snapshot.ok) sendJson(response, 200, { schemaVersion: 1, ...withoutSecrets(snapshot.value, context.secrets ?? []) });
  else sendFailure(context, response, snapshot.failure);
}

async function showLogs({ context, response, query, service }: Exchange): Promise<void> {
  const wanted = parseLogQuery(query);
  if (!wanted.ok) return sendFailure(context, response, wanted.failure);
  // Only a name that the session knows may become part of a path.
  const known = await knownService(context, service);
  if (!known.ok) return sendFailure(context, response, known.failure);
  try {
    await streamLines(response, context.readLogs({ service: known.value, ...wanted.value }));
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    sendFailure(context, response, error.failure);
  }
}

async function knownService(context: ServerContext, service: string): Promise<Result<string, Failure>> {
  const snapshot = await context.session.snapshot({ brief: true });
  if (!snapshot.ok) return snapshot;
  const known = snapshot.value.services.map(({ name }) => name);
  const name = known.find((one) => one === service);
  return name === undefined ? fail(noSuchService(service, known)) : ok(name);
}

async function runOrder({ context, request, response, service }: Exchange, type: OrderType): Promise<void> {
  const body = await readBody(request);
  if (!body.ok) return sendFailure(context, response, body.failure, 413);
  if (body.value === null) return;
  const parsed = parseOrder(type, body.value, versionOf(context, request));
  if (!parsed.ok) return sendFailure(context, response, parsed.failure);
  const order = service === '' ? parsed.value : withOnlyService(parsed.value, service);
  // The order continues even if the client leaves meanwhile.
  const reply = await context.session.send(order);
  if (reply.ok) sendJson(response, 200, { schemaVersion: 1, ...reply.value });
  else sendFailure(context, response, reply.failure);
}

function withOnlyService(told: Order, service: string): Order {
  return told.type === 'shutdown' || told.type === 'debug' ? told : { ...told, services: [service] };
}

function protocol(message: string): Failure {
  return { code: 'E411', kind: 'protocol', message };
}
