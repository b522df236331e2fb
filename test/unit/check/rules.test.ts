import { describe, expect, test } from 'vitest';
import { checkIn, findings, line, MEDCOR, repository } from './repository.ts';

const { services } = MEDCOR;

describe('a port in a file', () => {
  test.each([
    [
      'two services of one compose file publish one port',
      'compose.yml',
      'services:\n  backend: { ports: ["8000:80"] }\n  adminer: { ports: ["8000:8080"] }\n',
      ['D101 compose.yml:3:23 - - ≠ 8000'],
    ],
    ['an address leads nowhere', 'README.md', 'Open http://localhost:8001/ now.\n', ['D103 README.md:1:23 - - ≠ 8001']],
    [
      'a name outweighs the port of another service',
      '.env',
      'BACKEND2_URL=http://localhost:8000\n',
      ['D102 .env:1:31 backend2 8002 ≠ 8000'],
    ],
    ['a general name says nothing', '.env', 'API_URL=http://localhost:8000\nAPI_PORT=9999\n', []],
    ['the scheme identifies the server', '.env', 'SESSIONS_URL=postgres://localhost:5433/x\n', ['D103 .env:1:35 postgres 5432 ≠ 5433']],
    ['other machines are none of ours', '.env', 'BACKEND=https://api.example.org:8444\nSMTP_URL=smtp://mail:587\n', []],
    [
      'a service that the config does not know',
      'compose.yml',
      'services:\n  adminer: { image: adminer, ports: ["8081:8080"] }\n',
      ['D110 compose.yml:2:39 - - ≠ 8081'],
    ],
    [
      'a script beside the service has its own port',
      'frontend/package.json',
      '{ "scripts": { "storybook": "storybook dev -p 6006", "e2e": "PORT=4173 x" } }',
      [],
    ],
    [
      'but not if it nearly equals the service’s',
      'frontend/package.json',
      '{ "scripts": { "preview": "vite --port 5001" } }',
      ['D102 frontend/package.json:1:40 frontend 5000 ≠ 5001'],
    ],
    [
      'a port is not part of a longer number or word',
      'README.md',
      'See localhost:8001abc, 10.localhost:80011, x-localhost:8001.example and v1.2:8001.\n',
      [],
    ],
    ['a worker has none', '.env', 'MIGRATE_PORT=8003\n', ['D102 .env:1:14 migrate - ≠ 8003']],
  ])('%s', async (_, file, text, expected) => {
    expect(await findings({ ...MEDCOR, services: { ...services, migrate: { command: 'x' } } }, { [file]: text })).toEqual(expected);
  });

  test('a name that fits two services identifies neither', async () => {
    const twins = {
      'auth-app': { command: 'x', port: 8000 },
      'auth-service': { command: 'y', port: 8002 },
    };
    expect(await findings({ services: twins }, { '.env': 'AUTH_URL=http://localhost:8002\nAUTH_PORT=8000\n' })).toEqual([]);
  });
});

test('a range in a compose file is right by its ends', async () => {
  const two = { services: { a: { command: 'x', ports: { main: 8000, last: 8005 } } } };
  const compose = (ports: string) => ({ 'compose.yml': `services:\n  a: { build: ., ports: ["${ports}"] }\n` });
  expect(await findings(two, compose('8000-8005:8000-8005'))).toEqual([]);
  expect(await findings(two, compose('127.0.0.1:8000-8006:8000-8005/tcp'))).toEqual(['D102 compose.yml:2:42 a 8000 or 8005 ≠ 8006']);
  expect(await findings(two, compose('${FROM:-8000}-8006:8000-8005'))).toEqual(['D102 compose.yml:2:41 a 8000 or 8005 ≠ 8006']);
  expect(await findings(two, compose('${FROM}:8007'))).toEqual(['D102 compose.yml:2:35 a 8000 or 8005 ≠ 8007']);
});

