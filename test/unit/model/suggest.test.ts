import fc from 'fast-check';
import { expect, test } from 'vitest';
import { suggest } from '../../../src/model/suggest.ts';

const fields = ['command', 'port', 'ports', 'cwd', 'env', 'envFile', 'dependsOn', 'ready', 'restart'];

test.each([
  ['comand', 'command'],
  ['prot', 'port'],
  ['Port', 'port'],
  ['depends_on', 'dependsOn'],
  ['env_file', 'envFile'],
  ['raedy', 'ready'],
])('%s is corrected to %s', (word, expected) => {
  expect(suggest(word, fields)).toBe(expected);
});

test.each(['xyz', 'healthcheck', 'volumes', ''])('%j resembles none of them', (word) => {
  expect(suggest(word, fields)).toBeNull();
});

test('at most half of a short word may be a slip', () => {
  expect(suggest('x', ['a', 'b'])).toBeNull();
  expect(suggest('ap', ['api', 'db'])).toBe('api');
});

test('a known word suggests itself', () => {
  fc.assert(
    fc.property(fc.constantFrom(...fields), (word) => {
      expect(suggest(word, fields)).toBe(word);
    }),
  );
});

test('two exchanged neighbours, or one missing letter, are always found', () => {
  const word = fc.stringMatching(/^[a-z]{4,12}$/);
  fc.assert(
    fc.property(word, fc.nat(10), (known, at) => {
      const i = at % (known.length - 1);
      const exchanged = known.slice(0, i) + known[i + 1] + known[i] + known.slice(i + 2);
      const lost = known.slice(0, i) + known.slice(i + 1);
      expect(suggest(exchanged, [known])).toBe(known);
      expect(suggest(lost, [known])).toBe(known);
    }),
  );
});

test('only known words are suggested', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string()), (word, known) => {
      const found = suggest(word, known);
      expect(found === null || known.includes(found)).toBe(true);
    }),
  );
});
