/**
 * Parses the processes that the scripts in `win32.ts` select, as PowerShell's `ConvertTo-Json` prints them: a single row is not
 * in an array.
 */
import { readJson } from '../../model/json.ts';

export interface CimRow {
  readonly pid: number;
  readonly ppid: number;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly cpuMs: number | null;
  readonly residentBytes: number | null;
  /** Null if the command line may not be read or was not selected. */
  readonly commandLine: string | null;
  readonly executable: string | null;
  readonly user: string | null;
}

/** Leaves out rows without a pid or a start time (the idle process has none). Empty for text that is not JSON. */
export function parseCim(text: string): readonly CimRow[] {
  const parsed = readJson(text.replace(/^\uFEFF/, ''));
  const rows: CimRow[] = [];
  for (const each of Array.isArray(parsed) ? parsed : [parsed]) {
    const row = rowOf(each);
    if (row !== null) rows.push(row);
  }
  return rows;
}

function rowOf(value: unknown): CimRow | null {
  if (typeof value !== 'object' || value === null) return null;
  const fields: ReadonlyMap<string, unknown> = new Map(Object.entries(value));
  const number = (key: string) => {
    const field = fields.get(key);
    return typeof field === 'number' && Number.isSafeInteger(field) && field >= 0 ? field : null;
  };
  const string = (key: string) => {
    const field = fields.get(key);
    return typeof field === 'string' && field !== '' ? field : null;
  };
  const pid = number('pid');
  const startedAtMs = number('start');
  if (pid === null || startedAtMs === null) return null;
  return {
    pid,
    ppid: number('ppid') ?? 0,
    name: string('name') ?? '',
    startedAtMs,
    cpuMs: number('cpuMs'),
    residentBytes: number('rss'),
    commandLine: string('commandLine'),
    executable: string('executable'),
    user: string('user'),
  };
}

/** Splits a command line as the C runtime of Windows does: blanks outside quotes, `\"` is a quote, `\\"` ends a backslash and the quote. */
export function splitCommandLine(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const char = line.charAt(i);
    if (char === '\\') {
      let count = 1;
      while (line[i + count] === '\\') count++;
      const beforeQuote = line[i + count] === '"';
      word = (word ?? '') + '\\'.repeat(beforeQuote ? count >> 1 : count);
      i += count - 1;
      if (beforeQuote && count % 2 === 1) {
        word += '"';
        i++;
      }
    } else if (char === '"') {
      quoted = !quoted;
      word ??= '';
    } else if (!quoted && (char === ' ' || char === '\t')) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + char;
  }
  if (word !== null) words.push(word);
  return words;
}
