/** A holder of a port, with the facts a test gives. */
import type { Holder } from '../../../src/model/port.ts';

export function holder(facts: Partial<Holder> = {}): Holder {
  const unknown = { argv: ['node', 'server.js'], executable: '/usr/bin/node', cwd: '/home/me', container: null, unit: null, stack: null };
  const of = { pid: 4000, start: 7, name: 'node', command: 'node server.js', uid: 1000, user: 'me', startedAtMs: 0 };
  return { ...unknown, ...of, addresses: ['0.0.0.0'], ancestors: [], ...facts };
}
