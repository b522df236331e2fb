import { expect, test } from 'vitest';
import { plainName, splitAtService, variableName } from '../../../src/model/service-name.ts';

test.each([
  ['db', 'DB', 'db'],
  ['dev:api', 'DEV_API', 'dev-api'],
  ['@acme/web', 'ACME_WEB', 'acme-web'],
  ['@acme/web:dev', 'ACME_WEB_DEV', 'acme-web-dev'],
  ['my.api-v2', 'MY_API_V2', 'my.api-v2'],
  ['_a', '_A', '_a'],
])('%s is %s in a variable and %s in the files of other tools', (name, variable, plain) => {
  expect(variableName(name)).toBe(variable);
  expect(plainName(name)).toBe(plain);
});

test.each([
  ['dev:api', { service: 'dev:api', rest: null }],
  ['dev:api:docs', { service: 'dev:api', rest: 'docs' }],
  ['dev:docs', { service: 'dev', rest: 'docs' }],
  ['dev:api:v2:docs', { service: 'dev:api:v2', rest: 'docs' }],
  ['@acme/web:docs', { service: '@acme/web', rest: 'docs' }],
  ['other:docs', { service: 'other', rest: 'docs' }],
  ['other', { service: 'other', rest: null }],
])('%s is split after the longest known name', (word, parts) => {
  expect(splitAtService(word, ['dev', 'dev:api', 'dev:api:v2', '@acme/web'])).toEqual(parts);
});
