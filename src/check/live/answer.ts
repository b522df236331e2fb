/** Judges the answer to one HTTP request for `check --live`. The caller provides the function that makes requests. */
import type { HttpAnswer, HttpRequest } from '../../model/http.ts';

/** Never rejects, resolves within a few seconds, and does not follow redirects. */
export type SendRequest = (request: HttpRequest) => Promise<HttpAnswer>;

/** A request as a browser makes it. */
export function browserRequest(url: string): HttpRequest {
  return { method: 'GET', url, headers: { accept: 'text/html,application/json;q=0.9,*/*;q=0.8' } };
}

/** Statuses of a working service that requires a login (401, 403), or another method, format or protocol (405, 406, 426). */
const REQUIRES_MORE: ReadonlySet<number> = new Set([401, 403, 405, 406, 426]);

/** Null if the address works; otherwise what came instead. */
export function answerProblem(answer: HttpAnswer): string | null {
  if (answer.kind === 'none') return answer.why;
  return answer.status < 400 || REQUIRES_MORE.has(answer.status) ? null : `status ${answer.status}`;
}
