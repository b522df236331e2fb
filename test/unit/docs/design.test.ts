import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { DOCS, fences, page } from './fences.ts';

const src = path.resolve(import.meta.dirname, '../../../src');
const text = page('design.md');

describe('the page of the design', () => {
  test('names every room of the house', () => {
    const house = fences(text).find(({ under }) => under === 'The house')?.code ?? '';
    const named = [...house.matchAll(/^ {2}(\w+)\/ /gm)].map(([, name]) => name as string);
    const standing = readdirSync(src, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() && readdirSync(path.join(src, entry.name)).length > 0 ? [entry.name] : [],
    );
    expect(named).toEqual(expect.arrayContaining(standing));
  });

  test('shows the life of a service as in the code', () => {
    const shown = fences(text).find(({ under }) => under === 'The life of a service')?.code ?? '';
    const lines = readFileSync(path.join(src, 'model/lifecycle.ts'), 'utf8')
      .split('\n')
      .map((line) => line.replace(/^ \* {5}/, ''));
    expect(
      shown
        .trimEnd()
        .split('\n')
        .filter((line) => !lines.includes(line.replace(/^ {2}/, ''))),
    ).toEqual([]);
  });
});

test('no link between the pages is broken', () => {
  for (const name of readdirSync(DOCS).filter((file) => file.endsWith('.md'))) {
    const anchors = (file: string) =>
      [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
        heading
          .toLowerCase()
          .replaceAll(/[^\w\- ]/g, '')
          .replaceAll(' ', '-'),
      );
    for (const [all, target = '', anchor] of page(name).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)) {
      const file = target === '' ? path.join(DOCS, name) : path.resolve(DOCS, target);
      expect({ name, all, exists: existsSync(file) }).toEqual({ name, all, exists: true });
      if (anchor !== undefined)
        expect({ name, all, anchors: anchors(file) }).toMatchObject({ anchors: expect.arrayContaining([anchor]) as unknown });
    }
  }
});
