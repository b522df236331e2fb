/** The output of `devup explain`: the texts of docs/errors.md, laid out for a terminal. */
import { painter } from './style.ts';
import { table } from './table.ts';
import { width } from './text.ts';

export interface Explained {
  readonly code: string;
  /** The exit code of a command that fails with this code. */
  readonly exitCode: number;
  /** A sentence in front of the text; null if the text needs no introduction. */
  readonly meaning: string | null;
  /** One paragraph of Markdown. */
  readonly text: string;
}

const LINE_CELLS = 96;

export function explanation(explained: Explained, colour: boolean): string {
  const paint = painter(colour);
  const { code, exitCode, meaning } = explained;
  const text = [meaning === null ? '' : `${meaning}.`, plain(explained.text)].join(' ').trim();
  return `${paint('bold', code)}  ${paint('dim', `exit code ${exitCode}`)}\n\n${wrapped(text)}`;
}

/** A table of all codes, each with its first sentence. */
export function explanations(all: readonly Explained[]): string {
  return table(
    [{ title: 'CODE' }, { title: 'EXIT', right: true }, { title: 'MEANING' }],
    all.map(({ code, exitCode, meaning, text }) => [code, String(exitCode), meaning ?? firstSentence(plain(text))]),
  );
}

/** Replaces links by their text, since they are relative to a page. */
export function plain(markdown: string): string {
  return markdown.replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1');
}

function firstSentence(text: string): string {
  // Code and what stands in brackets are passed over as a whole.
  return /^(?:`[^`]*`|\([^)]*\)|[.:](?! |$)|[^.:`(])+/.exec(text)?.[0] ?? text;
}

function wrapped(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || width(last) + 1 + width(word) > LINE_CELLS) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return `${lines.join('\n')}\n`;
}
