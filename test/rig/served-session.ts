/** A session behind a real control socket in its own folder, as a supervisor offers it. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { connect } from '../../src/control/client.ts';
import { type Endpoint, ensureFolder, sessionEndpoint } from '../../src/control/endpoint.ts';
import type { ServeOptions } from '../../src/control/exchange.ts';
import { acquireLock } from '../../src/control/lock.ts';
import type { RemoteSession } from '../../src/control/remote-session.ts';
import { serve } from '../../src/control/server.ts';
import { systemClock } from '../../src/machine/clock.ts';
import { currentMachine } from '../../src/machine/current.ts';
import type { Failure } from '../../src/model/failure.ts';
import type { Result } from '../../src/model/result.ts';
import type { Session } from '../../src/model/session.ts';

export interface ServedSession {
  readonly endpoint: Endpoint;
  readonly home: string;
  connect(): Promise<RemoteSession>;
  /** Ends it as a supervisor does when its session is over. */
  close(): Promise<void>;
}

let count = 0;

export function must<T>(result: Result<T, Failure>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
}

/** A unique endpoint in a new folder (the caller removes `home`). */
export function ownEndpoint(): { readonly endpoint: Endpoint; readonly home: string } {
  const home = mkdtempSync(path.join(os.tmpdir(), 'dv-'));
  const id = `5e55${process.pid.toString(16)}${(count++).toString(16)}`.padEnd(16, '0');
  const endpoint = must(sessionEndpoint(id, { env: {}, home, uid: process.getuid?.() ?? null, platform: currentMachine().platform }));
  must(ensureFolder(endpoint));
  return { endpoint, home };
}

export async function serveSession(session: Session, options: Partial<ServeOptions> = {}): Promise<ServedSession> {
  const { endpoint, home } = ownEndpoint();
  const version = options.version ?? '0.0.0';
  const outcome = await acquireLock(endpoint, { version, pid: process.pid, uid: endpoint.uid, control: endpoint.socket, startedAtMs: 1 });
  if (outcome.kind !== 'acquired') throw new Error(outcome.kind);
  const server = must(
    await serve({ session, endpoint, version, key: 'fakekey', clock: systemClock, readLogs: async function* () {}, ...options }),
  );
  const clients: RemoteSession[] = [];
  return {
    endpoint,
    home,
    async connect() {
      const client = must(await connect(endpoint, version, { clock: systemClock }));
      clients.push(client);
      return client;
    },
    async close() {
      await server.close();
      await outcome.lock.release();
      for (const client of clients) client.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
