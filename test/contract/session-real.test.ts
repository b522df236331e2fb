/** The contract of sessions, run on the real supervisor with real processes on this machine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serviceFingerprint } from '../../src/config/resolve/fingerprint.ts';
import { currentMachine } from '../../src/machine/current.ts';
import { ok } from '../../src/model/result.ts';
import { Supervisor } from '../../src/supervisor/supervisor.ts';
import { releasePort, reservePort } from '../rig/ports.ts';
import { serveSession } from '../rig/served-session.ts';
import { aService, aStack } from '../rig/services.ts';
import { describeSession, type SessionCase } from './session-suite.ts';

/** Listens on PORT, and prints whatever it is told to over HTTP. */
const PRINTER = `require('node:http').createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk)).on('end', () => process.stdout.write(Buffer.concat(chunks), () => response.end()));
}).listen(Number(process.env.PORT), '127.0.0.1')`;

async function supervised(): Promise<SessionCase & { readonly session: Supervisor }> {
  const folder = mkdtempSync(join(tmpdir(), 'devup-session-'));
  const ports = { one: await reservePort(), two: await reservePort() };
  const service = (name: 'one' | 'two') =>
    aService(name, {
      cwd: folder,
      command: { kind: 'argv', argv: [process.execPath, '-e', PRINTER] },
      ports: [{ name: 'main', port: ports[name], required: true }],
    });
  const stack = aStack([service('one'), { ...service('two'), dependsOn: [{ service: 'one', condition: 'ready' }] }], folder);
  const session = await Supervisor.begin({
    stack,
    machine: await currentMachine(),
    version: '0.0.0',
    folder,
    baseEnv: process.env,
    colour: false,
    reload: async () => ({ stack: ok(stack), reads: [] }),
    liveSession: async () => null,
    others: { find: async () => null, stop: async () => null },
    ask: null,
    trace: null,
    fingerprint: serviceFingerprint,
    blame: (error) => {
      throw error;
    },
    exitCode: () => 0,
  });
  return {
    session,
    async print(name, bytes) {
      const response = await fetch(`http://127.0.0.1:${ports[name as 'one' | 'two']}/`, { method: 'POST', body: bytes });
      await response.text();
    },
    async end() {
      await session.shutdown('kill', { why: 'order' });
      for (const port of Object.values(ports)) releasePort(port);
      rmSync(folder, { recursive: true });
    },
  };
}

describeSession('real', supervised);

describeSession('real, behind a control socket', async () => {
  const { session, ...rest } = await supervised();
  const served = await serveSession(session, { key: session.key });
  return {
    ...rest,
    session: await served.connect(),
    async end() {
      await rest.end();
      await served.close();
    },
  };
});
