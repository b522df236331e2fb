/** The rules of the running stack, with listeners and answers that the test makes up. */
import { describe, expect, test } from 'vitest';
import { callsOf } from '../../../src/check/live/calls.ts';
import { checkLive } from '../../../src/check/live/live.ts';
import { compare } from '../../../src/check/live/routes.ts';
import type { LiveListener } from '../../../src/check/live/rule.ts';
import { readRepository } from '../../../src/check/repository.ts';
import type { Failure } from '../../../src/model/failure.ts';
import type { HttpAnswer, HttpRequest } from '../../../src/model/http.ts';
import { stack } from '../config/stacks.ts';
import { type Files, line, MEDCOR, repository } from './repository.ts';

async function read(config: object, files: Files = {}) {
  return readRepository(await stack(config, { file: `${repository(files)}/orchestrator.config.json` }));
}

const at = (port: number, service: string | null, address = '127.0.0.1'): LiveListener => ({
  port,
  address,
  service,
  description: service ?? 'nc (pid 7)',
});
const answer = (status: number, body = '', headers: Readonly<Record<string, string>> = {}): HttpAnswer => ({
  kind: 'answer',
  status,
  headers,
  body,
});
const found = async () => answer(200);

interface World {
  readonly files?: Files;
  readonly listeners?: readonly LiveListener[];
  readonly ask?: (asked: HttpRequest) => Promise<HttpAnswer>;
  readonly states?: Readonly<Record<string, 'ready' | 'unhealthy' | 'stopped' | 'external'>>;
  readonly problems?: Readonly<Record<string, Failure>>;
}

async function live(config: { readonly services: object }, { files = {}, listeners = [], ask = found, states = {}, problems = {} }: World) {
  const names = Object.keys(config.services);
  const running = new Map(
    names.map((name) => [name, { state: states[name] ?? ('ready' as const), stale: false, problem: problems[name] ?? null }]),
  );
  return checkLive({ repository: await read(config, files), running, listeners, ephemeral: [32_768, 60_999], ask });
}

const ONE = { services: { a: { command: 'x', ports: { main: 8000, debug: { port: 9229, required: false } }, host: '127.0.0.1' } } };

describe('a service that listens', () => {
  test.each<readonly [string, readonly LiveListener[], readonly string[]]>([
    ['where it is declared, a port that need not be open closed', [at(8000, 'a')], []],
    ['elsewhere', [at(8001, 'a')], ['D201 - a 8000 ≠ 8001']],
    ['nowhere, where somebody else does', [at(8000, null)], ['D201 - a 8000 ≠ -']],
    ['beside somebody else', [at(8000, 'a'), at(8000, null, '::1')], ['D201 - a 8000 ≠ ::1']],
    ['on a port more', [at(8000, 'a'), at(9230, 'a')], ['D201 - a - ≠ 9230']],
    ['for the whole network', [at(8000, 'a', '0.0.0.0')], ['D201 - a 127.0.0.1 ≠ 0.0.0.0']],
    ['where its host does not lead', [at(8000, 'a', '::1')], ['D201 - a 127.0.0.1 ≠ ::1']],
  ])('%s', async (_, listening, expected) => {
    expect((await live(ONE, { listeners: listening })).findings.map(line)).toEqual(expected);
  });

  test('on a loopback port that the system chose causes a warning; on that of another service an error', async () => {
    const two = { services: { a: { command: 'x', port: 8000 }, b: { command: 'y', port: 40_001 } } };
    const chosen = [at(8000, 'a'), at(40_000, 'a'), at(40_001, 'a'), at(40_002, 'a', '0.0.0.0'), at(40_001, 'b')];
    const { findings } = await live(two, { listeners: chosen });
    expect(findings.map(({ severity, found: port, service }) => `${severity} ${service} ${port}`)).toEqual([
      'warning a 40000',
      'error a 40001',
      'error a 40002',
      'error b 127.0.0.1',
    ]);
  });

  test('in a container, or without being ours to start, need not be a process of the session', async () => {
    const services = {
      db: { command: 'x', port: 8000, listener: { container: 'db' }, stop: { command: 'y' } },
      ext: { port: 8001, ready: { http: '/' } },
    };
    expect((await live({ services }, { listeners: [at(8000, null), at(8001, null)], states: { ext: 'external' } })).findings).toEqual([]);
  });

  test('and accepts no connections, as the session found, does not serve its port', async () => {
    const stuck: Failure = { code: 'E117', kind: 'port-stuck', service: 'a', port: 8000, pid: 7 };
    const { findings } = await live(ONE, { listeners: [at(8000, 'a')], states: { a: 'unhealthy' }, problems: { a: stuck } });
    expect(findings.map(({ code, message }) => `${code} ${message}`)).toEqual(['D201 a listens on 8000 but accepts no connections']);
    const elsewhere: Failure = { ...stuck, port: 8001 };
    expect((await live(ONE, { listeners: [at(8000, 'a')], states: { a: 'unhealthy' }, problems: { a: elsewhere } })).findings).toEqual([]);
  });

  test('without an answer is a note if its service is optional, and a finding if required', async () => {
    const services = { a: { command: 'x', port: 8000 }, b: { command: 'y', port: 8001, optional: true } };
    const { findings, notes } = await live({ services }, { states: { a: 'stopped', b: 'stopped' } });
    expect([findings.map(line), notes]).toEqual([['D201 - a 8000 ≠ -'], [expect.objectContaining({ service: 'b', why: 'not-running' })]]);
  });
});

