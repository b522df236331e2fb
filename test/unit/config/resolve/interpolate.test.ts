import fc from 'fast-check';
import { expect, test } from 'vitest';
import { interpolate, type Scope } from '../../../../src/config/resolve/interpolate.ts';
import { anyCharacter } from '../../../rig/any-character.ts';
import { lines, service, stack } from '../stacks.ts';

const scope: Scope = {
  ports: new Map([
    ['main', 8000],
    ['debug', 9229],
  ]),
  services: new Map([
    ['db', { port: 5432, url: 'http://localhost:5432' }],
    ['my.worker', { port: null, url: null }],
  ]),
  env: (name) => ({ USER: 'me', EMPTY: '' })[name],
};
const text = (input: string) => interpolate(input, scope).text;
const unknown = (input: string) =>
  interpolate(input, scope).unknown.map(({ message, suggestion }) => `${message}${suggestion === null ? '' : ` (${suggestion})`}`);

test.each([
  ['--port ${port}', '--port 8000'],
  ['${ports.debug}/${ports.main}', '9229/8000'],
  ['postgres://localhost:${services.db.port}', 'postgres://localhost:5432'],
  ['${services.db.url}/x', 'http://localhost:5432/x'],
  ['${env.USER}', 'me'],
  ['${env.EMPTY}', ''],
  ['${env.NONE:-you}', 'you'],
  ['${env.EMPTY:-you}', 'you'],
  ['${env.USER:-you}', 'me'],
  ['${env.NONE:-}', ''],
  ['${env.NONE:-${env.USER}-${port}}', 'me-8000'],
  ['${env.NONE:-a:-b}', 'a:-b'],
  ['${env.NONE:-$${x}}', '${x}'],
  ['echo $HOME $$ $${HOME} $$${HOME} {a}', 'echo $HOME $$ ${HOME} $${HOME} {a}'],
])('%s becomes %s', (input, expected) => {
  expect(interpolate(input, scope)).toEqual({ text: expected, unknown: [] });
});

test.each([
  ['${prot}', 'refers to "${prot}", which is not a devup reference (${port})'],
  ['${HOME}', 'refers to "${HOME}", which is not a devup reference (${env.HOME})'],
  ['${}', 'refers to "${}", which is not a devup reference'],
  ['${ports.debg}', 'refers to "${ports.debg}", but the service has no port "debg" (${ports.debug})'],
  ['${services.dbb.url}', 'refers to "${services.dbb.url}", but there is no service "dbb" (${services.db.url})'],
  ['${services.my.worker.port}', 'refers to "${services.my.worker.port}", but my.worker has no port'],
  ['${services.db.host}', 'refers to "${services.db.host}", which is not a devup reference'],
  ['${env.NONE}', 'refers to "${env.NONE}", but the environment has no NONE (${env.NONE:-default})'],
  ['${env.NONE:-${env.NADA}}', 'refers to "${env.NADA}", but the environment has no NADA (${env.NADA:-default})'],
  ['a ${port', 'contains "${port", which is never closed ($${port)'],
  ['${__proto__}', 'refers to "${__proto__}", which is not a devup reference (${env.__proto__})'],
])('%s is an error', (input, expected) => {
  expect(unknown(input)).toEqual([expected]);
});

test('a text without ${ is left as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter }), (input) => {
      fc.pre(!input.includes('${'));
      expect(interpolate(input, scope)).toEqual({ text: input, unknown: [] });
    }),
  );
});

test('an escaped reference becomes literal', () => {
  const pieces = fc.array(fc.constantFrom('$', '{', '}', '$$', '${', '$${', 'port', 'env.USER', ':-', ' ', 'x'), { maxLength: 12 });
  fc.assert(
    fc.property(pieces, (parts) => {
      const input = parts.join('');
      expect(
        interpolate(
          input.replaceAll('${', () => '$${'),
          scope,
        ),
      ).toEqual({ text: input, unknown: [] });
    }),
  );
});

test('references are replaced one by one, and replacements are not read again', () => {
  const inserted: Scope = { ...scope, env: (name) => (name === 'X' ? '${port}' : undefined) };
  fc.assert(
    fc.property(fc.array(fc.constantFrom('${port}', '${env.X}', '$${port}', 'a', '$')), (parts) => {
      const each: Record<string, string> = { '${port}': '8000', '${env.X}': '${port}', '$${port}': '${port}', a: 'a', $: '$' };
      const joined = parts.join(' ');
      expect(interpolate(joined, inserted).text).toBe(parts.map((part) => each[part]).join(' '));
    }),
  );
});

test('no text makes it throw: the result is a whole text or an error', () => {
  const pieces = fc.array(fc.constantFrom('$', '{', '}', '${', '$${', 'port', 'ports.', 'env.', 'services.', 'db', '.url', ':-', '\n'), {
    maxLength: 15,
  });
  fc.assert(fc.property(pieces, (parts) => void text(parts.join(''))));
});

test('references work in command, cwd, env, ready, health, links, stop and reuse', async () => {
  const { services } = await stack({
    services: {
      db: { port: 5432, command: 'db' },
      a: {
        ports: { main: 8000, admin: 8001 },
        command: ['run', '${port}'],
        cwd: 'x${ports.admin}',
        env: { DATABASE_URL: 'postgres://localhost:${services.db.port}' },
        ready: [{ http: 'http://127.0.0.1:${ports.admin}/', body: '${port}' }, { command: 'probe ${port}' }, { log: 'on ${port}' }],
        health: { command: ['probe', '${port}'] },
        links: { Admin: 'http://localhost:${ports.admin}/', Db: '${services.db.url}' },
        stop: { command: 'stop ${port}' },
        onConflict: { reuse: { command: 'mine ${port}' } },
      },
    },
  });
  expect(services[1]).toMatchObject({
    command: { argv: ['run', '8000'] },
    cwd: '/project/x8001',
    env: { DATABASE_URL: 'postgres://localhost:5432' },
    ready: { tests: [{ url: 'http://127.0.0.1:8001/', body: '8000' }, { command: { line: 'probe 8000' } }, { source: 'on 8000' }] },
    health: { test: { command: { argv: ['probe', '8000'] } } },
    links: { Admin: 'http://localhost:8001/', Db: 'http://localhost:5432' },
    stop: { command: { line: 'stop 8000' } },
    onConflict: { proof: { tests: [{ command: { line: 'mine 8000' } }] } },
  });
});

test('${env.NAME} is from the environment that the service will see; in env itself, from the one outside', async () => {
  const a = { command: '${env.A} ${env.B}', env: { A: 'own ${env.A}' } };
  expect((await service(a, { env: { A: 'outer', B: 'b' } })).command).toEqual({ kind: 'line', line: 'own outer b' });
});

test('a RegExp keeps its ${, and only the problem’s own path is named', async () => {
  const { ready } = await service({ command: 'x', ready: { log: /^\${x}$/i } });
  expect(ready.tests).toEqual([{ kind: 'log', source: '^\\${x}$', flags: 'i' }]);
  expect(await lines({ services: { a: { command: { default: 'x', linux: ['y', '${nope}'] } } } })).toEqual([
    'services.a.command.linux[1] refers to "${nope}", which is not a devup reference (${env.nope})',
  ]);
});
