import { expect, test } from 'vitest';
import type { AddressProblem } from '../../../../src/model/address-problem.ts';
import { addressProblem } from '../../../../src/render/words/addresses.ts';

const link = { kind: 'no-such-link', service: 'api', link: 'dcos' } as const;

test.each<[AddressProblem, string, string | null]>([
  [{ kind: 'none' }, 'no service has an address', null],
  [{ kind: 'none-of-service', service: 'worker' }, 'worker has neither a port nor a link', null],
  [{ ...link, known: [], suggestion: null }, 'api has no link dcos: it has none', null],
  [{ ...link, known: ['Docs', 'Admin'], suggestion: 'Docs' }, 'api has no link dcos: it has Docs, Admin', 'devup open api:Docs'],
])('%o: %s', (problem, message, suggestion) => expect(addressProblem(problem)).toEqual({ message, suggestion }));
