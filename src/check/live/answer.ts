/** What one HTTP request came back with; how it is made is passed in. */

export interface HttpRequest {
  readonly method: 'GET' | 'OPTIONS';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export type HttpAnswer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** Names in small letters. */
      readonly headers: Readonly<Record<string, string>>;
      /** Its beginning. */
      readonly body: string;
    }
  | { readonly kind: 'none'; readonly why: string };

/** Redirects are not followed; it always resolves, within a few seconds. */
export type Ask = (request: HttpRequest) => Promise<HttpAnswer>;

/** As a browser would. */
export function get(url: string): HttpRequest {
  return { method: 'GET', url, headers: { accept: 'text/html,application/json;q=0.9,*/*;q=0.8' } };
}

/** That something is there but wants a login (401, 403), or another method, format or protocol (405, 406, 426). */
const WANTS_MORE: ReadonlySet<number> = new Set([401, 403, 405, 406, 426]);

/** Null: there is something at that address. Else what came instead. */
export function wrongAnswer(answer: HttpAnswer): string | null {
  if (answer.kind === 'none') return answer.why;
  return answer.status < 400 || WANTS_MORE.has(answer.status) ? null : `status ${answer.status}`;
}
