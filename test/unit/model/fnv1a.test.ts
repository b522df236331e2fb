import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fnv1a } from '../../../src/model/fnv1a.ts';
import { anyCharacter } from '../../rig/any-character.ts';

/** The definition, written out. */
function defined(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return hash.toString(16).padStart(16, '0');
}

test('the hash of any text is FNV-1a by its definition', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter, maxLength: 300 }), (text) => {
      expect(fnv1a(text)).toBe(defined(text));
    }),
  );
});

test.each([
  ['', 'cbf29ce484222325'],
  ['a', 'af63dc4c8601ec8c'],
  ['foobar', '85944171f73967e8'],
])('the hash of %j is %s, as published', (text, hash) => {
  expect(fnv1a(text)).toBe(hash);
});
