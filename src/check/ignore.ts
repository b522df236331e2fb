/** Line numbers with the comment `devup-ignore`, and those that such a comment applies to. */
export function ignoredLines(text: string): ReadonlySet<number> {
  const ignored = new Set<number>();
  if (!text.includes('devup-ignore')) return ignored;
  for (const [i, line] of text.split('\n').entries()) {
    if (!/\bdevup-ignore\b/.test(line)) continue;
    ignored.add(i + 1);
    // A comment on a line of its own applies to the next line; after code it applies to its own line.
    if (/^\s*(#|\/\/|<!--|\/\*|\*)/.test(line)) ignored.add(i + 2);
  }
  return ignored;
}
