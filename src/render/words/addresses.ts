/** Why `devup open` has no address to open. */
import type { AddressProblem } from '../../model/address-problem.ts';

export function addressProblem(problem: AddressProblem): { readonly message: string; readonly suggestion: string | null } {
  switch (problem.kind) {
    case 'none':
      return { message: 'no service has an address', suggestion: null };
    case 'none-of-service':
      return { message: `${problem.service} has neither a port nor a link`, suggestion: null };
    case 'no-such-link': {
      const { service, link, known, suggestion } = problem;
      const links = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
      return {
        message: `${service} has no link ${link}: ${links}`,
        suggestion: suggestion === null ? null : `devup open ${service}:${suggestion}`,
      };
    }
    default:
      return problem satisfies never;
  }
}
