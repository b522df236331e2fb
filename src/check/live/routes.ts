/**
 * D204: each prefix of `routes` reaches its service. The proof is two requests, one through the entry point and one to the service. If
 * the answers are the same, and differ from the entry point's answer for an unknown address, the service gave them. The entry point may
 * forward the path as it is, or without the prefix. Without an entry point the service itself must answer.
 */
import { randomUUID } from 'node:crypto';
import type { Finding } from '../../model/drift.ts';
import type { HttpAnswer } from '../../model/http.ts';
import { type Service, serviceUrl } from '../../model/service.ts';
import type { Note } from '../note.ts';
import { error, warning } from '../rules/rule.ts';
import { answerProblem, browserRequest } from './answer.ts';
import { entryPointTo } from './entry-points.ts';
import { pathBelow } from './paths.ts';
import { canAnswer, type LiveStack, type RuleResult } from './rule.ts';

interface Route {
  readonly prefix: string;
  readonly service: Service;
}

export async function checkRoutes(live: LiveStack): Promise<RuleResult> {
  const { stack } = live.repository.contract;
  const unknownPath = `/devup-check-${randomUUID().slice(0, 8)}`;
  const results = await Promise.all(
    stack.routes.flatMap(({ prefix, service: name }) => {
      const service = stack.services.find((one) => one.name === name);
      return service && canAnswer(service, live) && serviceUrl(service) !== null
        ? [checkRoute({ prefix, service }, unknownPath, live)]
        : [];
    }),
  );
  return { findings: results.flatMap(({ findings }) => findings), notes: results.flatMap(({ notes }) => notes) };
}

async function checkRoute(route: Route, unknownPath: string, live: LiveStack): Promise<RuleResult> {
  const { service, prefix } = route;
  const entryPoint = entryPointTo(service, live.repository);
  const path = pathBelow(prefix, service);
  // "Not found" pages often repeat the path.
  const ask = async (whom: Service, at: string) =>
    withoutPath(at, await live.ask(browserRequest(new URL(at, serviceUrl(whom) as string).href)));
  if (!entryPoint || entryPoint === service || !canAnswer(entryPoint, live))
    return { findings: checkDirectly(route, path, await ask(service, path)), notes: [] };
  const [through, whole, rest, unknownAnswer] = await Promise.all([
    ask(entryPoint, path),
    ask(service, path),
    ask(service, `/${path.slice(prefix.length).replace(/^\//, '')}`),
    // Unknown addresses go to `/`, so for that route they prove nothing.
    prefix === '/' ? null : ask(entryPoint, unknownPath),
  ]);
  const verdict = compare(through, [whole, rest], unknownAnswer);
  if (verdict === 'reached') return { findings: [], notes: [] };
  const url = new URL(path, serviceUrl(entryPoint) as string).href;
  if (verdict === 'cannot-tell') {
    const text = `whether ${prefix} reaches ${service.name}: the answer of ${entryPoint.name} at ${url} does not show which service it came from`;
    return { findings: [], notes: [{ kind: 'live', service: service.name, why: 'cannot-tell', text } satisfies Note] };
  }
  return {
    findings: [
      error('D204', `${prefix} does not reach ${service.name} through ${entryPoint.name}: ${url} ${verdict.instead}`, null, {
        service: service.name,
        port: service.ports[0]?.port ?? null,
        expected: statusOf(whole),
        found: statusOf(through),
        fix: `make ${entryPoint.name} pass ${prefix} on to ${serviceUrl(service)}, or correct routes`,
      }),
    ],
    notes: [],
  };
}

/** A prefix need not be a page: a missing page is only a hint. */
function checkDirectly({ prefix, service }: Route, path: string, answer: HttpAnswer): readonly Finding[] {
  const wrong = answerProblem(answer);
  if (wrong === null) return [];
  const url = new URL(path, serviceUrl(service) as string).href;
  const finding = answer.kind === 'answer' && answer.status < 500 ? warning : error;
  return [
    finding('D204', `${service.name} has nothing at ${prefix}: ${url} (${wrong})`, null, {
      service: service.name,
      port: service.ports[0]?.port ?? null,
      found: wrong,
      fix: `correct routes, or give ${service.name} a link below ${prefix}`,
    }),
  ];
}

type RouteVerdict = 'reached' | 'cannot-tell' | { readonly instead: string };

/**
 * `direct`: the service's own answers, for each path that the entry point may forward. `unknownAnswer`: the entry point's answer for an
 * unknown address.
 */
export function compare(through: HttpAnswer, direct: readonly HttpAnswer[], unknownAnswer: HttpAnswer | null): RouteVerdict {
  if (through.kind === 'none') return { instead: `fails (${through.why})` };
  if ([502, 503, 504].includes(through.status) && !direct.some((one) => isSame(one, through)))
    return { instead: `returns status ${through.status}` };
  const isLikeUnknown = unknownAnswer !== null && isSame(unknownAnswer, through);
  if (direct.some((one) => isSame(one, through))) return isLikeUnknown ? 'cannot-tell' : 'reached';
  if (isLikeUnknown) return { instead: 'is answered like any unknown address' };
  // Bodies may differ in pages that change with every request, or that contain their own address.
  if (direct.some((one) => isAlike(one, through)))
    return unknownAnswer !== null && isAlike(unknownAnswer, through) ? 'cannot-tell' : 'reached';
  if (unknownAnswer !== null && isAlike(unknownAnswer, through) && direct.some((one) => one.kind === 'answer' && one.status < 400))
    return { instead: 'is answered like any unknown address' };
  return through.status === 404 || through.status >= 500 ? { instead: `returns status ${through.status}` } : 'cannot-tell';
}

function withoutPath(path: string, answer: HttpAnswer): HttpAnswer {
  return answer.kind === 'answer' && path !== '/' ? { ...answer, body: answer.body.replaceAll(path, '…') } : answer;
}

function isSame(a: HttpAnswer, b: HttpAnswer): boolean {
  return isAlike(a, b) && a.kind === 'answer' && b.kind === 'answer' && a.body === b.body;
}

function isAlike(a: HttpAnswer, b: HttpAnswer): boolean {
  return a.kind === 'answer' && b.kind === 'answer' && a.status === b.status && typeOf(a) === typeOf(b);
}

function typeOf({ headers }: Extract<HttpAnswer, { kind: 'answer' }>): string {
  return (headers['content-type'] ?? '').replace(/;.*/s, '').trim().toLowerCase();
}

function statusOf(answer: HttpAnswer): string {
  return answer.kind === 'answer' ? `status ${answer.status}` : answer.why;
}
