/** Checks the values of flags, and converts them for commands. */

import type { Signal } from '../../machine/machine.ts';
import { parseDuration } from '../../model/duration.ts';
import { parsePort } from '../../model/port.ts';
import type { Parsed } from '../context.ts';
import type { FlagName } from '../specs/names.ts';
import type { ValueKind } from '../specs/spec.ts';

const SIGNALS: readonly Signal[] = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGKILL'];
const CONFLICTS = ['kill', 'ask', 'fail'] as const;
const FORMATS = ['text', 'json', 'github', 'sarif'] as const;

const DRAWINGS = ['text', 'mermaid', 'dot'] as const;

export type Format = (typeof FORMATS)[number];

/** Describes the fault of the text in a sentence; null for a valid value. */
export function wrongValue(kind: ValueKind, text: string): string | null {
  switch (kind) {
    case 'text':
      return text === '' ? 'it is empty' : null;
    case 'list':
      return splitList(text).length === 0 ? 'it is empty' : null;
    case 'duration':
      return durationOf(text) === null ? 'it must be a duration: 500ms, 30s, 2m' : null;
    case 'count':
      return /^\d{1,9}$/.test(text) ? null : 'it must be a whole number';
    case 'port':
      return parsePort(text) === null ? 'it must be a whole number from 1 to 65535' : null;
    case 'pattern':
      return patternOf(text) === null ? 'it is not a regular expression' : null;
    case 'since':
      return sinceOf(text, 0) === null ? 'it must be a time ago (10m) or a date (2026-11-22T09:12)' : null;
    case 'signal':
      return signalOf(text) === null ? `it must be one of ${SIGNALS.map((name) => name.slice(3)).join(', ')}` : null;
    case 'conflict':
      return CONFLICTS.some((policy) => policy === text) ? null : `it must be one of ${CONFLICTS.join(', ')}`;
    case 'drawing':
      return DRAWINGS.some((drawing) => drawing === text) ? null : `it must be one of ${DRAWINGS.join(', ')}`;
    case 'format':
      return FORMATS.some((format) => format === text) ? null : `it must be one of ${FORMATS.join(', ')}`;
  }
}

/** The file that `--config` names. */
export function configFlag(parsed: Parsed): string | null {
  return textFlag(parsed, 'config');
}

export function textFlag(parsed: Parsed, name: FlagName): string | null {
  const value = parsed.flags[name];
  return typeof value === 'string' ? value : null;
}

/** `--json` is short for `--format json`. */
export function formatFlag(parsed: Parsed): Format {
  const text = textFlag(parsed, 'format');
  return parsed.flags['json'] === true ? 'json' : (FORMATS.find((format) => format === text) ?? 'text');
}

export function drawingFlag(parsed: Parsed): (typeof DRAWINGS)[number] {
  const text = textFlag(parsed, 'format');
  return DRAWINGS.find((drawing) => drawing === text) ?? 'text';
}

/** Milliseconds; null without the flag. */
export function durationFlag(parsed: Parsed, name: FlagName): number | null {
  const text = textFlag(parsed, name);
  return text === null ? null : durationOf(text);
}

/** The items between the commas; empty without the flag. */
export function listFlag(parsed: Parsed, name: FlagName): readonly string[] {
  return splitList(textFlag(parsed, name) ?? '');
}

export function signalFlag(parsed: Parsed, name: FlagName): Signal | null {
  const text = textFlag(parsed, name);
  return text === null ? null : signalOf(text);
}

export function patternFlag(parsed: Parsed, name: FlagName): RegExp | null {
  const text = textFlag(parsed, name);
  return text === null ? null : patternOf(text);
}

/** Milliseconds since 1970; null without the flag. */
export function sinceFlag(parsed: Parsed, name: FlagName, nowMs: number): number | null {
  const text = textFlag(parsed, name);
  return text === null ? null : sinceOf(text, nowMs);
}

/** A bare number is seconds, as in `docker compose stop --timeout 10`. */
function durationOf(text: string): number | null {
  return parseDuration(/^\d+(\.\d+)?$/.test(text) ? `${text}s` : text);
}

function sinceOf(text: string, nowMs: number): number | null {
  const ago = durationOf(text);
  if (ago !== null) return nowMs - ago;
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return null;
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : date;
}

function patternOf(text: string): RegExp | null {
  try {
    return new RegExp(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function signalOf(text: string): Signal | null {
  const name = text.toUpperCase().replace(/^(SIG)?/, 'SIG');
  return SIGNALS.find((signal) => signal === name) ?? null;
}

function splitList(text: string): readonly string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}
