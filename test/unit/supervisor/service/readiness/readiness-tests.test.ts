/** Tests of a service that is not ours, or over its own connections. */
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

  test('on another host is connected to there', async () => {
    expect(await unmet('db.example', 5432)).toEqual([]);
    expect(await unmet('db.example', 5433)).toEqual(nobody(5433));
  });

  test.each(['localhost', 'db.localhost', '127.0.0.1', '::1'])('on %s is one that listens here', async (host) => {
    expect(await unmet(host, 5432)).toEqual(nobody(5432));
  });
});

describe('a test that connects', () => {
  const ask = (host: string, port: number) =>
    unmetTest({ kind: 'tcp', host, port }, { machine: new Network(), service: aService('db'), env: {}, logged: () => false });

  test('holds once a connection is accepted', async () => {
    expect(await ask('db.example', 5432)).toBeNull();
  });

  test('says where nothing accepts one, and what came instead', async () => {
    expect(await ask('db.example', 5433)).toEqual({ kind: 'tcp', host: 'db.example', port: 5433, got: 'ECONNREFUSED' });
  });
});
