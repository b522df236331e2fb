/** The report for people: each finding with its place, the expected and the found value, and the fix. */
import type { Finding } from '../../model/drift.ts';
import { harmless } from '../../model/harmless.ts';
import type { CheckResult } from '../check.ts';
import type { LiveResult } from '../live/live.ts';
import { describeNote } from '../words.ts';

export interface TextOptions {
  readonly paint: (colour: 'red' | 'green' | 'yellow' | 'dim' | 'bold', text: string) => string;
  /** The place shown for findings about the config alone. */
  readonly config: string;
}

export type Report = Omit<CheckResult, 'texts'> | LiveResult;

export function checkText(result: Report, options: TextOptions): string {
  const { findings, notes } = result;
  const { paint } = options;
  const findingsText = findings.map((finding) => findingText(finding, options)).join('');
  const notesText =
    notes.length === 0
      ? ''
      : `${paint('dim', `not compared:\n${notes.map((note) => `    ${harmless(describeNote(note))}\n`).join('')}`.trimEnd())}\n`;
  return `${findingsText}${notesText}${summary(result, options)}`;
}

function findingText({ code, severity, place, message, expected, found, fix }: Finding, { paint, config }: TextOptions): string {
  const isError = severity === 'error';
  const mark = paint(isError ? 'red' : 'yellow', `${isError ? '✖' : '!'} ${code}`);
  const where = place ? `${place.file}:${place.line}:${place.column}` : config;
  const both = expected !== null && found !== null ? `expected ${short(expected)}, found ${short(found)}` : '';
  const details = [where, both, fix === null ? '' : `fix: ${fix}`].filter((part) => part !== '');
  return `${mark} ${harmless(message)}\n    ${paint('dim', harmless(details.join('   ')))}\n`;
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function summary(result: Report, { paint }: TextOptions): string {
  const { findings } = result;
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - errors;
  const counted =
    result.kind === 'files'
      ? `${count(result.files, 'file')}, ${count(result.references, 'reference')}`
      : `${count(result.services, 'service')}, ${count(result.requests, 'request')}`;
  const fixable = findings.some(({ replacement }) => replacement !== null) ? '   fix: devup check --fix' : '';
  if (findings.length === 0) return `${paint('green', '✔')} ${counted}, all agree with the config\n`;
  const problems = [errors > 0 ? count(errors, 'error') : '', warnings > 0 ? count(warnings, 'warning') : ''].filter(Boolean).join(', ');
  return `${errors > 0 ? paint('red', '✖') : paint('yellow', '!')} ${counted}: ${problems}${fixable}\n`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
