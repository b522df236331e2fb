import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findMarked, withMarked } from '../../../src/check/markers.ts';

const B = '<!-- devup:ports -->';
const E = '<!-- /devup:ports -->';

test('the text between the markers is replaced, and nothing else', () => {
  expect(withMarked(`# T\n\n${B}\nold\n${E}\nafter`, 'new\n')).toBe(`# T\n\n${B}\nnew\n${E}\nafter`);
});

test('a file without markers gets them at its end; an empty one is only them', () => {
  expect(withMarked('', 'new\n')).toBe(`${B}\nnew\n${E}\n`);
  expect(withMarked('# T', 'new\n')).toBe(`# T\n\n${B}\nnew\n${E}\n`);
});

test('a file with carriage returns keeps them', () => {
  expect(withMarked(`# T\r\n${B}\r\n${E}\r\n`, 'a\nb\n')).toBe(`# T\r\n${B}\r\na\r\nb\r\n${E}\r\n`);
});

test('markers in a block of code, or inside a line, are text', () => {
  expect(findMarked(`\`\`\`md\n${B}\n${E}\n\`\`\`\n`)).toBeNull();
  expect(findMarked(`write \`${B}\` and \`${E}\`\n`)).toBeNull();
});

test.each([
  [`${B}\n`, 'no-end'],
  [`${E}\n`, 'no-begin'],
  [`${E}\n${B}\n`, 'no-end'],
  [`${B}\n${E}\n${B}\n${E}\n`, 'several'],
])('markers that do not form a pair are an error, and nothing is written: %j', (text, problem) => {
  expect(withMarked(text, 'new\n')).toBe(problem);
});

test('the text around the markers stays, and writing twice changes nothing', () => {
  const around = fc.array(fc.constantFrom('a', 'ä', '#', ' ', '\n', '\r\n', '-')).map((parts) => parts.join(''));
  fc.assert(
    fc.property(around, around, fc.boolean(), (before, after, had) => {
      const text = had ? `${before}\n${B}\nold\n${E}\n${after}` : before;
      const once = withMarked(text, 'new\n');
      expect(once.startsWith(before)).toBe(true);
      if (had) expect(once.endsWith(after)).toBe(true);
      expect(withMarked(once, 'new\n')).toBe(once);
    }),
  );
});
