import { execFileSync } from 'node:child_process';
import { chmodSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { describeNote } from '../../../src/check/words.ts';
import { checkIn, findings, line, MEDCOR, repository } from './repository.ts';

const WRONG = 'BACKEND2_URL=http://localhost:8001\n';
const FOUND = 'D102 .env:1:31 backend2 8002 ≠ 8001';

test.each([
  ['compose.yml', 'services:\n  backend:\n    ports: ["8000:80"\n  x: 1\n', /^D120 compose.yml:[34]:/],
  ['compose.yml', 'services:\n\tbackend: {}\n', /^D120 compose.yml:2:1 /],
  ['k8s/a.yaml', 'apiVersion: v1\nkind: Service\nspec: {\n', /^D120 k8s\/a.yaml:/],
  ['package.json', '{ "scripts": { "dev": "vite --port 5000", }, oops }', /^D120 package.json:1:/],
  ['vite.config.ts', 'export default { server: { port: 5000 }\n', /^D120 vite.config.ts:2:1 /],
  ['next.config.mjs', 'export default { server: { port: 5000 } };;}\n', /^D120 next.config.mjs:1:\d+ /],
  ['nginx.conf', 'server { listen 80;\n', /^D120 nginx.conf:1:8 /],
  ['nginx.conf', 'server { listen 80; } }\n', /^D120 nginx.conf:1:23 /],
  ['prometheus.yml', 'scrape_configs:\n  - job_name: "a\n', /^D120 prometheus.yml:/],
  ['.devcontainer/devcontainer.json', '{ "forwardPorts": [8000 }', /^D120 .devcontainer\/devcontainer.json:1:\d+ /],
  [
    'App/Properties/launchSettings.json',
    '{ "profiles": { "a": { "applicationUrl": "http://localhost:1" }',
    /^D120 App\/Properties\/launchSettings.json:/,
  ],
])('%s that cannot be parsed is reported with its place, and the rest is checked', async (file, text, said) => {
  const found = await findings(MEDCOR, { [file]: text, '.env': WRONG });
  expect(found.filter((one) => one.startsWith('D120'))).toEqual([expect.stringMatching(said)]);
  expect(found).toContain(FOUND);
});

test('a value that depends on a variable, a template or a program is reported, not guessed', async () => {
  const root = repository({
    '.env': 'PORT=${OTHER}\n',
    'compose.yml': 'services:\n  backend:\n    ports: ["${PORT}:8000"]\n',
    'chart/templates/service.yaml': 'apiVersion: v1\nkind: Service\nspec:\n  ports:\n    - port: {{ .Values.port }}\n',
    'nginx.conf': 'server { location / { proxy_pass http://backend:$port; } }\n',
    'vite.config.js': 'export default { server: { port: choose() } };\n',
    'settings.py': "ALLOWED_HOSTS = config('HOSTS', cast=Csv())\nDATABASES = {'default': env.db()}\n",
  });
  const { findings: found, notes } = await checkIn(root, MEDCOR);
  expect(found).toEqual([]);
  expect(notes.map(describeNote).toSorted()).toEqual([
    '.env:1:6  depends on a variable: ${OTHER}',
    'chart/templates/service.yaml:5:13  is a template and was not read',
    'compose.yml:3:14  depends on a variable: ${PORT}:8000',
    'nginx.conf:1:49  depends on a variable: http://backend:$port',
    "settings.py:1:17  is known only when the program runs: config('HOSTS', cast=Csv())",
    "settings.py:2:13  is known only when the program runs: {'default': env.db()}",
    'vite.config.js:1:34  is known only when the program runs: choose()',
  ]);
});

test("CRLF, a BOM, and YAML's anchors and merges are understood", async () => {
  expect(await findings(MEDCOR, { '.env': `\uFEFF# here\r\n${WRONG.replace('\n', '\r\n')}` })).toEqual([FOUND.replace(':1:', ':2:')]);
  const yaml =
    'x-a: &a\r\n  environment: { BACKEND_PORT: &p 8001 }\r\nservices:\r\n  one: { <<: *a }\r\n  two: { <<: [*a], environment: { BACKEND2_PORT: *p } }\r\n';
  expect(await findings(MEDCOR, { 'compose.yml': `\uFEFF${yaml}` })).toEqual(['D102 compose.yml:2:35 backend 8000 ≠ 8001']);
});

test('an anchor that contains itself does not loop', async () => {
  expect(
    await findings(MEDCOR, { 'compose.yml': 'services: &s\n  backend: { ports: ["8001:80"], environment: *s, <<: *s }\n', '.env': WRONG }),
  ).toContain(FOUND);
});

test('large, binary and unreadable files are named; links to folders are not followed, in cycles or out of the repository', async () => {
  const root = repository({ '.env': WRONG, 'big/package.json': '', 'bin/README.md': '', 'docs/a/x.md': 'http://localhost:8001\n' });
  truncateSync(path.join(root, 'big/package.json'), 100 * 1024 * 1024);
  writeFileSync(path.join(root, 'docs', 'bytes.md'), Buffer.from([0x50, 0, 0xff, 0x0a]));
  symlinkSync('..', path.join(root, 'docs', 'a', 'up'));
  symlinkSync('loop', path.join(root, 'docs', 'loop'));
  symlinkSync('/', path.join(root, 'docs', 'everything'));
  symlinkSync(repository({ '.env': WRONG }), path.join(root, 'docs', 'elsewhere'));
  symlinkSync('/nonexistent', path.join(root, 'docs', 'gone.md'));
  writeFileSync(path.join(root, 'secret.env'), WRONG);
  chmodSync(path.join(root, 'secret.env'), 0o000);
  const { findings: found, notes } = await checkIn(root, MEDCOR);
  expect(found.map(line).filter((one) => !one.includes('secret'))).toEqual([FOUND, 'D103 docs/a/x.md:1:18 - - ≠ 8001']);
  const said = notes.map(describeNote);
  expect(said).toContain('big/package.json  is larger than 2 MiB and was not read');
  expect(said).toContain('docs/bytes.md  is not text and was not read');
  // Root may read every file.
  if (process.getuid?.() !== 0) expect(said).toContain('secret.env  cannot be read');
});

test('a FIFO and a device in place of a file are named and not read', async () => {
  const root = repository({ '.env': WRONG, 'docs/x.md': '' });
  execFileSync('mkfifo', [path.join(root, 'package.json'), path.join(root, 'docs', 'pipe.md')]);
  symlinkSync('/dev/zero', path.join(root, 'Procfile'));
  execFileSync('mkfifo', [path.join(root, 'docs', '.gitignore'), path.join(root, 'docs', 'other.pipe')]);
  const { findings: found, notes } = await checkIn(root, MEDCOR);
  expect(found.map(line)).toEqual([FOUND]);
  expect(notes.map(describeNote).toSorted()).toEqual(
    ['Procfile', 'docs/pipe.md', 'package.json'].map((file) => `${file}  is no regular file and was not read`),
  );
});

test('packages, builds, ignored files and other stacks are left out, but not an ignored .env', async () => {
  const files = {
    '.gitignore': '# generated\n/tmp/\n*.log.md\n.env\n!keep.log.md\ncache/**\n',
    '.env': WRONG,
    'node_modules/x/.env': WRONG,
    'tmp/.env': WRONG,
    'cache/a/.env.x': WRONG,
    'venv/.env': WRONG,
    'a.log.md': 'http://localhost:8001\n',
    'keep.log.md': 'http://localhost:8001\n',
    'other/.gitignore': 'deep.md\n',
    'other/deep.md': 'http://localhost:8001\n',
    'examples/shop/orchestrator.config.ts': 'export default {}',
    'examples/shop/.env': WRONG,
    'examples/inside/package.json': '{ "orchestrator": { "services": {} }, "scripts": { "dev": "vite --port 5001" } }',
    'examples/inside/.env': WRONG,
    'examples/mentions/package.json': '{ "dependencies": { "orchestrator": "1.0.0" } }',
    'examples/mentions/.env': WRONG,
  };
  const found = await findings(MEDCOR, files);
  expect(found.filter((one) => !one.includes('cache'))).toEqual([
    FOUND,
    FOUND.replace('.env', 'examples/mentions/.env'),
    'D103 keep.log.md:1:18 - - ≠ 8001',
  ]);
});

test('a .gitignore is read as git reads it, and the one nearest to a file decides', async () => {
  const text = 'http://localhost:8001\n';
  const names = ['a.md', 'b.md', 'docs/a.md', 'docs/b.md', 'docs/Deep/a.md', 'docs/deep/a.md', '#c.md', 'docs/own/a.md', 'docs/own/b.md'];
  const files = {
    ...Object.fromEntries(names.map((name) => [name, text])),
    '.gitignore': '*.md\n!docs/*.md\n\\#c.md\n!/#c.md   \ndeep/\n',
    'docs/.gitignore': 'b.md\n!Deep/a.md\n!deep/a.md\n',
    'docs/own/.gitignore': '!b.md\n',
  };
  const read = (await findings(MEDCOR, files)).map((one) => one.split(' ')[1]?.replace(/:.*/, ''));
  expect(read).toEqual(['#c.md', 'docs/Deep/a.md', 'docs/a.md', 'docs/own/b.md']);
});

test('an invalid .gitignore or package.json leaves nothing out', async () => {
  const files = { '.env': WRONG, '.gitignore': '[z-a]\n[]\n!\n/\n**\\\n', 'a/.gitignore/x': '', 'a/package.json/x': '', 'b/x': '' };
  const root = repository(files);
  symlinkSync('/nonexistent', path.join(root, 'b', '.gitignore'));
  symlinkSync('package.json', path.join(root, 'b', 'package.json'));
  expect((await checkIn(root, MEDCOR)).findings.map(line)).toEqual([FOUND]);
  expect(await findings({ ...MEDCOR, check: { ignore: ['[z-a].env'] } }, files)).toEqual([FOUND]);
});

test('the config and comments can leave out files and lines', async () => {
  const files = { '.env': WRONG, 'apps/a/.env': WRONG, 'apps/b/x/.env': WRONG };
  const only = (check: object) => findings({ ...MEDCOR, check }, files).then((all) => all.map((one) => one.split(' ')[1]));
  expect(await only({ include: ['apps/**'] })).toEqual(['apps/a/.env:1:31', 'apps/b/x/.env:1:31']);
  expect(await only({ ignore: ['apps/*/x'] })).toEqual(['.env:1:31', 'apps/a/.env:1:31']);
  expect(await only({ ignore: ['.env'] })).toEqual([]);
  expect(await only({ ignore: ['apps/{a,c}', './.env', '/'] })).toEqual(['apps/b/x/.env:1:31']);
  const text = `${WRONG.trimEnd()} # devup-ignore\n${WRONG}# devup-ignore: the old one\n${WRONG}${WRONG}`;
  expect(await findings(MEDCOR, { '.env': text })).toEqual([2, 5].map((at) => FOUND.replace(':1:', `:${at}:`)));
});
