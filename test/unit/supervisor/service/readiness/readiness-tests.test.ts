/** Tests of a service that devup does not run, or over its own connections. */
import { describe, expect, test } from 'vitest';
import type { HostPort } from '../../../../../src/model/address.ts';
import { prove, unmetTest } from '../../../../../src/supervisor/service/readiness/readiness-tests.ts';
import { FakeMachine } from '../../../../rig/fake-machine.ts';
import { aService } from '../../../../rig/services.ts';

class Network extends FakeMachine {
  override async connectTo(target: HostPort): Promise<string | null> {
    return target.host === 'db.example' ? (target.port === 5432 ? null : 'ECONNREFUSED') : super.connectTo(target);
  }
}

describe('an external service that is tested by its port', () => {
  const ready = { tests: [{ kind: 'port' }], timeoutMs: 0, intervalMs: 10 } as const;
  const unmet = (host: string, port: number) => {
    const service = aService('db', { command: null, host, ports: [{ name: 'main', port, required: true }], ready });
    return prove(ready, 0, { machine: new Network(), service, env: {}, logged: () => false });
  };
  const nobody = (port: number) => [{ kind: 'port', port, holders: [] }];

  test('on another host is tested by a connection', async () => {
    expect(await unmet('db.example', 5432)).toEqual([]);
    expect(await unmet('db.example', 5433)).toEqual(nobody(5433));
  });

  test.each(['localhost', 'db.localhost', '127.0.0.1', '::1'])('on %s is tested by its local listener', async (host) => {
    expect(await unmet(host, 5432)).toEqual(nobody(5432));
  });
});

describe('a test that connects', () => {
  const ask = (host: string, port: number) =>
    unmetTest({ kind: 'tcp', host, port }, { machine: new Network(), service: aService('db'), env: {}, logged: () => false });

  test('holds once a connection is accepted', async () => {
    expect(await ask('db.example', 5432)).toBeNull();
  });

  test('names the address that does not accept one, and the error', async () => {
    expect(await ask('db.example', 5433)).toEqual({ kind: 'tcp', host: 'db.example', port: 5433, got: 'ECONNREFUSED' });
  });
});
