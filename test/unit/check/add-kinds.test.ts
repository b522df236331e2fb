/**
 * Each kind of file that takes a new service: backends auth and chat on 4001 and 4002, frontends web and admin on 3000 and
 * 3001.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Addition } from '../../../src/check/add/addition.ts';
import { prepareAddition } from '../../../src/check/add/prepare.ts';
import { contractOf } from '../../../src/check/contract.ts';
import { mainPort } from '../../../src/model/service.ts';
import { stack } from '../config/stacks.ts';
import { repository } from './repository.ts';

const CONFIG = {
  services: {
    'auth-service': { port: 4001, cwd: 'services/auth', command: 'node auth.js', category: 'backend' },
    'chat-service': { ports: { main: 4002, debug: 9229 }, cwd: 'services/chat', command: 'node chat.js', category: 'backend' },
    web: { port: 3000, cwd: 'apps/web', command: 'vite', category: 'frontend' },
    admin: { port: 3001, cwd: 'apps/admin', command: 'vite', category: 'frontend' },
  },
};

const BACKEND = { service: 'billing-service', port: 4003, category: 'backend' };
const FRONTEND = { service: 'kiosk', port: 3002, category: 'frontend' };

/** File → text after, for each file that changes; without the config. */
async function prepared(files: Readonly<Record<string, string>>, asked: Partial<Addition> = BACKEND) {
  const config = JSON.stringify(CONFIG);
  const root = repository({ 'orchestrator.config.json': config, ...files });
  const contract = contractOf(await stack(CONFIG, { file: path.join(root, 'orchestrator.config.json') }));
  const siblings = contract.stack.services
    .filter(({ category }) => category === asked.category)
    .toSorted((a, b) => (mainPort(b) ?? 0) - (mainPort(a) ?? 0));
  const answer = await prepareAddition({
    ...{ service: '', port: 0, category: null, command: null, cwd: null, description: null },
    siblings,
    contract,
    isFrontend: siblings.some(contract.isFrontend),
    generated: () => null,
    exists: () => false,
    ...asked,
  });
  if ('why' in answer) return `${answer.file}:${answer.line} ${answer.why}`;
  for (const file of Object.keys(files)) expect(readFileSync(path.join(root, file), 'utf8')).toBe(files[file]);
  return Object.fromEntries(answer.slice(1).map(({ file, after }) => [file, after]));
}

/** With Unix and with Windows line ends; `more` is expected behind `behind`. */
async function expectMore(file: string, before: string, behind: string, more: string, asked: Partial<Addition> = BACKEND): Promise<void> {
  expect(before).toContain(behind);
  const after = before.replace(behind, () => behind + more);
  expect(await prepared({ [file]: before }, asked)).toEqual({ [file]: after });
  const windows = (text: string) => text.replaceAll('\n', '\r\n');
  expect(await prepared({ [file]: windows(before) }, asked)).toEqual({ [file]: windows(after) });
}

describe('package.json', () => {
  test('gets the scripts that are named after the nearest sibling', async () => {
    await expectMore(
      'package.json',
      `{
  "scripts": {
    "dev": "concurrently",
    "dev:auth": "node services/auth --port 4001",
    "dev:chat": "PORT=4002 node services/chat",
    "test:chat": "vitest services/chat"
  }
}
`,
      `"test:chat": "vitest services/chat"`,
      `,
    "dev:billing": "PORT=4003 node services/billing",
    "test:billing": "vitest services/billing"`,
    );
  });

  test('of the sibling itself stays unchanged, and so does one without such scripts', async () => {
    const files = {
      'services/chat/package.json': '{ "scripts": { "dev:chat": "node . --port 4002" } }',
      'package.json': '{ "scripts": { "dev": "node chat.js --port 4002" } }',
    };
    expect(await prepared(files)).toEqual({});
  });
});

test('a Procfile gets a line', async () => {
  await expectMore(
    'Procfile',
    'chat: PORT=4002 node services/chat\nweb: vite\n',
    '/chat\n',
    'billing-service: PORT=4003 node services/billing\n',
  );
});