describe('a browser of a frontend calls a backend', () => {
  const calls = async (files: Files, config: object = MEDCOR) =>
    callsOf(await read(config, files)).map(({ frontend, backend, origin, paths }) =>
      [frontend.name, backend.name, origin, ...paths].join(' '),
    );

  test('whose address stands in a variable that browsers see, in a file or in the config', async () => {
    expect(await calls({ 'frontend/.env': 'VITE_API_URL=http://localhost:8002/api/v2\nSECRET_URL=http://localhost:8000\n' })).toEqual([
      'frontend backend2 http://localhost:5000 /api/v2',
    ]);
    const frontend = { ...MEDCOR.services.frontend, env: { NEXT_PUBLIC_API: '${services.backend.url}' } };
    expect(await calls({}, { ...MEDCOR, services: { ...MEDCOR.services, frontend } })).toEqual(['frontend backend http://localhost:5000']);
  });

  test('that allows it, by its own address or another one of this machine', async () => {
    const settings = "CORS_ALLOWED_ORIGINS = ['http://localhost:5000', 'http://127.0.0.1:5000', 'https://medcor.example']\n";
    expect(await calls({ 'medcor_backend/core/settings.py': settings })).toEqual([
      'frontend backend http://localhost:5000',
      'frontend backend http://127.0.0.1:5000',
    ]);
    expect(await calls({ 'medcor_backend/.env': 'CORS_ALLOW_ALL_ORIGINS=True\n' })).toEqual(['frontend backend http://localhost:5000']);
  });

  test("but not everything else that reads the file with the backend's setting", async () => {
    const { postgres, backend2, mcp, ...others } = MEDCOR.services;
    const envFile = 'medcor_backend2/.env';
    const services = { ...others, postgres: { ...postgres, envFile }, backend2: { ...backend2, envFile }, mcp: { ...mcp, envFile } };
    const setting = 'CORS_ALLOWED_ORIGINS=http://localhost:5000\n';
    expect(await calls({ [envFile]: setting }, { ...MEDCOR, services })).toEqual(['frontend backend2 http://localhost:5000']);
    const shared = (names: readonly (keyof typeof services)[]) => ({
      ...MEDCOR,
      services: Object.fromEntries(
        Object.entries(MEDCOR.services).map(([name, one]) => [
          name,
          (names as string[]).includes(name) ? { ...one, envFile: 'common.env' } : one,
        ]),
      ),
    });
    expect(await calls({ 'common.env': setting }, shared(['postgres', 'backend2']))).toEqual([]);
    expect(await calls({ 'common.env': setting }, shared(['backend2']))).toEqual(['frontend backend2 http://localhost:5000']);
  });

  test('but not through a proxy of its own server: that is one origin', async () => {
    const proxy = "export default { server: { port: 5000, strictPort: true, proxy: { '/api': 'http://localhost:8000' } } };\n";
    expect(await calls({ 'frontend/vite.config.js': proxy })).toEqual([]);
  });
});

