import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Loader, problemsOf, stackOf } from '../loader.ts';

const loader = new Loader();
beforeAll(() => loader.open());
afterAll(() => loader.close());

async function load(name: string, text: string) {
  return loader.load(path.join(loader.project({ [name]: text }), name));
}

async function places(name: string, text: string) {
  return problemsOf(await load(name, text)).map(({ path: at, line, column }) => `${at} ${line}:${column}`);
}

test('problems in YAML have their line and column', async () => {
  const text = `# mine
services:
  db: &base
    command: db
    port: 0
  api:
    command: serve
    comand: x
    dependsOn:
      - db
      - nobody
    ready: { http: /, stats: 200 }
  job: {}
`;
  expect(await places('orchestrator.config.yaml', text)).toEqual([
    'services.db.port 5:5',
    'services.api.comand 8:5',
    'services.api.dependsOn[1] 11:9',
    'services.api.ready.stats 12:23',
    'services.job.ready 13:3',
  ]);
});

test('problems in JSON have their line and column, in package.json too', async () => {
  const json = '{\n  "services": {\n    "db": { "command": "db", "port": 70000 }\n  }\n}';
  expect(await places('orchestrator.config.json', json)).toEqual(['services.db.port 3:30']);
  expect(await places('package.json', `{ "name": "x",\n"orchestrator": ${json} }`)).toEqual(['services.db.port 4:30']);
  expect(await places('.orchestratorrc', json)).toEqual(['services.db.port 3:30']);
});

test('problems of code have no line, since a value does not know where it was written', async () => {
  expect(await places('orchestrator.config.mjs', 'export default { services: { a: { command: "x", port: 0 } } };')).toEqual([
    'services.a.port null:null',
  ]);
});

test.each([
  ['orchestrator.config.yaml', 'services:\n  a: {command: x\n  b: [', 3],
  ['orchestrator.config.yaml', 'services:\n  a: { command: x }\n  a: { command: y }\n', 3],
  ['orchestrator.config.yaml', 'services: {}\n---\nservices: {}\n', 2],
  ['orchestrator.config.yaml', 'services:\n\ta: x\n', 2],
  ['orchestrator.config.json', '{\n  "services": {},\n}', 3],
  ['orchestrator.config.json', '{\n  "services": {', 2],
  ['orchestrator.config.json', '{\n  "services": {\n    "a": { "command": "x" },\n    "a": { "command": "y" }\n} }', 4],
  ['orchestrator.config.json', '', 1],
  // Node reports no place for these.
  ['orchestrator.config.json', '{\n  "services": [}\n}\n', 2],
  ['orchestrator.config.json', '{\n  "services": {\n    "a": { "port": tru }\n  }\n}\n', 3],
])('an error in %s has its line (%#)', async (name, text, line) => {
  expect(await load(name, text)).toMatchObject({ ok: false, failure: { code: 'E302', line, column: expect.any(Number) as unknown } });
});

test.each([
  ['services:\n  a: { command: x, env: { A: 1 } }\n  b: { command: vite --port ${port}, port: 1 }', '${port}', 3, 29],
  ['services:\n  a:\n    command: [vite, --port, ${ports.hmr}]\n', '${ports.hmr}', 3, 29],
  ['services: { a: { command: x, env: { URL: http://x:${services.b.port}/y } } }', '${services.b.port}', 1, 51],
])('a reference without quotes in a YAML flow map or list has to be quoted (%#)', async (text, reference, line, column) => {
  expect(await load('orchestrator.config.yaml', text)).toMatchObject({
    ok: false,
    failure: { code: 'E302', message: expect.stringMatching(/quote it/), line, column },
  });
  expect(JSON.stringify(await load('orchestrator.config.yaml', text))).toContain(reference);
});

test.each(['utf16le', 'utf16be'] as const)('a config in %s is named as such, with or without a byte order mark', async (encoding) => {
  for (const mark of ['\uFEFF', '']) {
    const bytes = Buffer.from(`${mark}services: { a: { command: x } }`, 'utf16le');
    for (const name of ['orchestrator.config.yaml', 'orchestrator.config.json', 'orchestrator.config.mjs', 'package.json']) {
      const root = loader.project({});
      writeFileSync(path.join(root, name), encoding === 'utf16le' ? bytes : bytes.swap16());
      if (encoding === 'utf16be') bytes.swap16();
      expect(await loader.load(path.join(root, name)), name).toMatchObject({
        ok: false,
        failure: { code: 'E302', message: expect.stringContaining('UTF-16') as unknown, line: null },
      });
    }
  }
});

test('top-level keys that begin with x- are ignored in YAML and JSON', async () => {
  const yaml = 'x-base: &base { command: x, nonsense: &n 1 }\nx-: 2\nservices:\n  a: { command: x }\n';
  expect(stackOf(await load('orchestrator.config.yaml', yaml)).services).toHaveLength(1);
  const json = '{"x-note":["why"],"services":{"a":{"command":"x","port":8000}}}';
  for (const [name, text] of [
    ['orchestrator.config.json', json],
    ['.orchestratorrc', json],
    ['package.json', `{"orchestrator":${json}}`],
  ] as const) {
    expect(stackOf(await load(name, text)).services, name).toHaveLength(1);
  }
  const below = 'services:\n  a: { command: x, x-note: y }\ny-note: 1\n';
  expect(await places('orchestrator.config.yaml', below)).toEqual(['y-note 3:1', 'services.a.x-note 2:20']);
});

