/** Why a service, or one of its links, has no address to open. */
export type AddressProblem =
  /** No service of the stack has an address. */
  | { readonly kind: 'none' }
  | { readonly kind: 'none-of-service'; readonly service: string }
  | {
      readonly kind: 'no-such-link';
      readonly service: string;
      readonly link: string;
      readonly known: readonly string[];
      readonly suggestion: string | null;
    };