describe('allowed hosts and origins', () => {
  const env = (line: string) => ({ 'medcor_backend2/.env': `${line}\n` });
  test.each([
    [
      'CORS_ALLOWED_ORIGINS=http://localhost:8002',
      ['D104 medcor_backend2/.env:1:22 frontend http://localhost:5000 ≠ http://localhost:8002'],
    ],
    ['CORS_ALLOWED_ORIGINS=http://localhost:5001', ['D104 medcor_backend2/.env:1:39 frontend http://localhost:5000 ≠ 5001']],
    ['CORS_ALLOWED_ORIGINS=http://localhost:5000,http://localhost:9999', ['D103 medcor_backend2/.env:1:61 - - ≠ 9999']],
    ['CORS_ALLOWED_ORIGINS=https://medcor.example', []],
    ['CORS_ALLOWED_ORIGINS=*', []],
    [
      'CSRF_TRUSTED_ORIGINS=http://localhost:5000/',
      ['D105 medcor_backend2/.env:1:22 backend2 http://localhost:5000 ≠ http://localhost:5000/'],
    ],
    ['CSRF_TRUSTED_ORIGINS=localhost:5000', ['D105 medcor_backend2/.env:1:22 backend2 - ≠ localhost:5000']],
    ['CSRF_TRUSTED_ORIGINS=https://*.medcor.example', []],
    ['ALLOWED_HOSTS=localhost,.example.org,[::1],*', []],
    ['ALLOWED_HOSTS=localhost:8002', ['D105 medcor_backend2/.env:1:15 backend2 localhost ≠ localhost:8002']],
    ['ALLOWED_HOSTS=::1', ['D105 medcor_backend2/.env:1:15 backend2 [::1] ≠ ::1']],
    ['ALLOWED_HOSTS=http://localhost', ['D105 medcor_backend2/.env:1:15 backend2 - ≠ http://localhost']],
  ])('%s', async (text, expected) => {
    expect(await findings(MEDCOR, env(text))).toEqual(expected);
  });

  test('of several frontends, those that call the backend', async () => {
    const two = { ...services, admin: { command: 'x', port: 5001, cwd: 'admin', category: 'frontend' } };
    const files = { 'admin/.env': 'VITE_API=http://localhost:8002\n', ...env('CORS_ALLOWED_ORIGINS=http://localhost:5000') };
    expect(await findings({ ...MEDCOR, services: two }, files)).toEqual([
      'D104 medcor_backend2/.env:1:22 admin http://localhost:5001 ≠ http://localhost:5000',
    ]);
  });
});

describe('strictPort', () => {
  const vite = (server: string) => ({ 'frontend/vite.config.js': `export default { server: { ${server} } };\n` });
  test.each([
    ['missing', vite('port: 5000'), ['D108 frontend/vite.config.js:1:34 frontend strictPort: true ≠ -']],
    ['false', vite('port: 5000, strictPort: false'), ['D108 frontend/vite.config.js:1:52 frontend strictPort: true ≠ false']],
    ['true', vite('port: 5000, strictPort: true'), []],
    [
      'said by the script',
      { ...vite('port: 5000'), 'frontend/package.json': '{ "scripts": { "dev": "vite --port 5000 --strictPort" } }' },
      [],
    ],
  ])('%s', async (_, files, expected) => {
    expect(await findings(MEDCOR, files)).toEqual(expected);
  });
});

describe('the address a development server is told to listen on', () => {
  const at = (column: number) => `frontend/vite.config.js:1:${column} frontend`;
  test.each([
    ["'0.0.0.0'", undefined, []],
    ["'0.0.0.0'", 'localhost', [`D113 ${at(35)} localhost ≠ 0.0.0.0`]],
    ['true', '127.0.0.1', [`D113 ${at(34)} 127.0.0.1 ≠ 0.0.0.0`]],
    ["'127.0.0.1'", 'localhost', []],
    ["'192.168.1.2'", undefined, [`D113 ${at(35)} localhost ≠ 192.168.1.2`]],
    ["'app.test'", 'app.test', []],
    ['process.env.HOST', 'localhost', []],
  ])('%s, where the config says %s', async (written, host, expected) => {
    const frontend = { ...services.frontend, ...(host && { host }) };
    const files = { 'frontend/vite.config.js': `export default { server: { host: ${written} } };\n` };
    expect(await findings({ ...MEDCOR, services: { ...services, frontend } }, files)).toEqual(expected);
  });
});

