/**
 * Expands `${NAME:-8000}` to `8000`: the default is what the file itself says. A variable without a default becomes `UNKNOWN`, a
 * character that occurs in no number. Every character of the result maps to its place in the file.
 */
export const UNKNOWN = '\uFFFC';

export interface Expanded {
  readonly text: string;
  /** Maps an offset in `text`, or its end, to an offset in the source. */
  readonly at: (index: number) => number;
}

/** Text with variables is written by people, and no longer than this. */
const LONGEST = 16 * 1024;

const VARIABLE = /\$\$|\$\{([A-Za-z_]\w*)(?::?([-?+])((?:[^{}]|\{[^{}]*\})*))?\}|\$[A-Za-z_]\w*|\$\{\{.*?\}\}|\{\{.*?\}\}|<%.*?%>/g;

export function expand(source: string): Expanded {
  if (source.length > LONGEST || !/[${]|<%/.test(source)) return { text: source, at: (index) => index };
  let text = '';
  const places: number[] = [];
  const push = (part: string, from: number, moving: boolean) => {
    for (let i = 0; i < part.length; i++) places.push(from + (moving ? i : 0));
    text += part;
  };
  let last = 0;
  for (const match of source.matchAll(VARIABLE)) {
    push(source.slice(last, match.index), last, true);
    const [whole, , operator, fallback] = match;
    last = match.index + whole.length;
    if (whole === '$$') push('$', match.index, false);
    else if (operator === '-' && fallback !== undefined) push(fallback, last - 1 - fallback.length, true);
    else push(UNKNOWN, match.index, false);
  }
  push(source.slice(last), last, true);
  places.push(source.length);
  return {
    text,
    // The end of a part is the end of its last character, not the start of the next part.
    at: (index) => (index > 0 && index === text.length ? (places[index - 1] as number) + 1 : (places[index] ?? source.length)),
  };
}