describe('.env', () => {
  test('gets the variables that hold the port, and no secret', async () => {
    await expectMore(
      'apps/web/.env.example',
      '# who\nexport CHAT_SERVICE_PORT=4002\nVITE_CHAT_URL="http://localhost:4002/chat" # talk\nCHAT_TOKEN=4002\nCHAT_NAME=chat\n\nWEB_PORT=3000\n',
      '# talk\n',
      'export BILLING_SERVICE_PORT=4003\nVITE_BILLING_URL="http://localhost:4003/billing" # talk\n',
    );
  });

  test('without a final line feed stays without', async () => {
    expect(await prepared({ '.env': 'CHAT_PORT=4002' })).toEqual({ '.env': 'CHAT_PORT=4002\nBILLING_PORT=4003' });
  });

  test('allows a new frontend where it allows its siblings', async () => {
    const before =
      'CORS_ALLOWED_ORIGINS=http://localhost:3000,http://localhost:3001\nCSRF_TRUSTED_ORIGINS="http://localhost:3001 http://x.org"\n';
    expect(await prepared({ 'services/auth/.env': before }, FRONTEND)).toEqual({
      'services/auth/.env':
        'CORS_ALLOWED_ORIGINS=http://localhost:3000,http://localhost:3001,http://localhost:3002\nCSRF_TRUSTED_ORIGINS="http://localhost:3001 http://localhost:3002 http://x.org"\n',
    });
  });
});

test.each([
  [`CORS_ALLOWED_ORIGINS = ['http://localhost:3001']`, `CORS_ALLOWED_ORIGINS = ['http://localhost:3001', 'http://localhost:3002']`],
  [
    `CORS_ALLOWED_ORIGINS = [\n    "http://localhost:3000",\n    "http://localhost:3001",\n]`,
    `CORS_ALLOWED_ORIGINS = [\n    "http://localhost:3000",\n    "http://localhost:3001",\n    "http://localhost:3002",\n]`,
  ],
])('settings of Django allow a new frontend: %j', async (before, after) => {
  expect(await prepared({ 'services/auth/settings.py': before }, FRONTEND)).toEqual({ 'services/auth/settings.py': after });
});

describe('compose', () => {
  test("gets the sibling's service, without its secrets, anchors and further ports, and with its own volume", async () => {
    const before = `services:
  # talks
  chat-service: &chat
    build: ./services/chat
    container_name: chat
    environment:
      PORT: 4002
      API_TOKEN: hunter2
      SESSION_SECRET: \${SESSION_SECRET}
      DATABASE_URL: postgres://chat:hunter2@postgres:5432/chat
    ports:
      - "4002:4002"
      - "9229:9229"
    volumes: ["chat-data:/data"]
    healthcheck: { test: ["CMD", "curl", "http://localhost:4002/health"] }

  # the browser's
  web:
    ports: ["3000:80"]
volumes:
  chat-data:
`;
    const files = (await prepared({ 'compose.yml': before })) as Record<string, string>;
    expect(files['compose.yml']).toBe(
      before
        .replace(
          '\n  # the browser',
          () => `
  billing-service:
    build: ./services/billing
    container_name: billing
    environment:
      PORT: 4003
      API_TOKEN: ""
      SESSION_SECRET: \${SESSION_SECRET}
      DATABASE_URL: postgres://billing:@postgres:5432/billing
    ports:
      - "4003:4003"
    volumes: ["billing-data:/data"]
    healthcheck: { test: ["CMD", "curl", "http://localhost:4003/health"] }

  # the browser`,
        )
        .replace('  chat-data:\n', '  chat-data:\n  billing-data:\n'),
    );
  });

  test('in braces stays in braces', async () => {
    await expectMore(
      'docker-compose.yml',
      'services: { chat: { image: chat, ports: ["4002:80"] }, web: {} }\n',
      '"4002:80"] }',
      ', billing-service: { image: billing, ports: ["4003:80"] }',
    );
  });

  test('publishes only its own port, even if the config does not know the others', async () => {
    const ports = (port: number, more = '') => `services:\n  auth:\n    ports: ["${port}:80"${more}]\n    build: a\n`;
    const chat = (name: string, port: number, more = '') =>
      `services:\n  ${name}:\n    ports:\n      - target: 80\n        published: ${port}\n${more}      - "[::1]:${port}:80"\n    build: a\n`;
    const long = '      - target: 15672\n        published: 15672\n        protocol: tcp\n';
    const body = (text: string) => text.replace('services:\n', '');
    const flow = ports(4001, ', "9100:9100", 127.0.0.1:15672:1');
    const block = chat('chat', 4002, long);
    expect(await prepared({ 'compose.yml': flow }, { ...BACKEND, service: 'billing' })).toEqual({
      'compose.yml': flow + body(ports(4003)).replace('auth', 'billing'),
    });
    expect(await prepared({ 'compose.yml': block }, { ...BACKEND, service: 'billing' })).toEqual({
      'compose.yml': block + body(chat('billing', 4003)),
    });
  });

  test('that makes a service with an alias is named and stays unchanged', async () => {
    expect(await prepared({ 'compose.yml': 'x-s: &s { image: x, ports: ["4002:80"] }\nservices:\n  chat: *s\n' })).toBe(
      'compose.yml:3 has chat where nothing can be written beside it',
    );
  });
});

