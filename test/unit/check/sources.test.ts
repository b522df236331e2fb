import { describe, expect, test } from 'vitest';
import { KINDS, marked, unmarked } from './kinds.ts';
import { RARER_KINDS } from './rarer-kinds.ts';
import { checkIn, line, MEDCOR, repository, writeFiles } from './repository.ts';

const ENCODINGS: Readonly<Record<string, (text: string) => string>> = {
  'as people write it': (text) => text,
  'with a BOM, and lines that end in CRLF': (text) => `\uFEFF${text.replaceAll('\n', '\r\n')}`,
};

describe.each([...Object.entries(KINDS), ...Object.entries(RARER_KINDS)])('%s', (file, text) => {
  const right = unmarked(text);

  describe.each(Object.entries(ENCODINGS))('%s', (_, encoded) => {
    test('has nothing to report as it is', async () => {
      expect((await checkIn(repository({ [file]: encoded(right) }), MEDCOR)).findings.map(line)).toEqual([]);
    });

    test('a port that is one digit off is reported where it stands', async () => {
      const root = repository({});
      for (const { from, digits } of marked(text)) {
        // With 7, no service's port is one digit from another's.
        for (const at of [0, digits.length - 1]) {
          const wrong = `${digits.slice(0, at)}7${digits.slice(at + 1)}`;
          writeFiles(root, { [file]: encoded(right.slice(0, from) + wrong + right.slice(from + digits.length)) });
          const before = right.slice(0, from).split('\n');
          const place = `${file}:${before.length}:${(before.at(-1) as string).length + 1}`;
          const found = (await checkIn(root, MEDCOR)).findings;
          expect
            .soft(
              found.map(line).filter((one) => one.includes(` ${place} `)),
              `${place} ${digits} → ${wrong}: ${found.map(line).join('; ')}`,
            )
            .toHaveLength(1);
        }
      }
    });
  });
});
