import { expect, test } from 'vitest';
import type { Holder } from '../../../../src/model/port.ts';
import { words } from '../../../../src/render/words.ts';
import { FAILURES } from '../samples.ts';

const published = { engine: 'docker', id: 'ab'.repeat(32), name: 'shop-db-1', image: 'postgres:16', project: 'shop' };
const [sample] = FAILURES.E108.holders;
const holder: Holder = { ...(sample as Holder), name: 'docker-proxy', container: published.name, published };
const listener = "listener: { container: 'shop-db-1' }, stop: { command: 'docker stop shop-db-1' }";

test('the container on the port of a service that is not ready is named, with the listener that would say so', () => {
  const { why, fix } = words({ ...FAILURES.E104, listensOn: [], unmet: [{ kind: 'port', port: 5432, holders: [holder] }] });
  expect(why).toContain('container shop-db-1');
  expect(fix).toContain('the container shop-db-1 (postgres:16, compose project shop)');
  expect(fix).toContain(listener);
});

test('so is the one that took the port of a running service, and the one that a start leaves alone', () => {
  expect(words({ ...FAILURES.E108, holders: [holder] }).fix).toContain(listener);
  const refused = { kind: 'container', container: published.name, stopCommand: null, published } as const;
  const state = { port: 5432, kind: 'held', holders: [holder], addresses: [] } as const;
  const held = words({ code: 'E201', kind: 'ports-held', refusals: [{ service: 'db', port: 5432, state, because: { refused, holder } }] });
  expect(held.why).toContain('the container shop-db-1 (postgres:16, compose project shop) publishes the port');
  expect(held.fix).toContain('docker stop shop-db-1');
});
