/** `devup add` as people and scripts run it, on the built program. Nothing is started. */
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Rig, test } from '../../rig/rig.ts';
import { undone } from '../../unit/check/patch.ts';

interface Added {
  readonly service: string;
  readonly port: number;
  readonly files: readonly string[];
  readonly diff: string;
  readonly written: boolean;
  readonly passedOver: readonly { readonly port: number; readonly why: string }[];
  readonly warnings: readonly { readonly code: string }[];
}

const CONFIG = `import { defineConfig } from 'devup';

// A range for each category.
export default defineConfig({
  ranges: { backend: { ports: '14000-14099', purpose: 'Backends' }, frontend: { ports: '13000-13099' } },
  services: {
    'auth-service': { port: 14000, cwd: 'services/auth-service', command: 'node server.mjs', category: 'backend' },
    // talks
    'chat-service': {
      port: 14001, // the second
      cwd: 'services/chat-service',
      command: 'node server.mjs --port \${port}',
      category: 'backend',
    },
    web: { port: 13000, cwd: 'apps/web', command: 'vite', category: 'frontend' },
  },
});
`;

/** All agree on auth-service, chat-service and web. */
const FILES: Readonly<Record<string, string>> = {
  'orchestrator.config.ts': CONFIG,
  'package.json':
    '{\n  "scripts": {\n    "dev:auth": "PORT=14000 node services/auth-service",\n    "dev:chat": "PORT=14001 node services/chat-service"\n  }\n}\n',
  '.env': 'AUTH_SERVICE_URL=http://localhost:14000\r\nCHAT_SERVICE_URL=http://localhost:14001\r\nCHAT_TOKEN=hunter2\r\n',
  'compose.yml':
    'services:\n  auth-service: { image: auth, ports: ["14000:80"] }\n  chat-service:\n    image: chat\n    environment: [API_KEY=hunter2]\n    ports: ["14001:80"]\n  web: { image: web, ports: ["13000:80"] }\n',
  'k8s/chat-service.yaml': 'apiVersion: v1\nkind: Service\nmetadata: { name: chat-service }\nspec:\n  ports: [{ port: 14001 }]\n',
  'docs/services.md': '\uFEFF| Service | Port |\n|---|---|\n| Auth Service | 14000 |\n| Chat Service | 14001 |\n| Web | 13000 |',
};

function platform(rig: Rig, more: Readonly<Record<string, string>> = {}): void {
  for (const [file, text] of Object.entries({ ...FILES, ...more })) rig.write(file, text);
}

/** Every file of the repository. */
function all(rig: Rig): Record<string, string> {
  const entries = readdirSync(rig.root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = entries.map(({ parentPath, name }) => join(parentPath, name).slice(rig.root.length + 1));
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(rig.root, file), 'utf8')]));
}

