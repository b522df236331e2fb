import { expect, test } from 'vitest';
import { addressesOf, formatHostPort, parseHostPort, receives, targetOf } from '../../../src/model/address.ts';

test.each([
  [5432, 'localhost', 5432],
  ['5432', 'localhost', 5432],
  ['db:5432', 'db', 5432],
  ['db.internal:1', 'db.internal', 1],
  ['127.0.0.1:65535', '127.0.0.1', 65535],
  ['[::1]:5432', '::1', 5432],
])('%s is a host and a port', (input, host, port) => {
  expect(parseHostPort(input)).toEqual({ host, port });
});

test.each([
  'x',
  '',
  ':5432',
  'db',
  'db:',
  'db:x',
  'db:0',
  'db:65536',
  'db:99999',
  '0',
  '::1:5432',
  '[::1]',
  'tcp://db:5432',
  'db:5432/',
  'a b:1',
  'db..x:1',
])('"%s" is not one', (input) => {
  expect(parseHostPort(input)).toBeNull();
});

test('an IPv6 address stands in brackets', () => {
  expect(formatHostPort({ host: '::1', port: 80 })).toBe('[::1]:80');
  expect(formatHostPort({ host: 'db', port: 80 })).toBe('db:80');
});

test('localhost is one of two addresses', () => {
  expect(addressesOf('LOCALHOST')).toEqual(['127.0.0.1', '::1']);
  expect(addressesOf('db')).toEqual(['db']);
});

test.each([
  ['http://localhost:8000/up', { host: 'localhost', port: 8000 }],
  ['https://[::1]/', { host: '::1', port: 443 }],
  ['http://db', { host: 'db', port: 80 }],
  ['no url', null],
])('%s connects to its host and port', (url, target) => {
  expect(targetOf(url)).toEqual(target);
});

test.each([
  ['0.0.0.0', 'localhost', true],
  ['::', '127.0.0.1', true],
  ['::1', 'localhost', true],
  ['127.0.0.1', 'app.localhost', true],
  ['::1', '127.0.0.1', false],
  ['127.0.0.1', '::1', false],
  ['10.0.0.5', 'localhost', false],
  ['10.0.0.5', 'my-machine', true],
])('a listener on %s gets connections to %s: %s', (address, host, gets) => {
  expect(receives({ host: address, port: 1 }, { host, port: 1 })).toBe(gets);
  expect(receives({ host: address, port: 1 }, { host, port: 2 })).toBe(false);
});
