/** Secrets that stand only in an `envFile`: no message of devup contains them; logs and `devup env` show them as they are. */
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { stackId } from '../../../src/model/stack-id.ts';
import { eventually } from '../../rig/eventually.ts';
import { type Rig, test } from '../../rig/rig.ts';

const TOKEN = 'tell-tale-of-the-token';
const PASSWORD = 'tell-tale-of-the-database';
const LISTEN = `console.log('my token is ' + process.argv[1]); require('node:http').createServer((_, r) => r.end()).listen(Number(process.env.PORT))`;

/** Listens, with secrets in its arguments and links. */
async function web(rig: Rig): Promise<object> {
  rig.write('.env', `API_TOKEN=${TOKEN}\nDATABASE_URL=postgres://me:${PASSWORD}@localhost/db\n`);
  return {
    port: await rig.port(),
    envFile: '.env',
    command: [process.execPath, '-e', LISTEN, `\${env.API_TOKEN}`, `\${env.DATABASE_URL}`],
    links: { Admin: `/admin?t=\${env.API_TOKEN}` },
  };
}

function expectSilent(where: string, text: string): void {
  expect({ where, told: /tell-tale[\w-]*/.exec(text)?.[0] ?? null }).toEqual({ where, told: null });
}

function body(socketPath: string, path: string, until: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const asked = request({ socketPath, path }, (response) => {
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (!until.test(text)) return;
        asked.destroy();
        resolve(text);
      });
    });
    asked.on('error', reject).end();
  });
}

describe('a secret of an envFile', () => {
  test('a secret is in no answer of a running session, nor on its socket; its log and `devup env` contain it', async ({ rig }) => {
    const file = rig.config({ web: await web(rig) });
    const started = await rig.devup(['start', '-d', '--json']);
    expect(started.code).toBe(0);
    // A service's output is passed on as it is.
    expectSilent('start -d --json', started.stdout.replaceAll(/^.*"type":"output".*$/gm, ''));
    for (const args of [['status'], ['status', '--json'], ['doctor'], ['doctor', '--json'], ['start', '--dry-run', '--json']]) {
      const answer = await rig.devup(args);
      expect(answer.stdout).not.toBe('');
      expectSilent(args.join(' '), answer.stdout + answer.stderr);
    }
    const socket = join(rig.env['XDG_RUNTIME_DIR'] as string, 'devup', stackId(file));
    const session = await body(socket, '/v1/session', /\}\n$/);
    expect(session).toContain('"holders":[{');
    expectSilent('/v1/session', session);
    const events = await body(socket, '/v1/events?since=0', /"state":"ready"/);
    expectSilent('/v1/events', events.replaceAll(/^data: .*"type":"output".*$/gm, ''));
    expect((await rig.devup(['logs'])).stdout).toContain(TOKEN);
    expect((await rig.devup(['env', 'web'])).stdout).toContain(TOKEN);
    expect((await rig.devup(['stop'])).code).toBe(0);
  });

  test('a secret is in no error about a service that does not start, is not ready, or is misconfigured', async ({ rig }) => {
    const good = await web(rig);
    const wrong: Readonly<Record<string, object>> = {
      'not ready': { ...good, ready: { http: `http://localhost:1/\${env.API_TOKEN}`, timeout: '1s' } },
      'a check that fails': { ...good, ready: { command: `echo \${env.API_TOKEN}; exit 3`, timeout: '1s' } },
      'no such folder': { ...good, cwd: `nowhere/\${env.API_TOKEN}` },
      'no such program': { ...good, command: [`./\${env.API_TOKEN}`] },
      'no such address': { ...good, ready: { http: `\${env.DATABASE_URL}` } },
    };
    for (const [what, service] of Object.entries(wrong)) {
      const file = rig.config({ web: service });
      for (const args of [['start'], ['start', '-d'], ['start', '--json'], ['doctor'], ['status', '--json']]) {
        const answer = await rig.devup(args);
        if (args[0] === 'start') expect({ what, args, code: answer.code }).not.toMatchObject({ code: 0 });
        const hidden = what === 'no such address' ? /DATABASE_URL/ : /\*\*\*/;
        if (args[0] === 'start') expect(answer.stdout + answer.stderr).toMatch(hidden);
        const stdout = answer.stdout.replaceAll(/^.*("type":"output"|my token is).*$/gm, '');
        expectSilent(`${what}: ${args.join(' ')}`, stdout + answer.stderr.replaceAll(/^.*my token is.*$/gm, ''));
      }
      if (what !== 'no such address') expectSilent(what, readFileSync(join(rig.root, '.devup', stackId(file), 'supervisor.log'), 'utf8'));
    }
  });

  test("a secret is in no crash file and not in the supervisor's log", async ({ rig }) => {
    const services = JSON.stringify({ web: await web(rig) });
    const file = rig.write(
      'orchestrator.config.mjs',
      `import { existsSync, readFileSync } from 'node:fs';
      const env = readFileSync(new URL('.env', import.meta.url), 'utf8');
      if (process.argv[2] !== '__config')
        setInterval(() => { if (existsSync(new URL('now', import.meta.url))) throw new Error('no database: ' + env); }, 50);
      export default { services: ${services} };`,
    );
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    rig.write('now', '');
    const folder = join(rig.root, '.devup', stackId(file));
    const told = () => readFileSync(join(folder, 'supervisor.log'), 'utf8');
    await eventually('the error to be told', () => /error E306[\s\S]*fix /.test(told()));
    expectSilent('supervisor.log', told());
    const [crash] = readdirSync(folder).filter((name) => name.startsWith('crash-'));
    const trace = readFileSync(join(folder, crash as string), 'utf8');
    expect(trace).toMatch(/no database: API_TOKEN=\*\*\*/);
    expectSilent('the crash file', trace);
  });
});
