import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readLines } from '../../../src/config/resolve/env-lines.ts';
import { dotenv } from '../../../src/render/dotenv.ts';

const parseEnvFile = (text: string) => readLines(text).lines.map(({ name, value }) => [name, value] as const);

test('plain values stay plain, others are quoted, names are sorted', () => {
  expect(dotenv({ PORT: '8000', B: 'two words', A: 'http://localhost:5000/?a=1' })).toBe(
    "A='http://localhost:5000/?a=1'\nB='two words'\nPORT=8000\n",
  );
});

test('a value with both kinds of quotes is escaped as sh reads it', () => {
  expect(dotenv({ A: 'it\'s "$x"' })).toBe('A="it\'s \\"\\$x\\""\n');
});

test('an invalid name is reported, and sets nothing', () => {
  expect(dotenv({ 'a b\n': '1' })).toBe('# left out, no shell can name it: "a b\\n"\n');
});

test('every value without both kinds of quotes is read back from a .env file unchanged', () => {
  const name = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,15}$/);
  const value = fc.stringMatching(/^[ -~\n]{0,40}$/).filter((text) => !text.includes("'") || !/["\\$`]/.test(text));
  fc.assert(
    fc.property(fc.dictionary(name, value, { maxKeys: 6 }), (variables) => {
      expect(Object.fromEntries(parseEnvFile(dotenv(variables)))).toEqual({ ...variables });
    }),
  );
});