describe('a file that lists the services', () => {
  test('and lacks one: the finding names it', async () => {
    const rows = ['backend | 8000', 'backend2 | 8002', 'Frontend | 5000', 'Postgres | 5432'].map((row) => `| ${row} |\n`).join('');
    expect(await findings(MEDCOR, { 'PORTS.md': `| Service | Port |\n|---|---|\n${rows}` })).toEqual(['D109 PORTS.md:3:3 mcp mcp ≠ -']);
  });

  test('may have only a few of them', async () => {
    expect(await findings(MEDCOR, { 'compose.yml': 'services:\n  postgres: { image: postgres, ports: ["5432:5432"] }\n' })).toEqual([]);
  });
});

describe('the config alone', () => {
  const ranges = { backend: { ports: '8000-8009' }, front: { ports: '5000-5001' } };
  const one = (port: number, category?: string) => ({ services: { a: { command: 'x', port, ...(category && { category }) } }, ranges });
  test.each([
    [one(8003, 'backend'), []],
    [one(5000, 'backend'), ['D106 - a 8000-8009 ≠ 5000']],
    [one(9000, 'backend'), ['D107 - a 8000-8009 ≠ 9000']],
    [one(9000), ['D107 - a - ≠ 9000']],
    [one(5000, 'tools'), ['D106 - a - ≠ 5000']],
    [one(8000), []],
    [{ services: { a: { command: 'x', port: 9000, category: 'backend' } } }, []],
  ])('%j', async (config, expected) => {
    expect(await findings(config, {})).toEqual(expected);
  });

  test('a port that causes trouble is a warning', async () => {
    const config = { services: { a: { command: 'x', ports: { main: 80, sip: 5060, out: 40_000, airplay: 5000 } } } };
    expect(await findings(config, {}, { ephemeral: [32_768, 60_999] })).toEqual([
      'D112 - a - ≠ 80',
      'D112 - a - ≠ 5060',
      'D112 - a - ≠ 40000',
    ]);
    expect(await findings(config, {}, { airPlayPorts: [5000, 7000] })).toEqual([
      'D112 - a - ≠ 80',
      'D112 - a - ≠ 5060',
      'D112 - a - ≠ 5000',
    ]);
    expect(await findings(config, {}, { excluded: [[4900, 5000]] })).toContain('D112 - a - ≠ 5000');
  });
});

test('a difference that may be intended is a warning, and not corrected', async () => {
  const root = repository({
    'compose.yml': 'services:\n  backend: { build: ., ports: ["8000:8080", "8000:80"] }\n',
    'frontend/package.json': '{ "scripts": { "preview": "vite --port 5001" } }',
  });
  const found = (await checkIn(root, MEDCOR)).findings;
  expect(found.map(line)).toEqual(['D102 compose.yml:2:38 backend 8000 ≠ 8080', 'D102 frontend/package.json:1:40 frontend 5000 ≠ 5001']);
  expect(found.map(({ severity, replacement }) => ({ severity, replacement }))).toEqual(
    Array(2).fill({ severity: 'warning', replacement: null }),
  );
});

test("a database of another kind than the config's is not compared", async () => {
  const files = {
    'compose.yml': 'services:\n  db: { image: "mysql:8", ports: ["3306:3306"] }\n',
    '.env': 'A=mysql://localhost:5433/x\n',
    'medcor_backend/settings.py': "DATABASES = {'legacy': {'ENGINE': 'django.db.backends.mysql', 'PORT': '3306'}}\n",
  };
  expect(await findings(MEDCOR, files)).toEqual(['D103 .env:1:21 - - ≠ 5433', 'D110 compose.yml:2:36 - - ≠ 3306']);
});

test('a port of a bundler’s config is read however the number is written', async () => {
  const vite = (port: string) => ({ 'frontend/vite.config.ts': `export default { server: { port: ${port}, strictPort: true } };\n` });
  expect(await findings(MEDCOR, vite('5_000'))).toEqual([]);
  expect(await findings(MEDCOR, vite('5_001'))).toEqual(['D102 frontend/vite.config.ts:1:34 frontend 5000 ≠ 5001']);
  expect(await findings(MEDCOR, vite('0x1389'))).toEqual(['D102 frontend/vite.config.ts:1:34 frontend 5000 ≠ 5001']);
});

test('the server of tests may have another port, and may change it', async () => {
  const tests = (port: number) => ({ 'frontend/vitest.config.ts': `export default { server: { port: ${port} } };\n` });
  expect(await findings(MEDCOR, tests(51204))).toEqual([]);
  expect(await findings(MEDCOR, tests(5001))).toEqual(['D102 frontend/vitest.config.ts:1:34 frontend 5000 ≠ 5001']);
});

