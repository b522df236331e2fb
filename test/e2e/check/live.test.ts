/**
 * `devup check --live` on a running stack.
 *
 *   backend ─▶ frontend ─▶ gateway: /api/ ─▶ backend, / ─▶ frontend
 */
import { expect } from 'vitest';
import { type Rig, test } from '../../rig/rig.ts';

/** Answers the paths in PAGES with its name, allows ORIGIN, forwards the prefixes in PASS, and also listens on EXTRA. */
const SERVER = `
import { createServer, request } from 'node:http';
const { PORT, DEVUP_SERVICE: name, ORIGIN, PAGES = '', PASS = '', HOST = '127.0.0.1', EXTRA } = process.env;
const pages = PAGES.split(' ');
const passed = PASS.split(' ').filter(Boolean).map((one) => one.split('='));
const server = createServer((asked, answer) => {
  const [, port] = passed.find(([prefix]) => asked.url.startsWith(prefix)) ?? [];
  if (port) {
    const { method, headers } = asked;
    const on = request({ host: '127.0.0.1', port, path: asked.url, method, headers }, (got) => got.pipe(answer.writeHead(got.statusCode, got.headers)));
    on.on('error', () => answer.writeHead(502).end('bad gateway'));
    asked.pipe(on);
    return;
  }
  if (ORIGIN && asked.headers.origin === ORIGIN) answer.setHeader('access-control-allow-origin', ORIGIN);
  if (asked.method === 'OPTIONS') answer.writeHead(ORIGIN ? 204 : 404).end();
  else answer.writeHead(pages.includes(asked.url) ? 200 : 404, { 'content-type': 'text/plain' }).end(name + ' has ' + asked.url);
});
server.listen(Number(PORT), HOST);
if (EXTRA) createServer().listen(Number(EXTRA), HOST);
`;

interface Broken {
  readonly backend?: Readonly<Record<string, string>>;
  readonly gateway?: Readonly<Record<string, string>>;
  readonly host?: string;
}

async function stack(rig: Rig, { backend = {}, gateway = {}, host = '127.0.0.1' }: Broken = {}) {
  rig.write('server.mjs', SERVER);
  const ports = { backend: await rig.port(), frontend: await rig.port(), gateway: await rig.port() };
  const origin = `http://127.0.0.1:${ports.frontend}`;
  const command = [process.execPath, 'server.mjs'];
  rig.config(
    {
      backend: {
        command,
        host,
        port: ports.backend,
        env: { ORIGIN: origin, CORS_ORIGIN: origin, PAGES: '/api/patients /admin/', ...backend },
        links: { API: '/api/patients', Admin: '/admin/', Manual: 'https://example.org/manual' },
      },
      frontend: {
        command,
        host,
        port: ports.frontend,
        category: 'frontend',
        env: { VITE_API_URL: `http://127.0.0.1:${ports.backend}/api/patients`, PAGES: '/' },
      },
      gateway: { command, host, port: ports.gateway, env: { PASS: `/api/=${ports.backend} /=${ports.frontend}`, ...gateway } },
      tool: { command, port: await rig.port(), optional: true },
    },
    { routes: { '/api/': 'backend', '/': 'frontend' } },
  );
  expect(await rig.devup(['start', '-d'])).toMatchObject({ code: 0 });
  return ports;
}

test('a stack that does what its config says has no findings', async ({ rig }) => {
  await stack(rig);
  const answer = await rig.devup(['check', '--live']);
  expect(answer.stdout).toMatch(/✔ 3 services, \d+ requests, all agree with the config\n$/);
  expect(answer.stdout).toContain('tool is optional and not running');
  expect(answer.stdout).toContain('backend:Manual was not tested: https://example.org/manual is on another machine');
  expect(answer).toMatchObject({ code: 0, stderr: '' });
  expect((await rig.devup(['check', '--live', '--json'])).json()).toMatchObject({
    schemaVersion: 1,
    findings: [],
    checked: { services: 3 },
  });
  expect(await rig.devup(['stop'])).toMatchObject({ code: 0 });
});

test('differences between services and config are reported: listeners, origins, links, routes', async ({ rig }) => {
  const extra = await rig.port();
  const ports = await stack(rig, {
    backend: { EXTRA: String(extra), ORIGIN: 'http://127.0.0.1:1', PAGES: '/api/patients' },
    gateway: { PASS: '' },
    host: '127.0.0.1',
  });
  const answer = await rig.devup(['check', '--live', '--json']);
  expect(answer.code).toBe(6);
  const { findings } = answer.json() as { readonly findings: readonly object[] };
  expect(findings).toMatchObject([
    { code: 'D201', service: 'backend', port: extra, file: null },
    { code: 'D202', service: 'backend', port: ports.backend, expected: `http://127.0.0.1:${ports.frontend}`, found: null },
    { code: 'D203', service: 'backend', port: ports.backend, found: 'status 404' },
    { code: 'D204', service: 'backend', port: ports.backend, expected: 'status 200', found: 'status 404' },
    { code: 'D204', service: 'frontend', port: ports.frontend, expected: 'status 200', found: 'status 404' },
  ]);
  const github = await rig.devup(['check', '--live', '--format=github'], { env: { GITHUB_WORKSPACE: rig.root } });
  expect(github.stdout).toContain('::error file=orchestrator.config.json,line=1,col=1,title=devup D202::backend does not allow ');
  const sarif = (await rig.devup(['check', '--live', '--format=sarif'])).json();
  expect(sarif).toMatchObject({ runs: [{ results: findings.map((finding) => ({ ruleId: (finding as { code: string }).code })) }] });
  expect(await rig.devup(['stop'])).toMatchObject({ code: 0 });
});

test('a service that the network can reach is a warning where the config names this machine as its host', async ({ rig }) => {
  const ports = await stack(rig, { backend: { HOST: '0.0.0.0' } });
  const answer = await rig.devup(['check', '--live', '--json']);
  expect(answer.json()).toMatchObject({ findings: [{ code: 'D201', severity: 'warning', port: ports.backend, found: '0.0.0.0' }] });
  expect(answer.code).toBe(0);
  expect(await rig.devup(['stop'])).toMatchObject({ code: 0 });
});

test('a required service that was stopped is a finding; without a session the command says what to type', async ({ rig }) => {
  await stack(rig);
  expect(await rig.devup(['stop', 'backend'])).toMatchObject({ code: 0 });
  const answer = await rig.devup(['check', '--live']);
  expect(answer.code).toBe(6);
  expect(answer.stdout).toMatch(/✖ D201 backend does not listen on \d+: it is stopped\n.*fix: devup start backend\n/);
  expect(await rig.devup(['stop'])).toMatchObject({ code: 0 });
  const none = await rig.devup(['check', '--live', '--json']);
  expect(none.code).toBe(1);
  expect(none.json()).toMatchObject({
    error: { code: 'E401', message: 'rig is not running', fix: expect.stringContaining('devup start') },
  });
  expect(await rig.devup(['check', '--live', '--fix'])).toMatchObject({ code: 2 });
});
