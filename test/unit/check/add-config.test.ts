import { describe, expect, test } from 'vitest';
import { applyInsertions, Uneditable } from '../../../src/check/add/addition.ts';
import { addToConfig } from '../../../src/check/add/config.ts';
import { contractOf } from '../../../src/check/contract.ts';
import { stack } from '../config/stacks.ts';

const SERVICES = {
  auth: { port: 4001, cwd: 'services/auth', command: 'node auth.js --port ${port}', category: 'backend' },
  web: { port: 3000, command: 'vite', category: 'frontend' },
};

async function added(text: string, path = 'orchestrator.config.ts', more: object = {}): Promise<string> {
  const contract = contractOf(await stack({ services: SERVICES }));
  const insertions = await addToConfig(
    { path, text },
    {
      service: 'billing',
      port: 4002,
      category: 'backend',
      command: null,
      cwd: null,
      description: null,
      siblings: contract.stack.services.filter(({ category }) => category === 'backend'),
      contract,
      isFrontend: false,
      generated: () => null,
      exists: (file) => file.startsWith('there'),
      ...more,
    },
  );
  return applyInsertions(text, insertions);
}

const config = (services: string) => `import { defineConfig } from 'devup';

export default defineConfig({
  services: {
${services}
  },
});
`;

describe('a TypeScript config', () => {
  test("gets an entry behind its sibling, like the sibling's but without what is the sibling's alone", async () => {
    const before = config(`    // who are you
    auth: {
      description: 'Who is who',
      port: 4001, // the oldest one
      cwd: 'services/auth',
      command: ['node', 'auth.js', '--port', '4001'],
      env: {
        DATABASE_URL,
        AUTH_LOG: 'auth.log',
        API_TOKEN: 'hunter2',
        REDIS: 'redis://:hunter2@localhost:6379',
      },
      envFile: 'auth.env',
      ready: [{ http: '/health' }, { log: /auth is up/i }],
      links: { Docs: '/docs' },
      labels: { status: 'legacy' },
      category: 'backend',
    }, // auth
    /* the browser's */ web: { port: 3000, command: 'vite', category: 'frontend' },`);
    const after = await added(before);
    expect(after).toBe(
      before.replace(
        '    }, // auth\n',
        `    }, // auth
    billing: {
      port: 4002,
      cwd: 'services/billing',
      command: ['node', 'billing.js', '--port', '4002'],
      env: {
        DATABASE_URL,
        BILLING_LOG: 'billing.log',
      },
      ready: [{ http: '/health' }, { log: /billing is up/i }],
      category: 'backend',
    },
`,
      ),
    );
  });

  test.each([
    [
      'one line, no comma at the end',
      `    auth: { port: 4001, command: 'a', category: 'backend' }`,
      `    auth: { port: 4001, command: 'a', category: 'backend' },\n    billing: { port: 4002, command: 'a', category: 'backend' }`,
    ],
    [
      'one line for all',
      `    auth: {port: 4001, command: "auth"}, web: {port: 3000, command: "vite"}`,
      `    auth: {port: 4001, command: "auth"}, billing: {port: 4002, command: "billing", category: "backend"}, web: {port: 3000, command: "vite"}`,
    ],
    [
      'a comment with a comma',
      `    auth: { port: 4001, command: 'a' } /* a, b */ // c, d`,
      `    auth: { port: 4001, command: 'a' }, /* a, b */ // c, d\n    billing: { port: 4002, command: 'a', category: 'backend' }`,
    ],
    [
      'a function',
      `    auth: service(4001, 'auth'),`,
      `    auth: service(4001, 'auth'),\n    billing: { port: 4002, cwd: 'services/billing', command: 'node billing.js --port \${port}', category: 'backend' },`,
    ],
    [
      'a shared base',
      `    auth: { ...common, port: 4001 },`,
      `    auth: { ...common, port: 4001 },\n    billing: { ...common, port: 4002, category: 'backend' },`,
    ],
    [
      'ports',
      `    auth: { ports: { main: 4001, debug: 9229 }, command },`,
      `    auth: { ports: { main: 4001, debug: 9229 }, command },\n    billing: { port: 4002, command, category: 'backend' },`,
    ],
  ])('with %s', async (_, before, after) => {
    expect(await added(config(before))).toBe(config(after));
    expect(await added(config(before).replaceAll('\n', '\r\n'))).toBe(config(after).replaceAll('\n', '\r\n'));
  });

  test('gets the command and the folder of the command line', async () => {
    const after = await added(config(`    auth: { port: 4001, command: 'a' },`), 'x.config.ts', {
      command: `sh -c 'it'`,
      cwd: 'b',
      description: 'Money',
    });
    expect(after).toContain(`billing: { port: 4002, command: 'sh -c \\'it\\'', cwd: 'b', category: 'backend', description: 'Money' },`);
  });

  test.each([
    `const services = { auth: { port: 4001, command: 'a' } };\nexport default { services };`,
    `const services = { auth: { port: 4001, command: 'a' } } as const;\nconst config = { services };\nexport default config satisfies object;`,
    `module.exports = { services: { auth: { port: 4001, command: 'a' } } };`,
    `export default async () => ({ services: { auth: { port: 4001, command: 'a' } } });`,
    `export default function () {\n  return { services: { auth: { port: 4001, command: 'a' } } };\n}`,
  ])('is found in %j', async (before) => {
    expect(await added(before)).toBe(
      before.replace(`command: 'a' }`, `command: 'a' }, billing: { port: 4002, command: 'a', category: 'backend' }`),
    );
  });

  test.each([
    `export default { services: { ...more, auth: { port: 4001, command: 'a' } } };`,
    `export default { services: Object.fromEntries(all) };`,
    `export default { services: { [name]: { port: 4001, command: 'a' } } };`,
    `export default make();`,
    `import config from './other.ts';\nexport default config;`,
    `let services = {}; export default { services };`,
  ])('is not edited when services are made by code: %j', async (before) => {
    const failure: unknown = await added(before).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Uneditable);
    expect((failure as Uneditable).snippet).toBe(
      `billing: { port: 4002, cwd: 'services/billing', command: 'node billing.js --port \${port}', category: 'backend' },`,
    );
  });
});

