import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { exitCodeOf } from '../../../src/cli/exit-code.ts';
import type { FailureCode } from '../../../src/model/failure.ts';
import { FAILURE_CODES, formatFailure } from '../../../src/render/words.ts';
import { FAILURES, VIEWER } from '../render/samples.ts';
import { DOCS, page } from './fences.ts';

const text = page('errors.md');
const sections = text.split(/^(?=## )/m).slice(1);

describe('the page of errors', () => {
  test('has a section for every code, in order, and for no other', () => {
    expect(sections.map((section) => /^## (E\d{3})\n/.exec(section)?.[1])).toEqual(FAILURE_CODES);
  });

  /** `npx vitest run test/unit/docs -u` writes the examples and exit codes anew; what stands below them is written by hand. */
  test('shows each as it is printed, with its exit code', async () => {
    const [introduction] = text.split(/^(?=## )/m);
    const expected = sections.map((section) => {
      const code = /^## (E\d{3})\n/.exec(section)?.[1] as FailureCode;
      const example = `## ${code}\n\n\`\`\`\n${formatFailure(FAILURES[code], { viewer: VIEWER, colour: false })}\`\`\`\n\nExit code ${exitCodeOf(FAILURES[code])}. `;
      return section.replace(/^## E\d{3}\n\n```\n[\s\S]*?\n```\n\nExit code \d+\. /, () => example);
    });
    await expect([introduction, ...expected].join('')).toMatchFileSnapshot(path.join(DOCS, 'errors.md'));
  });

  test.each(sections.map((section) => [section.slice(3, 7), section] as const))(
    '%s says in a sentence or more what to do',
    (_, section) => {
      const prose = section.replace(/```[\s\S]*?```/, '').replace(/^.*Exit code \d+\. /s, '');
      expect(prose.trim()).toMatch(/^(devup |[A-Z`])[\s\S]{40,}[.!]$/);
    },
  );
});