test('a new service is shown, then written everywhere; check finds nothing, a second add is refused, and the diff undoes it', async ({
  rig,
}) => {
  platform(rig);
  const before = all(rig);
  const args = ['add', 'billing-service', '--category', 'backend'];
  const shown = await rig.devup([...args, '--dry-run']);
  expect(shown.code).toBe(0);
  expect(shown.stderr).toMatch(/^billing-service gets 140\d\d \(backend\)\n/);
  expect(all(rig)).toEqual(before);

  const written = await rig.devup(args);
  expect(written).toMatchObject({ code: 0, stdout: shown.stdout });
  expect(written.stderr).toContain(
    'wrote orchestrator.config.ts, .env, compose.yml, docs/services.md, package.json, k8s/billing-service.yaml\n',
  );
  const port = /gets (\d+)/.exec(written.stderr)?.[1];
  const after = all(rig);
  expect(after['orchestrator.config.ts']).toBe(
    CONFIG.replace(
      '    web: {',
      `    'billing-service': {
      port: ${port},
      cwd: 'services/billing-service',
      command: 'node server.mjs --port \${port}',
      category: 'backend',
    },
    web: {`,
    ),
  );
  expect(after['.env']).toBe(FILES['.env']?.replace('CHAT_TOKEN', `BILLING_SERVICE_URL=http://localhost:${port}\r\nCHAT_TOKEN`));
  expect(after['compose.yml']).toContain(
    `  billing-service:\n    image: billing\n    environment: [API_KEY=]\n    ports: ["${port}:80"]\n`,
  );
  expect(after['docs/services.md']).toContain(`| Chat Service | 14001 |\n| Billing Service | ${port} |\n| Web | 13000 |`);
  expect(await rig.devup(['check'])).toMatchObject({ code: 0 });

  const again = await rig.devup(args);
  expect(again).toMatchObject({ code: 2, stdout: '' });
  expect(again.stderr).toContain('error E501: a service called billing-service already exists');
  expect(all(rig)).toEqual(after);
  const bare = Object.fromEntries(Object.entries(after).map(([file, text]) => [file, text.replace(/^\uFEFF/, '')]));
  expect(undone(written.stdout, bare)).toEqual(
    Object.fromEntries(Object.entries(before).map(([file, text]) => [file, text.replace(/^\uFEFF/, '')])),
  );
});

