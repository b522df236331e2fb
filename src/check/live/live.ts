/**
 * Checks the config against the running stack: where the services listen, and what they answer. The requests follow from the config and
 * the files of the repository; the caller provides the listeners and the function that makes requests.
 */

import type { Finding } from '../../model/drift.ts';
import type { HttpAnswer, HttpRequest } from '../../model/http.ts';
import { maskedFinding, maskedNote } from '../masked.ts';
import type { Note } from '../note.ts';
import { checkLinks } from './links.ts';
import { checkListeners } from './listeners.ts';
import { checkPreflights } from './preflights.ts';
import { checkRoutes } from './routes.ts';
import { canAnswer, type LiveStack } from './rule.ts';

export interface LiveResult {
  readonly kind: 'live';
  readonly findings: readonly Finding[];
  readonly notes: readonly Note[];
  /** Number of files that say something about ports; they reveal which frontend calls which backend. */
  readonly files: number;
  /** Number of running services. */
  readonly services: number;
  /** Number of distinct requests made. */
  readonly requests: number;
}

export async function checkLive(live: LiveStack): Promise<LiveResult> {
  const asked = new Map<string, Promise<HttpAnswer>>();
  const ask = (request: HttpRequest) => {
    const key = JSON.stringify(request);
    const answer = asked.get(key) ?? live.ask(request);
    asked.set(key, answer);
    return answer;
  };
  const results = [
    checkListeners(live),
    ...(await Promise.all([checkPreflights, checkLinks, checkRoutes].map((rule) => rule({ ...live, ask })))),
  ];
  return {
    kind: 'live',
    files: live.repository.files,
    findings: results.flatMap(({ findings }) => findings).map(maskedFinding),
    notes: results.flatMap(({ notes }) => notes).map(maskedNote),
    services: live.repository.contract.stack.services.filter((service) => canAnswer(service, live)).length,
    requests: asked.size,
  };
}
