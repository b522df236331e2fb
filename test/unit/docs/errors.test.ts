import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { exitCodeOf } from '../../../src/model/exit-code.ts';
import type { FailureCode } from '../../../src/model/failure.ts';
import { FAILURES_EXPLAINED } from '../../../src/render/explain/failures.ts';
import { FAILURE_CODES, formatFailure } from '../../../src/render/words.ts';
import { FAILURES, VIEWER } from '../render/samples.ts';
import { DOCS, page } from './fences.ts';

const text = page('errors.md');
const sections = text.split(/^(?=## )/m).slice(1);

describe('the page of errors', () => {
  test('has a section for every code, in order, and for no other', () => {
    expect(sections.map((section) => /^## (E\d{3})\n/.exec(section)?.[1])).toEqual(FAILURE_CODES);
  });

  /** `npx vitest run test/unit/docs -u` rewrites all but the introduction. */
  test('shows each as printed, with its exit code and the text of `devup explain`', async () => {
    const [introduction] = text.split(/^(?=## )/m);
    await expect(`${introduction}${FAILURE_CODES.map(sectionOf).join('\n')}`).toMatchFileSnapshot(path.join(DOCS, 'errors.md'));
  });

  test.each(sections.map((section) => [section.slice(3, 7), section] as const))(
    '%s says in at least a sentence what to do',
    (_, section) => {
      const prose = section.replace(/```[\s\S]*?```/, '').replace(/^.*Exit code \d+\. /s, '');
      expect(prose.trim()).toMatch(/^(devup |[A-Z`])[\s\S]{40,}[.!]$/);
    },
  );
});

function sectionOf(code: FailureCode): string {
  const example = formatFailure(FAILURES[code], { viewer: VIEWER, colour: false });
  return `## ${code}\n\n\`\`\`\n${example}\`\`\`\n\nExit code ${exitCodeOf({ code })}. ${FAILURES_EXPLAINED[code]}\n`;
}
