import { describe, expect, test } from 'vitest';
import { chooseAddress } from '../../../src/app/open.ts';
import type { Service, Stack } from '../../../src/model/service.ts';
import { aService } from '../../rig/services.ts';

const port = (number: number) => [{ name: 'main', port: number, required: true }];

function stackOf(services: readonly Service[], routes: readonly { readonly prefix: string; readonly service: string }[] = []): Stack {
  return { name: 'app', root: '/app', services, routes } as unknown as Stack;
}

const api = aService('api', { ports: port(8000), links: { Docs: 'http://localhost:8000/docs' } });
const web = aService('web', { ports: port(3000) });
const worker = aService('worker', { ports: [] });

describe('open chooses', () => {
  const choices: readonly (readonly [string, string | null, Stack, string])[] = [
    ['the service behind /', null, stackOf([web, api], [{ prefix: '/', service: 'api' }]), ':8000'],
    ['a frontend', null, stackOf([api, web]), ':3000'],
    ['the first one with links', null, stackOf([aService('db', { ports: port(5432) }), api]), ':8000'],
    ['the service that is named', 'api', stackOf([web, api]), ':8000'],
    ['the service whose name contains a colon', 'dev:api', stackOf([web, aService('dev:api', { ports: port(8000) })]), ':8000'],
    [
      'a link of the longest known name',
      'dev:api:docs',
      stackOf([aService('dev', { ports: port(1), links: { 'api:docs': 'no' } }), { ...api, name: 'dev:api' }]),
      'http://localhost:8000/docs',
    ],
    ['a link of it, whatever its capitals', 'api:docs', stackOf([web, api]), 'http://localhost:8000/docs'],
  ];
  for (const [what, word, stack, address] of choices) {
    test(what, () => expect(chooseAddress(word, stack)).toMatchObject({ ok: true, value: expect.stringContaining(address) }));
  }

  const failures: readonly (readonly [string, string | null, object])[] = [
    ['nothing without any address', null, { kind: 'none' }],
    ['no service without an address', 'worker', { kind: 'none-of-service', service: 'worker' }],
    ['no link that a service lacks', 'worker:docs', { kind: 'no-such-link', service: 'worker', link: 'docs', known: [], suggestion: null }],
    ['no unknown service', 'workr', { code: 'E002' }],
  ];
  for (const [what, word, failure] of failures) {
    test(what, () => expect(chooseAddress(word, stackOf([worker]))).toMatchObject({ ok: false, failure }));
  }
});
