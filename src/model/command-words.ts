/** The words of a command line within any text, and where they stand. */
interface Word {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly quoted: boolean;
}

/**
 * Reads the text once. A quote opens where a word or a value begins, so the apostrophe of "don't" is a letter; one that never closes is a
 * letter too. The items of a JSON list are words.
 */
export function commandWords(text: string): readonly Word[] {
  const words: Word[] = [];
  const unclosed = new Set<string>();
  let at = 0;
  while (at < text.length) {
    const char = text[at] ?? '';
    if (/[\s[\](){},`;]/.test(char)) {
      if (char === ';') words.push({ from: at, to: at + 1, text: ';', quoted: false });
      at++;
      continue;
    }
    const from = at;
    const end = closing(text, at, unclosed);
    if (end !== null && (end + 1 === text.length || /[\s,\])};]/.test(text[end + 1] ?? ''))) {
      words.push({ from, to: end + 1, text: text.slice(from + 1, end), quoted: true });
      at = end + 1;
      continue;
    }
    while (at < text.length && !/[\s;`]/.test(text[at] ?? '')) {
      const close = /[\w\\]/.test(at === from ? '' : (text[at - 1] ?? '')) && text[at - 2] !== '-' ? null : closing(text, at, unclosed);
      at = (close ?? at) + 1;
    }
    words.push({ from, to: at, text: text.slice(from, at), quoted: false });
  }
  return words;
}

/** The place of the quote that closes the one at this place; null if there is none at it, or it never closes. */
function closing(text: string, at: number, unclosed: Set<string>): number | null {
  const quote = text[at];
  if ((quote !== '"' && quote !== "'") || unclosed.has(quote)) return null;
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\' && quote === '"') i++;
    else if (text[i] === quote) return i;
  }
  unclosed.add(quote);
  return null;
}