describe('the command of a sibling that is made by code', () => {
  test.each([
    [['node', 'auth server.js', '--port=4001'], "node 'billing server.js' --port=${port}"],
    [['sh', '-c', 'exec auth -p 4001 > "$LOG"'], `sh -c 'exec billing -p ${'${port}'} > "$LOG"'`],
    [['auth', "it's", '', '*.js', '~/x', 'a;b'], `billing 'it'\\''s' '' '*.js' '~'/x 'a;b'`],
    ['auth --log $LOG *.js', 'billing --log $LOG *.js'],
    // A literal `${` of the config.
    ['auth --log $${LOG} -p ${port}', 'billing --log $${LOG} -p ${port}'],
    [['auth', '$${LOG}'], "billing '$${LOG}'"],
  ])('%j means the same when it is written as a line', async (command, line) => {
    const contract = contractOf(await stack({ services: { auth: { port: 4001, command, category: 'backend' } } }));
    const after = await added(config('    auth: service(4001),'), 'x.config.ts', { contract, siblings: contract.stack.services });
    const written = /command: ('(?:[^'\\]|\\.)*')/.exec(after)?.[1] ?? '';
    expect(written.slice(1, -1).replaceAll(/\\(.)/g, '$1')).toBe(line);
  });
});

describe('a JSON config', () => {
  test('keeps its quotes and commas', async () => {
    const before = '{\n\t"services": {\n\t\t"auth": {\n\t\t\t"port": 4001,\n\t\t\t"command": "auth"\n\t\t}\n\t}\n}\n';
    expect(await added(before, 'orchestrator.config.json')).toBe(
      '{\n\t"services": {\n\t\t"auth": {\n\t\t\t"port": 4001,\n\t\t\t"command": "auth"\n\t\t},\n\t\t"billing": {\n\t\t\t"port": 4002,\n\t\t\t"command": "billing",\n\t\t\t"category": "backend"\n\t\t}\n\t}\n}\n',
    );
  });

  test('may lie in package.json', async () => {
    const before = '{ "name": "x", "orchestrator": { "services": { "auth": { "port": 4001, "command": "auth" } } } }';
    expect(JSON.parse(await added(before, 'package.json')).orchestrator.services).toMatchObject({
      billing: { port: 4002, command: 'billing' },
    });
  });
});

