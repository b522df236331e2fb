import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EscapeFilter, type EscapeFilterOptions, plainText, uncolouredText, visibleText } from '../../../src/logs/escapes.ts';

const ESC = '\x1b';

/** Bytes with many harmful sequences. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ESC,
        `${ESC}[`,
        `${ESC}]`,
        `${ESC}c`,
        `${ESC}[2J`,
        `${ESC}[1G`,
        `${ESC}[31m`,
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

function filterWhole(text: string, options: EscapeFilterOptions = {}): string {
  const filter = new EscapeFilter(options);
  return filter.filter(text) + filter.flush();
}

function filterCut(text: string, cuts: readonly number[], options: EscapeFilterOptions = {}): string {
  const filter = new EscapeFilter(options);
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
    ['a cleared screen of tsc --watch', `${ESC}cStarting\n`, 'Starting\n'],
    ['a cleared screen of Vite', `${ESC}[2J${ESC}[3J${ESC}[H\n  VITE\n`, '\n  VITE\n'],
    ['a cleared screen after an unfinished line', `waiting${ESC}[2J${ESC}[1;1Hafter\n`, 'waiting\nafter\n'],
    ['an erased line of gcc', `${ESC}[01;31m${ESC}[Kerror:${ESC}[m${ESC}[K text${ESC}[K\n`, `${ESC}[01;31merror:${ESC}[m text\n`],
    ['a spinner', `${ESC}[?25l- a${ESC}[2K${ESC}[1G${ESC}[36m\\ b${ESC}[2K${ESC}[1Gdone\n${ESC}[?25h`, `- a\n${ESC}[36m\\ b\ndone\n`],
    ['lines drawn over', `one\n${ESC}[1A${ESC}[2Ktwo\n`, 'one\ntwo\n'],
    ['parts of a sequence around a dropped one', `${ESC}${ESC}[C]0;x\xc2${ESC}[K\x9b2J`, '^[]0;x\\xc2\x9b2J'],
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

  test.each([
    ['colours', `${ESC}[31mred${ESC}[0m ${ESC}[8mhidden${ESC}[38:5:8mx`, 'red hiddenx'],
    ['a cleared screen', `${ESC}c${ESC}[2Ja\n`, 'a\n'],
    ['every other byte', `nul \0 \x07\r 10 %\r\n${ESC}]0;t\x07 \xc2\x9b\xc2`, `nul \0 \x07\r 10 %\r\n${ESC}]0;t\x07 \xc2\x9b\xc2`],
  ])('a pipe without colours: %s', (_name, input, output) => {
    expect(filterWhole(input, { colour: false, controls: 'unchanged' })).toBe(output);
    expect(filterWhole(input, { colour: true, controls: 'unchanged' })).toBe(input.replaceAll(/\x1b(?:c|\[2J)/g, ''));
  });

  test('a terminal without colours gets none, and sees the rest as before', () => {
    fc.assert(
      fc.property(hostile, fc.array(fc.nat(200), { maxLength: 12 }), (text, cuts) => {
        const shown = filterCut(text, cuts, { colour: false });
        expect(shown).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]/);
        expect(shown).toBe(filterWhole(text, { colour: false }));
        expect(filterCut(text, cuts, { colour: false, controls: 'unchanged' })).toBe(
          filterWhole(text, { colour: false, controls: 'unchanged' }),
        );
      }),
    );
  });

  test('a chunk without escapes passes a pipe undecoded, and its end is remembered', () => {
    const filter = new EscapeFilter({ colour: false, controls: 'unchanged' });
    expect(filter.passes(Buffer.from('waiting\r \xff'))).toBe(true);
    expect(filter.passes(Buffer.from(`${ESC}cafter\n`))).toBe(false);
    expect(filter.filter(`${ESC}cafter\n${ESC}`)).toBe('\nafter\n');
    expect(filter.passes(Buffer.from('[31mred'))).toBe(false);
    expect(filter.filter('[31mred')).toBe('red');
    expect(new EscapeFilter().passes(Buffer.from('text'))).toBe(false);
  });

  test('a second filter changes nothing', () => {
    fc.assert(fc.property(hostile, (text) => void expect(filterWhole(filterWhole(text))).toBe(filterWhole(text))));
  });

  test('no sequence hides the text after it', () => {
    fc.assert(fc.property(hostile, (text) => void expect(filterWhole(`${text}\nplain text\n`)).toMatch(/\nplain text\n$/)));
  });

  test('decoded lines are made visible the same way', () => {
    expect(visibleText(`${ESC}[31mé\u009b2J${ESC}]0;x\x07`)).toBe(`${ESC}[31mé\\x9b2J^[]0;x^G`);
    expect(plainText(`${ESC}[31mred${ESC}[0m${ESC}Pq`)).toBe('red^[Pq');
    expect(plainText(`${ESC}c${ESC}[2Kerror${ESC}[0m`)).toBe('error');
    expect(uncolouredText(`${ESC}c${ESC}[31mred\x07\r${ESC}[0m`)).toBe('red\x07\r');
  });
});
