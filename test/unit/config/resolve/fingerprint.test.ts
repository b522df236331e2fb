import { expect, test } from 'vitest';
import { serviceFingerprint } from '../../../../src/config/resolve/fingerprint.ts';
import { service } from '../stacks.ts';

const base = { command: 'x', port: 8000, env: { A: '1', B: '2' } };
const of = async (more: object) => serviceFingerprint(await service({ ...base, ...more }));

test('fields about what runs and how it is supervised change the fingerprint', async () => {
  const seen = new Set([await of({})]);
  const changes = [
    { command: 'y' },
    { command: ['x'] },
    { port: 8001 },
    { ports: { debug: 9229 } },
    { host: '127.0.0.1' },
    { cwd: 'src' },
    { env: { A: '1', B: '3' } },
    { ready: { http: '/' } },
    { health: { http: '/' } },
    { health: { http: '/', restart: false } },
    { restart: 'no' },
    { stop: { timeout: 1 } },
    { listener: 'any' },
    { onConflict: 'fail' },
  ];
  for (const change of changes) seen.add(await of(change));
  expect(seen.size).toBe(changes.length + 1);
});

test('fields about display and start order do not', async () => {
  for (const change of [
    { links: { A: '/' } },
    { category: 'web' },
    { description: 'text' },
    { labels: { a: 'b' } },
    { dependsOn: [] },
    { optional: true },
    { profiles: ['x'] },
    { env: { B: '2', A: '1' } },
    { restart: 'on-failure' },
    { port: undefined, ports: { main: 8000 } },
  ]) {
    expect(await of(change)).toBe(await of({}));
  }
});

test('a fingerprint survives a socket', async () => {
  const one = await service(base);
  expect(serviceFingerprint(JSON.parse(JSON.stringify(one)))).toBe(serviceFingerprint(one));
});