test('the ports of a container that the config does not know may be intended', async () => {
  const root = repository({
    'compose.yml': 'services:\n  kafka:\n    image: x\n    expose: [9092]\n    environment:\n      LISTENERS: A://kafka:29092\n',
    'k8s/pod.yaml':
      'apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: envoy\n      ports: [{ containerPort: 15001 }]\n      livenessProbe: { httpGet: { port: 15021 } }\n',
  });
  const found = (await checkIn(root, MEDCOR)).findings.filter(({ code }) => code === 'D102');
  expect(found.map(line)).toEqual(['D102 compose.yml:6:28 - 9092 ≠ 29092', 'D102 k8s/pod.yaml:7:41 - 15001 ≠ 15021']);
  expect(found.map(({ severity, replacement }) => ({ severity, replacement }))).toEqual(
    Array(2).fill({ severity: 'warning', replacement: null }),
  );
});

test('a command in a pod may ask the Service before a container, whose port another file has', async () => {
  const pod = (command: string) => ({
    'pod.yaml': `apiVersion: v1\nkind: Pod\nspec:\n  initContainers:\n    - { name: wait, command: [sh, -c, "${command}"] }\n`,
  });
  expect(await findings(MEDCOR, pod('until nc -z backend 80 && curl http://backend2:80/; do sleep 1; done'))).toEqual([]);
  expect(await findings(MEDCOR, pod('nc -z backend 8001'))).toEqual(['D102 pod.yaml:5:54 backend 8000 ≠ 8001']);
});

describe('a further port, beside those of the config,', () => {
  test.each([
    [
      'of a container',
      'compose.yml',
      'services:\n  backend: { image: x, ports: ["8000:8000", "9229:9229"] }\n',
      ['D110 compose.yml:2:46 - - ≠ 9229'],
    ],
    ['in a table', 'README.md', '| Service | Port |\n|---|---|\n| backend | 8000, 5678 |\n', ['D110 README.md:3:19 - - ≠ 5678']],
    [
      'in a script',
      'frontend/package.json',
      '{ "scripts": { "dev": "concurrently \'vite --port 5000\' \'json-server --port 4321 db.json\'" } }',
      ['D110 frontend/package.json:1:76 - - ≠ 4321'],
    ],
  ])('%s is unknown to it, and not overwritten', async (_, file, text, expected) => {
    const { findings: found } = await checkIn(repository({ [file]: text }), MEDCOR);
    expect(found.map(line)).toEqual(expected);
    expect(found[0]).toMatchObject({ severity: 'warning', replacement: null });
  });

  test('of several wrong ports, only the nearly right one is corrected', async () => {
    const fixes = async (ports: string) => {
      const root = repository({ 'compose.yml': `services:\n  backend: { image: x, ports: [${ports}] }\n` });
      return (await checkIn(root, MEDCOR)).findings.map(({ found, replacement }) => `${found} → ${replacement}`);
    };
    expect(await fixes('"8009:80", "18000:80"')).toEqual(['8009 → 8000', '18000 → null']);
    expect(await fixes('"9001:80", "9002:81"')).toEqual(['9001 → null', '9002 → null']);
    expect(await fixes('"127.0.0.1:8009:80", "[::1]:8009:80"')).toEqual(['8009 → 8000', '8009 → 8000']);
  });

  test('that looks like a slip is an error, and not corrected', async () => {
    const text = 'services:\n  backend: { image: x, ports: ["8000:8000", "8001:8001"] }\n';
    const [found] = (await checkIn(repository({ 'compose.yml': text }), MEDCOR)).findings;
    expect(found).toMatchObject({ code: 'D102', severity: 'error', replacement: null });
    expect(found?.fix).toBe('declare 8001 as another port of backend, or remove it');
  });

  test('with a flag of its own, such as a debugger’s, is not the service’s', async () => {
    const script = (flag: string) => ({ 'frontend/package.json': `{ "scripts": { "dev": "node ${flag} server.js" } }` });
    expect(await findings(MEDCOR, script('--inspect-port=9229'))).toEqual([]);
    expect(await findings(MEDCOR, script('--http-port=9229'))).toEqual(['D102 frontend/package.json:1:41 frontend 5000 ≠ 9229']);
  });
});
