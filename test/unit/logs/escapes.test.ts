import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EscapeFilter, plainText, visibleText } from '../../../src/logs/escapes.ts';

const ESC = '\x1b';

/** Bytes with many harmful sequences. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ESC,
        `${ESC}[`,
        `${ESC}]`,
        '\xc2',
        '\x9b',
        '\x9d',
        '\r',
        '\n',
        '\r\n',
        '\x07',
        ';',
        ':',
        '8',
        '38',
        '5',
        'm',
        'A',
        '\x7f',
        '\x00',
        '\xc3\xa9',
      ),
      fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)), maxLength: 4 }),
      fc.integer({ min: 0, max: 80 }).map((length) => `${ESC}[${'1;'.repeat(length)}`),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''));

function filterWhole(text: string): string {
  const filter = new EscapeFilter();
  return filter.filter(text) + filter.flush();
}

function filterCut(text: string, cuts: readonly number[]): string {
  const filter = new EscapeFilter();
  let out = '';
  let at = 0;
  for (const cut of [...cuts.map((cut) => cut % (text.length + 1)), text.length].sort((a, b) => a - b)) {
    out += filter.filter(text.slice(at, cut));
    at = cut;
  }
  return out + filter.flush();
}

describe('escape sequences in a view', () => {
  test.each([
    ['a colour', `${ESC}[31mred${ESC}[0m`, `${ESC}[31mred${ESC}[0m`],
    ['a colour by its number, 8 included', `${ESC}[1;38;5;8mgrey${ESC}[38;2;8;8;8m`, `${ESC}[1;38;5;8mgrey${ESC}[38;2;8;8;8m`],
    ['a colour in colon form', `${ESC}[38:5:8mx`, `${ESC}[38:5:8mx`],
    ['concealed text', `${ESC}[8msecret`, '^[[8msecret'],
    ['concealed text behind a colour', `${ESC}[31;08msecret`, '^[[31;08msecret'],
    ['a title', `${ESC}]0;owned\x07after`, '^[]0;owned^Gafter'],
    ['the clipboard', `${ESC}]52;c;aGk=${ESC}\\after`, '^[]52;c;aGk=^[\\after'],
    ['a link', `${ESC}]8;;http://x${ESC}\\text`, '^[]8;;http://x^[\\text'],
    ['the other screen', `${ESC}[?1049hafter`, '^[[?1049hafter'],
    ['a reset of the terminal', `${ESC}cafter`, '^[cafter'],
    ['a device control string', `${ESC}P1$r0m${ESC}\\after`, '^[P1$r0m^[\\after'],
    ['an 8-bit CSI in UTF-8', '\xc2\x9b2Jafter', '\\x9b2Jafter'],
    ['an accent, a pound sign and an arrow', '\xc3\xa9\xc2\xa3\xe2\x86\x92', '\xc3\xa9\xc2\xa3\xe2\x86\x92'],
    ['tabs and line feeds', 'a\tb\n', 'a\tb\n'],
    ['line ends of Windows and of a pseudo-terminal', 'a\r\nb\r\r\n', 'a\nb\n'],
    ['a progress bar', '10%\r20%\r30%\n', '10%\n20%\n30%\n'],
    ['an unfinished sequence at the end', `a${ESC}[31`, 'a^[[31'],
  ])('%s', (_name, input, output) => {
    expect(filterWhole(input)).toBe(output);
  });

  test('only colours remain of escape sequences, and no other control characters', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const rest = filterWhole(text).replace(/\x1b\[[0-9;:]*m/g, '');
        expect(rest).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]/);
      }),
    );
  });

  test('any chunks give the same text', () => {
    fc.assert(
      fc.property(hostile, fc.array(fc.nat(200), { maxLength: 12 }), (text, cuts) => {
        expect(filterCut(text, cuts)).toBe(filterWhole(text));
      }),
    );
  });

  test('a second filter changes nothing', () => {
    fc.assert(fc.property(hostile, (text) => void expect(filterWhole(filterWhole(text))).toBe(filterWhole(text))));
  });

  test('no sequence hides the text after it', () => {
    fc.assert(fc.property(hostile, (text) => void expect(filterWhole(`${text}\nplain text\n`)).toMatch(/\nplain text\n$/)));
  });

  test('decoded lines are made visible the same way', () => {
    expect(visibleText(`${ESC}[31mé\u009b2J${ESC}]0;x\x07`)).toBe(`${ESC}[31mé\\x9b2J^[]0;x^G`);
    expect(plainText(`${ESC}[31mred${ESC}[0m${ESC}c`)).toBe('red^[c');
  });
});
