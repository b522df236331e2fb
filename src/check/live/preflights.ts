/** D202: makes the requests that a browser makes before a page of the frontend may call a backend. */
import type { Finding } from '../../model/drift.ts';
import type { HttpAnswer } from '../../model/http.ts';
import { type Service, serviceUrl } from '../../model/service.ts';
import type { Note } from '../note.ts';
import { error, warning } from '../rules/rule.ts';
import { type Call, callsOf, frontendsOf } from './calls.ts';
import { knownPaths, pathBelow } from './paths.ts';
import { canAnswer, type LiveStack, type RuleResult } from './rule.ts';

export async function checkPreflights(live: LiveStack): Promise<RuleResult> {
  const calls = callsOf(live.repository);
  const findings = await Promise.all(calls.filter(({ backend }) => canAnswer(backend, live)).map((call) => checkCall(call, live)));
  return { findings: findings.flat(), notes: notesOnUncalled(calls, live) };
}

/** Every path that is known to be called must allow the frontend's origin. If none is known, one of the existing paths must. */
async function checkCall(call: Call, live: LiveStack): Promise<readonly Finding[]> {
  const { backend, paths } = call;
  const routed = live.repository.contract.stack.routes.filter(({ service, prefix }) => service === backend.name && prefix !== '/');
  const called = [...paths, ...routed.map(({ prefix }) => pathBelow(prefix, backend))];
  const tried = await Promise.all((called.length > 0 ? called : [...knownPaths(backend), '/']).map((path) => checkPath(call, path, live)));
  const refused = tried.filter((finding) => finding !== null);
  if (called.length === 0 && refused.length < tried.length) return [];
  // All paths share one setting, so it is reported once, for the first of them.
  const worst = refused.find(({ severity }) => severity === 'error') ?? refused[0];
  return worst ? [worst] : [];
}

async function checkPath({ frontend, backend, origin }: Call, path: string, { ask }: LiveStack): Promise<Finding | null> {
  const url = new URL(path, serviceUrl(backend) as string).href;
  const answer = await ask({ method: 'OPTIONS', url, headers: { origin, 'access-control-request-method': 'GET' } });
  const allowed = answer.kind === 'answer' ? (answer.headers['access-control-allow-origin'] ?? null) : null;
  const facts = { service: backend.name, port: backend.ports[0]?.port ?? null, expected: origin, found: allowed };
  if (answer.kind === 'none') return error('D202', `${backend.name} did not answer OPTIONS ${url}: ${answer.why}`, null, facts);
  if (allowed !== origin && allowed !== '*')
    return error(
      'D202',
      `${backend.name} does not allow ${origin} (${frontend.name}): OPTIONS ${url} ${describeAnswer(answer, allowed)}`,
      null,
      {
        ...facts,
        fix: `add ${origin} to the origins that ${backend.name} allows, and restart it`,
      },
    );
  if (answer.status >= 200 && answer.status <= 299) return null;
  const message = `${backend.name} allows ${origin} (${frontend.name}), but OPTIONS ${url} answers ${answer.status}: browsers want 2xx before any request that is not simple`;
  return warning('D202', message, null, { ...facts, fix: `make ${backend.name} answer OPTIONS with 204` });
}

function describeAnswer(answer: Extract<HttpAnswer, { kind: 'answer' }>, allowed: string | null): string {
  return `answers ${answer.status} ${allowed === null ? 'without Access-Control-Allow-Origin' : `with Access-Control-Allow-Origin: ${allowed}`}`;
}

/** Services behind a route that no browser is known to call at their own address. */
function notesOnUncalled(calls: readonly Call[], live: LiveStack): readonly Note[] {
  const { stack } = live.repository.contract;
  const fronts = frontendsOf(live.repository);
  const silent = (service: Service) =>
    !fronts.includes(service) && !calls.some(({ backend }) => backend === service) && canAnswer(service, live);
  const routed = new Set(stack.routes.map(({ service }) => service));
  return fronts.length === 0
    ? []
    : stack.services
        .filter((service) => routed.has(service.name) && silent(service))
        .map(({ name }) => ({
          kind: 'live',
          service: name,
          why: 'no-caller',
          text: `nothing says that a browser calls ${name} across origins: no preflight was sent`,
        }));
}
