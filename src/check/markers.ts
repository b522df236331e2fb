/**
 * The part of a Markdown file that devup writes, between two comments on their own lines outside code blocks. The rest of the file
 * stays the same, byte for byte.
 */
import type { MarkerProblem } from '../model/port-document.ts';

const BEGIN = '<!-- devup:ports -->';
const END = '<!-- /devup:ports -->';

/** The range of the part, markers included, without the end of its last line; null if there is no such part. */
export function findMarked(text: string): { readonly from: number; readonly to: number } | MarkerProblem | null {
  if (!text.includes(BEGIN) && !text.includes(END)) return null;
  const begins: number[] = [];
  const ends: number[] = [];
  let fence: string | null = null;
  let at = 0;
  for (const line of text.split('\n')) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence !== null) {
      if (mark?.startsWith(fence) && line.trim() === mark) fence = null;
    } else if (mark !== undefined) fence = mark;
    else if (line.trim() === BEGIN) begins.push(at + line.indexOf('<'));
    else if (line.trim() === END) ends.push(at + line.indexOf('>') + 1);
    at += line.length + 1;
  }
  const [from, to] = [begins[0], ends[0]];
  if (from === undefined && to === undefined) return null;
  if (begins.length > 1 || ends.length > 1) return 'several';
  if (from === undefined) return 'no-begin';
  return to === undefined || to < from ? 'no-end' : { from, to };
}

/** The file with the new part in place of the old, or at the end if there was none. Line ends are those of the file's first line. */
export function withMarked(text: string, part: string): string | MarkerProblem {
  const found = findMarked(text);
  if (typeof found === 'string') return found;
  const end = /^[^\n]*\r\n/.test(text) ? '\r\n' : '\n';
  const block = marked(part).trimEnd().replaceAll('\n', end);
  if (found) return text.slice(0, found.from) + block + text.slice(found.to);
  const bare = text.replace(/^\uFEFF/, '');
  const gap = bare === '' || bare.endsWith(end + end) ? '' : bare.endsWith(end) ? end : end + end;
  return `${text}${gap}${block}${end}`;
}

/** The part, enclosed in its markers. */
export function marked(part: string): string {
  return `${BEGIN}\n${part}${END}\n`;
}