test('JSON may have comments, also around values of env, and problems keep their places', async () => {
  const text =
    '// mine\n{\n  /* two\n     lines */ "services": {\n    "a": { "command": "curl http://x//y /* z */", "env": { "A": /* why */ 1.10 } } // last\n  }\n}\n';
  for (const name of ['orchestrator.config.json', '.orchestratorrc.json', '.orchestratorrc']) {
    const [a] = stackOf(await load(name, text)).services;
    expect(a, name).toMatchObject({ command: { line: 'curl http://x//y /* z */' }, env: { A: '1.10' } });
    expect(await places(name, text.replace('"command"', '"port": 0, "command"'))).toEqual(['services.a.port 5:12']);
  }
  expect(await load('orchestrator.config.json', '// mine\n{\n  "services": {},\n}')).toMatchObject({ failure: { code: 'E302', line: 4 } });
});

test('YAML may share parts by anchors and merge keys; an unknown alias is an error', async () => {
  const text = 'services:\n  a: &base { command: x, env: { A: 1 } }\n  b: { <<: *base, port: 8000 }\n';
  expect(stackOf(await load('orchestrator.config.yaml', text)).services[1]).toMatchObject({ env: { A: '1' }, ports: [{ port: 8000 }] });
  expect(await load('orchestrator.config.yaml', 'services: { a: *nobody }')).toMatchObject({ ok: false, failure: { code: 'E302' } });
});

const written = { A: '0123', B: '1.10', C: '0x10', D: '12345678901234567890', E: '1e3', F: '-0', G: 'True', H: '.inf', I: '0o17' };

test('a value of env in YAML is the text as written, also from an anchor or a merge key', async () => {
  const text = [
    'services:\n  a:\n    port: &port 8000\n    command: x\n    env: &env\n',
    ...Object.entries(written).map(([name, value]) => `      ${name}: ${value} # a comment\n`),
    '      Q: "01"\n      T: !!int 007\n',
    '  b: { command: x, env: *env }\n  c: { command: x, env: { <<: *env, A: 1.0, P: *port } }\n',
  ].join('');
  const { services } = stackOf(await load('orchestrator.config.yaml', text));
  const own = { ...written, Q: '01', T: '007' };
  expect(services.map(({ env }) => env)).toEqual([own, own, { ...own, A: '1.0', P: '8000' }]);
  expect(services[0]?.ports).toMatchObject([{ port: 8000 }]);
});

test('a value of env in JSON is the text as written, in package.json too', async () => {
  const json =
    '{"services":{"a":{"command":"x","port":8000,"env":{"A":1.10,"B":12345678901234567890,"C":1e3,"D":true,"E":-0,"F":"0123"}}}}';
  const values = { A: '1.10', B: '12345678901234567890', C: '1e3', D: 'true', E: '-0', F: '0123' };
  // Two equal keys elsewhere in package.json are npm's business.
  for (const [name, text] of [
    ['orchestrator.config.json', json],
    ['.orchestratorrc', json],
    ['package.json', `{"x":1,"x":2,"orchestrator":${json}}`],
  ] as const) {
    expect(stackOf(await load(name, text)).services[0]?.env, name).toEqual(values);
  }
});

test('a value of env that has no text is a problem', async () => {
  const text = 'services: { a: { command: x, env: { A: , B: [1] } } }';
  expect(problemsOf(await load('orchestrator.config.yaml', text)).map(({ path: at }) => at)).toEqual(
    ['A', 'B'].map((name) => `services.a.env.${name}`),
  );
});

test('a YAML file that grows without bounds when its aliases are followed is refused', async () => {
  const text = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefgh'.split('').map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[index]}`).join(',')}]`),
  ].join('\n');
  expect(await load('orchestrator.config.yaml', text)).toMatchObject({
    ok: false,
    failure: { code: 'E302', message: expect.stringContaining('alias') as unknown },
  });
});

test('a byte order mark at the beginning is no problem', async () => {
  stackOf(await load('orchestrator.config.json', '\uFEFF{"services":{"a":{"command":"x"}}}'));
  stackOf(await load('orchestrator.config.yaml', '\uFEFFservices: {a: {command: x}}'));
});

test('a __proto__ in data pollutes nothing', async () => {
  expect(
    problemsOf(await load('orchestrator.config.json', '{"services":{"__proto__":{"command":"x"}}}')).map(({ message }) => message),
  ).toContain('is not allowed as a name');
  expect(problemsOf(await load('orchestrator.config.yaml', 'services: {__proto__: {command: x}}')).map(({ message }) => message)).toContain(
    'is not allowed as a name',
  );
});
