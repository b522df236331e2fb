/** A unified diff of changes that add and remove no lines: each changed line stands against its old self. */
import type { Change } from '../edit.ts';

const CONTEXT = 3;

export function unifiedDiff({ file, before, after }: Change): string {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  const changed = old.flatMap((line, i) => (line === fresh[i] ? [] : [i]));
  const hunks: { from: number; to: number }[] = [];
  for (const at of changed) {
    const last = hunks.at(-1);
    const [from, to] = [Math.max(0, at - CONTEXT), Math.min(old.length, at + CONTEXT + 1)];
    if (last && from <= last.to) last.to = to;
    else hunks.push({ from, to });
  }
  const parts = hunks.map(({ from, to }) => {
    const lines: string[] = [];
    for (let i = from; i < to; ) {
      if (old[i] === fresh[i]) {
        lines.push(` ${old[i++]}`);
        continue;
      }
      let end = i;
      while (end < to && old[end] !== fresh[end]) end++;
      lines.push(...old.slice(i, end).map((line) => `-${line}`), ...fresh.slice(i, end).map((line) => `+${line}`));
      i = end;
    }
    return `@@ -${from + 1},${to - from} +${from + 1},${to - from} @@\n${lines.map(ended).join('')}`;
  });
  return `--- a/${file}\n+++ b/${file}\n${parts.join('')}`;
}

/** Each with its own end. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function ended(line: string): string {
  return line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`;
}
