import type { Place } from '../model/drift.ts';
import type { SourceFile } from './source.ts';

export type Places = (from: number, to: number) => Place;

/** Converts offsets in a file's text to lines and columns. The starts of the lines are computed once, when needed. */
export function placesOf({ path, text }: SourceFile): Places {
  let starts: number[] | null = null;
  return (from, to) => {
    starts ??= lineStarts(text);
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] as number) <= from) low = middle;
      else high = middle;
    }
    return { file: path, line: low + 1, column: from - (starts[low] as number) + 1, from, to };
  };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
