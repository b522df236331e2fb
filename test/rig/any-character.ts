/**
 * Any code point except surrogates, for `fc.string({ unit })`. The built-in unit `binary` generates the same, but its table of all
 * code points takes more than a second of CPU, which no deadline of a property counts.
 */
import fc from 'fast-check';

const SURROGATES = { first: 0xd800, count: 0x800 };

export const anyCharacter = fc
  .integer({ min: 0, max: 0x10ffff - SURROGATES.count })
  .map((n) => String.fromCodePoint(n < SURROGATES.first ? n : n + SURROGATES.count));