describe('a preflight', () => {
  const files = { 'frontend/.env': 'VITE_API_URL=http://localhost:8000\n' };
  const listening = Object.entries(MEDCOR.services).map(([name, { port }]) => at(port, name));
  const origin = 'access-control-allow-origin';
  test.each<readonly [string, HttpAnswer, readonly string[]]>([
    ['names the origin', answer(204, '', { [origin]: 'http://localhost:5000' }), []],
    ['lets in everybody', answer(200, '', { [origin]: '*' }), []],
    ['names another one', answer(204, '', { [origin]: 'http://localhost:3000' }), ['error http://localhost:3000']],
    ['names none', answer(200), ['error null']],
    ['fails, and names the origin', answer(405, '', { [origin]: 'http://localhost:5000' }), ['warning http://localhost:5000']],
    ['is not answered', { kind: 'none', why: 'ECONNRESET' }, ['error null']],
  ])('that %s', async (_, given, expected) => {
    const asked: HttpRequest[] = [];
    const { findings } = await live(MEDCOR, {
      files,
      listeners: listening,
      ask: async (one) => {
        asked.push(one);
        return given;
      },
    });
    expect(findings.map(({ severity, found: allowed }) => `${severity} ${allowed}`)).toEqual(expected);
    expect(asked).toEqual([
      {
        method: 'OPTIONS',
        url: 'http://localhost:8000/',
        headers: { origin: 'http://localhost:5000', 'access-control-request-method': 'GET' },
      },
    ]);
  });
});

test.each([
  [200, true],
  [302, true],
  [401, true],
  [405, true],
  [404, false],
  [500, false],
])('a link that answers with %i answers: %s', async (status, answers) => {
  const services = { a: { command: 'x', port: 8000, links: { Admin: '/admin/' } } };
  const { findings } = await live({ services }, { listeners: [at(8000, 'a')], ask: async () => answer(status) });
  expect(findings.map(line)).toEqual(answers ? [] : [`D203 - a an answer below 400 ≠ status ${status}`]);
});

test('a link without an answer names where its service listens', async () => {
  const services = { a: { command: 'x', port: 8000, links: { Docs: 'http://localhost:9000/docs' } } };
  const none = async () => ({ kind: 'none', why: 'ECONNREFUSED' }) as const;
  const { findings } = await live({ services }, { listeners: [at(8000, 'a')], ask: none });
  expect(findings.map(({ message, found }) => [message, found])).toEqual([
    [
      expect.stringMatching(/^the link Docs of a does not answer: .*:9000\/docs \(ECONNREFUSED; it listens on 127\.0\.0\.1:8000\)$/),
      'ECONNREFUSED',
    ],
  ]);
});

describe('an answer through the door came from the service', () => {
  const json = { 'content-type': 'application/json' };
  const html = { 'content-type': 'text/html; charset=utf-8' };
  const spa = answer(200, '<html>', html);
  test.each([
    ['when it is the same, and nobody else says that', answer(200, '[1]', json), answer(200, '[1]', json), spa, 'reached'],
    ['also when it is "not found" in its own words', answer(404, '{}', json), answer(404, '{}', json), spa, 'reached'],
    ['when it changes every time', answer(200, '[1]', json), answer(200, '[2]', json), spa, 'reached'],
    ['not when it is the page that answers everything', spa, answer(200, '[1]', json), spa, 'wrong'],
    ['not when that page changes every time', answer(200, '<i>', html), answer(200, '[1]', json), spa, 'wrong'],
    ['not when the gateway finds nobody', answer(502, 'bad', html), answer(200, '[1]', json), spa, 'wrong'],
    ['not when the gateway knows no such address', answer(404, 'no', html), answer(200, '[1]', json), answer(404, 'no', html), 'wrong'],
    ['perhaps, when any service would answer so', answer(404, 'no', html), answer(404, 'no', html), answer(404, 'no', html), 'cannot-tell'],
    [
      'perhaps, when the gateway requires a login first',
      answer(401, '', html),
      answer(200, '[1]', json),
      answer(404, '', html),
      'cannot-tell',
    ],
  ] as const)('%s', (_, through, direct, anything, expected) => {
    const verdict = compare(through, [direct], anything);
    expect(typeof verdict === 'string' ? verdict : 'wrong').toBe(expected);
  });
});
