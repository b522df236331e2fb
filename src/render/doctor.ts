/** The report of `devup doctor`, made to be pasted into an issue: glyphs carry the meaning, colour only repeats it. */
import type { CheckHealth } from '../model/doctor.ts';
import { harmless } from '../model/harmless.ts';
import { type Colour, painter } from './style.ts';
import { padEnd, width } from './text.ts';
import type { DoctorLine } from './words/doctor.ts';

const MARKS: Readonly<Record<CheckHealth, readonly [Colour, string]>> = {
  ok: ['green', '✔'],
  note: ['yellow', '!'],
  problem: ['red', '✖'],
};

export function doctorReport(checks: readonly DoctorLine[], colour: boolean): string {
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
