/** Unified diffs, applied and undone strictly, at exactly the lines that they name. */
type Texts = Readonly<Record<string, string>>;

export function applied(diff: string, texts: Texts): Texts {
  return patched(diff, texts, '-', '+');
}

/** Undoing removes a file that the diff created. */
export function undone(diff: string, texts: Texts): Texts {
  return patched(diff, texts, '+', '-');
}

function patched(diff: string, texts: Texts, away: '+' | '-', fresh: '+' | '-'): Texts {
  const result: Record<string, string> = { ...texts };
  for (const part of diff.split(/^(?=--- )/m).filter((one) => one !== '')) {
    const [, source, name = ''] = /^--- (\S+)\n\+\+\+ b\/(\S+)\n/.exec(part) ?? [];
    const old = (texts[name] ?? '').match(/[^\n]*\n|[^\n]+$/g) ?? [];
    const out: string[] = [];
    let at = 0;
    for (const hunk of part.split(/^(?=@@ )/m).slice(1)) {
      const head = /^@@ -(\d+),(\d+) \+(\d+),(\d+) @@\n/.exec(hunk) as RegExpExecArray;
      const [first, count] = away === '-' ? [Number(head[1]), Number(head[2])] : [Number(head[3]), Number(head[4])];
      const from = count === 0 ? first : first - 1;
      out.push(...old.slice(at, from));
      at = from;
      const lines =
        hunk
          .slice(head[0].length)
          .replaceAll('\n\\ No newline at end of file\n', '\uFFFF')
          .match(/[^\n\uFFFF]*(?:\n|\uFFFF)/g) ?? [];
      for (const marked of lines) {
        const line = marked.slice(1).replace('\uFFFF', '');
        if (marked[0] !== fresh) {
          if (old[at] !== line) throw new Error(`line ${at + 1} of ${name} is ${JSON.stringify(old[at])}, not ${JSON.stringify(line)}`);
          at += 1;
        }
        if (marked[0] !== away) out.push(line);
      }
      if (at - from !== count) throw new Error(`a hunk of ${name} has ${at - from} lines, not ${count}`);
    }
    result[name] = [...out, ...old.slice(at)].join('');
    if (source === '/dev/null' && away === '+') delete result[name];
  }
  return result;
}
