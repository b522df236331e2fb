import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSecretName, MASK } from '../../../src/model/secret-name.ts';
import { maskSecrets, secretValues } from '../../../src/model/secrets.ts';
import { holderJson } from '../../../src/render/json.ts';
import { describeHolder } from '../../../src/render/words/holder.ts';
import { NO_VIEWER } from '../../../src/render/words/viewer.ts';
import { formatFailure, words } from '../../../src/render/words.ts';
import { cpuTimeMs } from '../../rig/cpu-time.ts';

const NAMES = ['API_KEY', 'GITHUB_TOKEN', 'SECRET', 'PGPASSWORD', 'DB_PASS', 'AWS_SECRET_ACCESS_KEY', 'SMTP_CREDENTIALS', 'apiKey'];
const secret = fc.string({ minLength: 8, maxLength: 40 }).filter((text) => !text.includes('*'));

test('a malicious line of 64 KiB is handled in no time', async () => {
  const ms = await cpuTimeMs(() => {
    for (const part of ['a-', 'a://b:', '"a', 'TOKEN=', '--a ', "'a':'"]) maskSecrets(part.repeat(2 ** 16 / part.length));
  });
  expect(ms).toBeLessThan(2000);
});

describe('values', () => {
  test('values of secrets never appear, whatever surrounds them', () => {
    fc.assert(
      fc.property(fc.uniqueArray(secret, { minLength: 1, maxLength: 4 }), fc.array(fc.string()), (secrets, around) => {
        const values = secretValues(Object.fromEntries(secrets.map((value, i) => [`TOKEN_${i}`, value])));
        const text = around.flatMap((part, i) => [part, secrets[i % secrets.length] ?? '']).join('');
        const shown = maskSecrets(text, values);
        for (const value of secrets) expect(shown.includes(value)).toBe(false);
      }),
    );
  });

  test('of a name that suggests a secret never appear', () => {
    const word = fc.stringMatching(/^[a-z0-9+/_.]{8,30}$/);
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), word, fc.constantFrom('x', 'run it '), (name, value, before) => {
        for (const text of [`${before} ${name}=${value} y`, `{"${name}":"${value}"}`, `${before} --api-token ${value} y`])
          expect(maskSecrets(text)).not.toContain(value);
      }),
    );
  });

  test('of a URL are hidden as far as its password goes', () => {
    expect(maskSecrets('cannot reach postgres://me:s3cr:t@db:5432/app?x=1')).toBe(`cannot reach postgres://me:${MASK}@db:5432/app?x=1`);
    expect(secretValues({ DATABASE_URL: 'postgres://me:longsecret@db/app' })).toEqual(['longsecret']);
  });

  test('of a variable are not secret if they are short, or the name does not suggest a secret', () => {
    expect(secretValues({ TOKEN: 'short', HOME: '/home/somebody', PWD: '/home/somebody', MONKEY: 'longer than eight' })).toEqual([]);
    expect(['COMPASS', 'KEYBOARD', 'PWD', 'AUTHOR', 'PORT'].filter(isSecretName)).toEqual([]);
  });

  test('that are paths or addresses are shown, unless the name suggests a secret', () => {
    expect(['AUTH_SERVICE_URL', 'SSH_AUTH_SOCK', 'TLS_KEY_FILE', 'OAUTH_TOKEN_URL', 'auth-host'].filter(isSecretName)).toEqual([]);
    const secrets = ['SECRET_WEBHOOK_URL', 'DB_PASS_URL', 'AUTH_URL_TOKEN'];
    expect(secrets.filter(isSecretName)).toEqual(secrets);
    expect(secretValues({ AUTH_SERVICE_URL: 'http://localhost:4001' })).toEqual([]);
    expect(secretValues({ AUTH_URL: 'http://me:longsecret@localhost:4001' })).toEqual(['longsecret']);
  });
});

test('nothing else is changed', () => {
  const plain = fc.stringMatching(/^[a-z0-9 .:/()~,-]{0,80}$/).filter((text) => !text.includes('--') && !/:\/\/[^ ]*:/.test(text));
  fc.assert(fc.property(plain, (text) => maskSecrets(text, ['Not In There']) === text));
  for (const text of ['http://localhost:8000/@me', 'PORT=8000 node server.js', 'key: value', '--port 8000', '{"PORT":8000}', 'a:b@c'])
    expect(maskSecrets(text)).toBe(text);
});

test('errors, problems of a config and holders of ports are shown without them', () => {
  const viewer = { ...NO_VIEWER, secrets: ['from-the-environment'] };
  const problem = { path: 'services.api.env.API_TOKEN', service: 'api', message: 'must be a string', line: null, column: null };
  const invalid = (value: string) => ({
    code: 'E305' as const,
    kind: 'config-invalid' as const,
    file: '/x/orchestrator.config.ts',
    problems: [{ ...problem, value, suggestion: null }],
  });
  expect(words(invalid('["tell-tale"]')).why).toBe(`services.api.env.API_TOKEN  must be a string, got ${MASK}`);
  const failed = {
    code: 'E113' as const,
    kind: 'stop-command-failed' as const,
    service: 'api',
    command: 'stop from-the-environment --password tell-tale',
    got: 'exit code 1',
  };
  expect(formatFailure(failed, { viewer, colour: false })).not.toMatch(/from-the-environment|tell-tale/);
  const holder = {
    pid: 7,
    ppid: 1,
    startedAtMs: null,
    start: 1,
    name: 'node',
    argv: ['node', 'x.js', '--token=tell-tale'],
    command: 'node x.js --token=tell-tale',
    cwd: null,
    uid: 1,
    user: null,
    addresses: [],
    ancestors: [],
    container: null,
    unit: null,
    stack: null,
  } as unknown as Parameters<typeof holderJson>[0];
  expect(holderJson(holder, NO_VIEWER)['command']).toBe(`node x.js --token=${MASK}`);
  expect(describeHolder(holder)).not.toContain('tell-tale');
});
