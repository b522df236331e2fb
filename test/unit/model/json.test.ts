import { expect, test } from 'vitest';
import { readJson } from '../../../src/model/json.ts';

test('is the value of JSON, also of null', () => {
  expect(readJson('{"a":[1]}')).toEqual({ a: [1] });
  expect(readJson('null')).toBeNull();
});

test('is undefined for text that is not JSON, or is cut off', () => {
  for (const text of ['', '{"a":', 'no such container', '{} {}']) expect(readJson(text)).toBeUndefined();
});
