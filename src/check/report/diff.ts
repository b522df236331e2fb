/** A unified diff, as `patch` and `git apply` read it. */
import { FILE_HEADERS_ONLY, formatPatch, type StructuredPatchHunk, structuredPatch } from 'diff';

export interface Changed {
  readonly file: string;
  /** Null: the file is new. */
  readonly before: string | null;
  readonly after: string;
}

const CONTEXT = 3;
/** With more edits, the search for the shortest diff takes seconds; the diff then replaces the whole file, which is correct, too. */
const MOST_EDITS = 1500;

export function unifiedDiff({ file, before, after }: Changed): string {
  const [from, to, old] = [before === null ? '/dev/null' : `a/${file}`, `b/${file}`, before ?? ''];
  const patch = structuredPatch(from, to, old, after, undefined, undefined, { context: CONTEXT, maxEditLength: MOST_EDITS });
  const headers = { oldFileName: from, newFileName: to, oldHeader: undefined, newHeader: undefined };
  return formatPatch(patch ?? { ...headers, hunks: [wholeFile(old, after)] }, FILE_HEADERS_ONLY);
}

function wholeFile(before: string, after: string): StructuredPatchHunk {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  const lines = [...old.flatMap((line) => marked('-', line)), ...fresh.flatMap((line) => marked('+', line))];
  return { oldStart: 1, oldLines: old.length, newStart: 1, newLines: fresh.length, lines };
}

/** The lines of a text, with their line ends. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function marked(sign: '+' | '-', line: string): readonly string[] {
  return line.endsWith('\n') ? [`${sign}${line.slice(0, -1)}`] : [`${sign}${line}`, '\\ No newline at end of file'];
}