describe('a YAML config', () => {
  test.each([
    ['@acme/web', '"@acme/web"'],
    ['dev:api', 'dev:api'],
  ])('gets a key that YAML reads as %s', async (service, key) => {
    const before = 'services:\n  auth:\n    port: 4001\n    command: auth\n';
    expect(await added(before, 'orchestrator.config.yaml', { service })).toContain(`\n  ${key}:\n    port: 4002\n`);
  });

  test.each([
    [
      'blocks, with an empty line between them',
      `services:
  # who are you
  auth:
    description: Who is who
    port: 4001 # the oldest
    command: node auth.js --port 4001
    env:
      AUTH_LOG: auth.log
      API_TOKEN: hunter2
    ready: { http: /health }
    links: { Docs: /docs }
    category: backend

  # the browser's
  web: { port: 3000, command: vite }
`,
      `
  billing:
    port: 4002
    command: node billing.js --port 4002
    env:
      BILLING_LOG: billing.log
    ready: { http: /health }
    category: backend
`,
      '    category: backend\n',
    ],
    [
      'flow maps',
      `services:\n  auth: { port: 4001, command: auth }\n`,
      `  billing: { port: 4002, command: billing, category: backend }\n`,
      'auth }\n',
    ],
    [
      'one flow map',
      `services: { auth: { port: 4001, command: auth }, web: { port: 3000 } }`,
      `, billing: { port: 4002, command: billing, category: backend }`,
      'auth }',
    ],
    [
      'a merge',
      `x: &base\n  command: sh\nservices:\n  auth:\n    <<: *base\n    port: 4001\n`,
      `  billing:\n    <<: *base\n    port: 4002\n    category: backend\n`,
      'port: 4001\n',
    ],
  ])('with %s', async (_, before, more, behind) => {
    expect(await added(before, 'orchestrator.config.yaml')).toBe(before.replace(behind, behind + more));
    const windows = (text: string) => text.replaceAll('\n', '\r\n');
    expect(await added(windows(before), 'orchestrator.config.yaml')).toBe(windows(before.replace(behind, behind + more)));
  });

  test('may lie in an rc file', async () => {
    const before = `services:\n  auth: { port: 4001, command: a }\n`;
    expect(await added(before, '.orchestratorrc')).toBe(`${before}  billing: { port: 4002, command: a, category: backend }\n`);
    const json = '{ "services": { "auth": { "port": 4001, "command": "a" } } }';
    expect(JSON.parse(await added(json, '.orchestratorrc')).services).toHaveProperty('billing');
  });

  test('without a final line feed stays without', async () => {
    const before = `services:\n  auth:\n    port: 4001\n    command: a`;
    expect(await added(before, 'a.yml')).toBe(`${before}\n  billing:\n    port: 4002\n    command: a\n    category: backend`);
  });

  test('is not edited if the sibling is an alias', async () => {
    const failure: unknown = await added(`x: &s { port: 4001 }\nservices:\n  auth: *s\n`, 'a.yml').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Uneditable);
    expect((failure as Uneditable).snippet).toMatch(/^billing:\n {2}port: 4002\n/);
  });
});
