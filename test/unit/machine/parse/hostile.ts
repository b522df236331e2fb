/** Generators for the parsers' properties: misleading names, and text of which some bytes were changed. */
import fc from 'fast-check';
import { anyCharacter } from '../../../rig/any-character.ts';

export const evilName = 'a) "b\n,pid=1';

/** Names that a program may give itself: blanks, parentheses, quotes, newlines, tabs, any script; no NUL. */
export const hostileName: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    evilName,
    ') S 1 1 1',
    '(',
    ')',
    ') ',
    ' (',
    '\n',
    '1 (init) S 0 1 1',
    'p1',
    'x",pid=1,fd=3',
    '->',
    'Web Content',
    '日本語',
    '🐘',
  ),
  fc.string({ unit: anyCharacter, maxLength: 15 }).map((name) => name.replaceAll('\0', '')),
  fc
    .array(fc.constantFrom('(', ')', ' ', '\n', '\t', '"', '1', 'S', ',', ':', 'p', '\\'), { maxLength: 15 })
    .map((parts) => parts.join('')),
);

/** `text` with a few characters replaced, removed, doubled or cut off behind. */
export function mutated(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const edit = fc.record({
    at: fc.nat(),
    kind: fc.constantFrom('replace', 'remove', 'double', 'cut'),
    char: fc.string({ minLength: 1, maxLength: 1, unit: anyCharacter }),
  });
  return fc.tuple(text, fc.array(edit, { minLength: 1, maxLength: 5 })).map(([original, edits]) => {
    let result = original;
    for (const { at, kind, char } of edits) {
      const index = result.length === 0 ? 0 : at % result.length;
      const before = result.slice(0, index);
      const after = result.slice(index + 1);
      if (kind === 'replace') result = before + char + after;
      else if (kind === 'remove') result = before + after;
      else if (kind === 'double') result = before + result.slice(index, index + 1).repeat(2) + after;
      else result = before;
    }
    return result;
  });
}

/** Every whole number in the text, whatever surrounds it. */
export function numbersIn(text: string): ReadonlySet<number> {
  return new Set((text.match(/\d+/g) ?? []).map(Number));
}

export const pid = fc.integer({ min: 1, max: 4_194_304 });
export const port = fc.integer({ min: 1, max: 65535 });
export const ipv4 = fc.ipV4();
