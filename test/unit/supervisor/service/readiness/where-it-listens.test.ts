import { expect, test } from 'vitest';
import { addListeners } from '../../../../../src/supervisor/service/readiness/where-it-listens.ts';

const socket = (address: string, port: number) => ({ address, port, uid: 0, handle: `${address} ${port}`, pids: null, queued: 0 });
const http = (url: string, got: string) => ({ kind: 'http', url, got }) as const;

test.each([
  ['the right address, but 404', http('http://localhost:8000/', 'status 404'), [socket('::1', 8000)], undefined],
  ['the other family', http('http://127.0.0.1:8000/', 'ECONNREFUSED'), [socket('::1', 8000)], [{ host: '::1', port: 8000 }]],
  ['a listener on all of one family', http('http://127.0.0.1:8000/', 'ECONNREFUSED'), [socket('::', 8000)], [{ host: '::', port: 8000 }]],
  [
    'the answer of another program',
    http('http://localhost:3000/', 'status 404'),
    [socket('127.0.0.1', 8000), socket('127.0.0.1', 8000), socket('127.0.0.1', 900)],
    [
      { host: '127.0.0.1', port: 900 },
      { host: '127.0.0.1', port: 8000 },
    ],
  ],
  ['no listener at all', http('http://localhost:8000/', 'ECONNREFUSED'), [], undefined],
  [
    'a test that connects',
    { kind: 'tcp', host: 'localhost', port: 5432, got: 'ECONNREFUSED' } as const,
    [socket('10.0.0.5', 5432)],
    [{ host: '10.0.0.5', port: 5432 }],
  ],
])('a test that meets %s', (_, unmet, sockets, listensAt) => {
  expect(addListeners(unmet, sockets).listensAt).toEqual(listensAt);
});
