/** The report of `devup doctor`, made to be pasted into an issue: glyphs carry the meaning, colour only repeats it. */
import { type Colour, painter } from './style.ts';
import { harmless, padEnd, width } from './text.ts';

/** `note`: worth knowing, but nothing is broken. */
export type CheckHealth = 'ok' | 'note' | 'problem';

export interface Check {
  readonly name: string;
  readonly health: CheckHealth;
  readonly text: string;
  readonly details?: readonly string[];
  /** What to type or change, if anything. */
  readonly fix: string | null;
}

const MARKS: Readonly<Record<CheckHealth, readonly [Colour, string]>> = {
  ok: ['green', '✔'],
  note: ['yellow', '!'],
  problem: ['red', '✖'],
};

export function doctorReport(checks: readonly Check[], colour: boolean): string {
  const paint = painter(colour);
  const cells = Math.max(...checks.map(({ name }) => width(name)));
  const indent = ' '.repeat(cells + 4);
  const lines = checks.flatMap(({ name, health, text, details, fix }) => [
    `${paint(...MARKS[health])} ${padEnd(name, cells)}  ${harmless(text)}`,
    ...(details ?? []).map((detail) => `${indent}${harmless(detail)}`),
    ...(fix === null ? [] : [`${indent}${paint('dim', 'fix')}  ${harmless(fix)}`]),
  ]);
  const wrong = checks.filter(({ health }) => health === 'problem').length;
  const sum = wrong === 0 ? 'no problems' : `${wrong} ${wrong === 1 ? 'problem' : 'problems'}`;
  return `${lines.join('\n')}\n\n${sum}\n`;
}
