/** The port of a service that is not ours: looked for here, or asked for at its host. */
import { describe, expect, test } from 'vitest';
import { prove } from '../../../../src/supervisor/service/readiness-tests.ts';
import { FakeMachine } from '../../../rig/fake-machine.ts';
import { aService } from '../../../rig/services.ts';

class Network extends FakeMachine {
  override async acceptsConnections(port: number, host?: string): Promise<boolean> {
    return host === 'db.example' && port === 5432;
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
