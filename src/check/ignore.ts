/** Lines with the comment `devup-ignore`, and the lines below them. */
export function ignoredLines(text: string): ReadonlySet<number> {
  const ignored = new Set<number>();
  if (!text.includes('devup-ignore')) return ignored;
  for (const [i, line] of text.split('\n').entries()) {
    if (!/\bdevup-ignore\b/.test(line)) continue;
    ignored.add(i + 1);
    // A comment of its own means what follows; behind something it means that.
    if (/^\s*(#|\/\/|<!--|\/\*|\*)/.test(line)) ignored.add(i + 2);
  }
  return ignored;
}