test('a held port is skipped and named; with --port it is taken with a warning', async ({ rig }) => {
  const [first, second] = [await rig.port(), await rig.port()];
  await rig.squat({ how: 'listen', port: first });
  rig.config(
    { a: { command: 'serve a', port: second, category: 'backend' } },
    { ranges: { backend: { ports: `${first}-${first + 50}` } } },
  );
  const held = await rig.devup(['add', 'c', '--port', String(first), '--command', 'serve', '--dry-run', '--json']);
  expect((held.json() as Added & { heldBy: string }).heldBy).toMatch(/\(pid \d+/);
  const next = await rig.devup(['add', 'b', '--category', 'backend', '--dry-run']);
  expect(next.stderr).toContain(`  ${first} is not declared, but held now by `);
  expect(next.stderr).toMatch(new RegExp(`^b gets (?!${first}\\b)\\d+ `));
});

test.each([
  [['billing', '--category', 'backend', '--port', '14001'], 'why  chat-service already has this port\nfix  140', 2],
  [['billing', '--category', 'backend', '--port', '15001'], 'why  it is outside the range of backend, 14000-14099', 2],
  [['billing', '--category', 'backnd'], 'fix  did you mean backend?', 2],
  [['billing', '--port', '70000'], '--port cannot be', 2],
  [['bill ing', '--category', 'backend'], 'is not a valid name', 2],
  [['billing', '--port', '8025'], 'give its command with --command', 2],
  [['Web', '--category', 'frontend'], 'a service called web already exists', 2],
] as const)('%j is refused, and no file is changed', async (args, said, code) => {
  const { Rig } = await import('../../rig/rig.ts');
  const rig = new Rig();
  try {
    platform(rig);
    const before = all(rig);
    const answer = await rig.devup(['add', ...args]);
    expect(answer).toMatchObject({ code, stdout: '' });
    expect(answer.stderr).toContain(said);
    expect(all(rig)).toEqual(before);
  } finally {
    await rig.close();
  }
});

test('a config that makes services by code stays unchanged; devup prints a snippet to paste', async ({ rig }) => {
  platform(rig, { 'orchestrator.config.ts': CONFIG.replace('    // talks\n', '    ...{},\n') });
  const before = all(rig);
  const answer = await rig.devup(['add', 'billing', '--category', 'backend', '--port', '14050']);
  expect(answer).toMatchObject({ code: 1, stdout: '' });
  expect(answer.stderr).toContain('error E503: billing was not added: orchestrator.config.ts:8 makes its services with code');
  expect(answer.stderr).toContain(
    "     billing: { port: 14050, cwd: 'services/billing', command: 'node server.mjs --port ${port}', category: 'backend' },\n",
  );
  expect(all(rig)).toEqual(before);
});

test('if one file is read-only, none is written', async ({ rig }) => {
  platform(rig);
  chmodSync(join(rig.root, 'package.json'), 0o444);
  const before = all(rig);
  const answer = await rig.devup(['add', 'billing', '--category', 'backend', '--json']);
  expect(answer.code).toBe(1);
  expect(answer.json()).toMatchObject({ error: { code: 'E504', file: 'package.json', why: 'it is read-only' } });
  expect(all(rig)).toEqual(before);
});

test('the document of devup docs has the new variables of env files as well', async ({ rig }) => {
  platform(rig, { 'orchestrator.config.ts': CONFIG.replace("command: 'vite'", "command: 'vite', envFile: '.env'") });
  expect(await rig.devup(['docs'])).toMatchObject({ code: 0 });
  const added = await rig.devup(['add', 'billing-service', '--category', 'backend']);
  expect(added, added.stderr).toMatchObject({ code: 0 });
  expect(all(rig)['PORTS.md']).toContain('`BILLING_SERVICE_URL=http://localhost:');
  expect(await rig.devup(['docs', '--check'])).toMatchObject({ code: 0 });
});

test('a port that another file already has is refused before anything is written', async ({ rig }) => {
  platform(rig, { 'compose.yml': `${FILES['compose.yml']}  mail: { image: mail, ports: ["14007:80"] }\n` });
  const before = all(rig);
  const answer = await rig.devup(['add', 'billing', '--category', 'backend', '--port', '14007']);
  expect(answer.code).toBe(1);
  expect(answer.stderr).toContain('error E505: billing was not added: files would disagree with the config');
  expect(answer.stderr).toMatch(/ {5}D101 .*compose\.yml:\d+:\d+/);
  expect(all(rig)).toEqual(before);
});

test('the document of devup docs is up to date afterwards', async ({ rig }) => {
  platform(rig, { 'docs/services.md': '# Ours\n\n<!-- devup:ports -->\n<!-- /devup:ports -->\n\nAfter.\n' });
  await rig.devup(['docs']);
  const added = (await rig.devup(['add', 'billing', '--category', 'backend', '--description', 'Money', '--json'])).json() as Added;
  expect(added.written).toBe(true);
  expect(added.warnings).toEqual([]);
  expect(await rig.devup(['docs', '--check'])).toMatchObject({ code: 0 });
  expect(readFileSync(join(rig.root, 'docs/services.md'), 'utf8')).toMatch(/\| billing +\| \d+ \| Money /);
});

test('if a file changes during the question, no file is written', async ({ rig }) => {
  platform(rig);
  const terminal = rig.terminal(['add', 'billing', '--category', 'backend']);
  await terminal.waitForOutput(/\[Y\/n\] /);
  rig.write('.env', 'CHAT_SERVICE_URL=http://localhost:14001\nNEW=1\n');
  const before = all(rig);
  terminal.keys('y\r');
  expect((await terminal.exited).code).toBe(1);
  expect(terminal.stdout).toContain('.env could not be written, so no file was changed');
  expect(all(rig)).toEqual(before);
});

test('at a terminal it asks: "no" changes nothing, Return writes', async ({ rig }) => {
  platform(rig);
  const before = all(rig);
  const no = rig.terminal(['add', 'billing', '--category', 'backend']);
  await no.waitForOutput(/Write these 6 files\? \[Y\/n\] /);
  no.keys('n\r');
  expect((await no.exited).code).toBe(1);
  expect(all(rig)).toEqual(before);
  const yes = rig.terminal(['add', 'billing', '--category', 'backend']);
  await yes.waitForOutput(/\[Y\/n\] /);
  yes.keys('\r');
  expect((await yes.exited).code).toBe(0);
  expect(existsSync(join(rig.root, 'k8s/billing.yaml'))).toBe(true);
  expect((await rig.terminal(['add', 'sms', '--category', 'backend', '-y']).exited).code).toBe(0);
});