describe('Kubernetes', () => {
  const objects = (name: string, port: number) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  template:
    spec:
      containers:
        - name: ${name}
          env:
            - { name: API_TOKEN, value: hunter2 }
          ports: [{ containerPort: ${port} }]
---
apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector: { app: ${name} }
  ports:
    - port: ${port}
      nodePort: 30001
`;
  const secret = 'apiVersion: v1\nkind: Secret\nmetadata: { name: chat-service }\nstringData: { token: hunter2 }\n';
  const fresh = objects('billing-service', 4003).replace('hunter2', '""').replace('      nodePort: 30001\n', '');

  test('gets the objects behind those of the sibling, without its Secret, secrets and node port', async () => {
    const before = `${objects('auth-service', 4001)}---\n${objects('chat-service', 4002)}---\n${secret}`;
    const chat = objects('chat-service', 4002);
    await expectMore('k8s/all.yaml', before, chat, `---\n${fresh}`);
  });

  test('gets a new file if each service has its own, modelled on the nearest sibling only', async () => {
    const files = { 'k8s/auth-service.yaml': objects('auth-service', 4001), 'k8s/chat-service/all.yaml': objects('chat-service', 4002) };
    expect(await prepared(files)).toEqual({ 'k8s/billing-service/all.yaml': fresh });
    expect(await prepared(files, { ...BACKEND, exists: () => true })).toMatch(/already has a counterpart k8s\/billing-service.*/);
  });

  test('that is a template stays unchanged', async () => {
    expect(await prepared({ 'k8s/chat.yaml': objects('chat-service', 4002).replace('4002', '{{ .Values.port }}') })).toEqual({});
  });
});

describe('a document', () => {
  test('gets a row in the table of the siblings', async () => {
    await expectMore(
      'docs/PORTS.md',
      `# Ports

| Application | Port |
| ----------- | ---- |
| Web         | 3000 |

| Service            | Port     | Description | Team | Status |
|--------------------|----------|-------------|------|--------|
| **Auth Service**   | \`4001\` | who         | a    | Active |
| **Chat Service**   | \`4002\` | talk        |      | Active |

Below.
`,
      '| **Chat Service**   | `4002` | talk        |      | Active |\n',
      '| **Billing Service** | `4003` | Money       |      | Active |\n',
      { ...BACKEND, description: 'Money' },
    );
  });

  test('is not edited between the markers of devup docs', async () => {
    const text = '| Service | Port |\n|---|---|\n| chat | 4002 |\n';
    expect(await prepared({ 'PORTS.md': text }, { ...BACKEND, generated: () => ({ from: 0, to: text.length }) })).toEqual({});
  });
});

test('a file that check ignores or cannot parse stays unchanged', async () => {
  expect(await prepared({ 'compose.yml': 'services:\n\t- chat', 'node_modules/a/.env': 'CHAT_PORT=4002\n' })).toEqual({});
});

describe('variables for many services', () => {
  test("get an entry like the nearest sibling's, in a ConfigMap named for the new service", async () => {
    await expectMore(
      'k8s/configmap.yaml',
      `# Of every backend.
apiVersion: v1
kind: ConfigMap
metadata: { name: platform }
data:
  AUTH_SERVICE_URL: http://auth-service:4001
  CHAT_SERVICE_URL: http://chat-service:4002 # new
  CHAT_TITLE: Chat
  LOG_LEVEL: info
`,
      '  CHAT_SERVICE_URL: http://chat-service:4002 # new\n',
      '  BILLING_SERVICE_URL: http://billing-service:4003 # new\n',
    );
  });

  test('stay unchanged if the name is taken, or if there is a password in the value', async () => {
    const data = (entry: string) =>
      `kind: ConfigMap\nmetadata: { name: platform }\ndata:\n  CHAT_SERVICE_URL: http://chat-service:4002\n${entry}`;
    expect(await prepared({ 'k8s/c.yaml': data('  BILLING_SERVICE_URL: http://elsewhere:80\n') })).toEqual({});
    const secret = `kind: ConfigMap\nmetadata: { name: platform }\ndata:\n  CHAT_SERVICE_URL: http://me:geheim123@chat-service:4002\n`;
    expect(await prepared({ 'k8s/c.yaml': secret })).toEqual({});
  });

  test('are added to the environment of other compose services as well', async () => {
    await expectMore(
      'compose.yml',
      `services:
  gateway:
    image: gateway
    environment:
      CHAT_SERVICE_URL: http://chat-service:4002
`,
      '      CHAT_SERVICE_URL: http://chat-service:4002\n',
      '      BILLING_SERVICE_URL: http://billing-service:4003\n',
    );
  });
});
