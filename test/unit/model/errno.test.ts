import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { codeOf, errnoOf, isErrno, unless } from '../../../src/model/errno.ts';

const missing = () => readFileSync('/none/such', 'utf8');
const broken = () => {
  throw new TypeError('a bug');
};

test('an expected errno is a value', () => {
  expect(unless(['EACCES', 'ENOENT'], missing)).toBeNull();
  expect(unless([], () => 1)).toBe(1);
});

test('any other failure is thrown on', () => {
  expect(() => unless(['EACCES'], missing)).toThrow('ENOENT');
  expect(() => unless(['EACCES'], broken)).toThrow('a bug');
  expect(() => errnoOf(new TypeError('a bug'))).toThrow('a bug');
});

test('only a string is the name of a failure: a child that exits with 1 has a number', () => {
  const exited = Object.assign(new Error('mkfifo failed'), { code: 1 });
  expect(codeOf(exited)).toBeNull();
  expect(isErrno(exited, '1')).toBe(false);
  expect(codeOf('ENOENT')).toBeNull();
});
