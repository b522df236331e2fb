/** One HTTP request, and its answer or failure. */

export interface HttpRequest {
  readonly method: 'GET' | 'OPTIONS';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export type HttpAnswer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** Header names in lower case. */
      readonly headers: Readonly<Record<string, string>>;
      /** The beginning of the body. */
      readonly body: string;
    }
  | { readonly kind: 'none'; readonly why: string };
