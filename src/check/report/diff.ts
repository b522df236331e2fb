/** A unified diff, as `patch` and `git apply` read it. */
export interface Changed {
  readonly file: string;
  /** Null: the file is new. */
  readonly before: string | null;
  readonly after: string;
}

const CONTEXT = 3;

export function unifiedDiff({ file, before, after }: Changed): string {
  const [old, fresh] = [linesOf(before ?? ''), linesOf(after)];
  const edits = editsOf(old, fresh);
  const hunks: { readonly edits: Edit[]; from: number; to: number }[] = [];
  for (const edit of edits) {
    const last = hunks.at(-1);
    const [from, to] = [Math.max(0, edit.from - CONTEXT), Math.min(old.length, edit.to + CONTEXT)];
    if (last && from <= last.to) {
      last.to = to;
      last.edits.push(edit);
    } else hunks.push({ edits: [edit], from, to });
  }
  let shift = 0;
  const parts = hunks.map(({ edits: own, from, to }) => {
    const lines: string[] = [];
    let at = from;
    let more = 0;
    for (const edit of own) {
      lines.push(...old.slice(at, edit.from).map((line) => ` ${line}`));
      lines.push(...old.slice(edit.from, edit.to).map((line) => `-${line}`));
      lines.push(...fresh.slice(edit.freshFrom, edit.freshTo).map((line) => `+${line}`));
      more += edit.freshTo - edit.freshFrom - (edit.to - edit.from);
      at = edit.to;
    }
    lines.push(...old.slice(at, to).map((line) => ` ${line}`));
    const head = `@@ -${rangeOf(from, to - from)} +${rangeOf(from + shift, to - from + more)} @@\n`;
    shift += more;
    return head + lines.map(ended).join('');
  });
  return `--- ${before === null ? '/dev/null' : `a/${file}`}\n+++ b/${file}\n${parts.join('')}`;
}

/** Empty text stands after the line before it. */
function rangeOf(from: number, count: number): string {
  return `${count === 0 ? from : from + 1},${count}`;
}

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly freshFrom: number;
  readonly freshTo: number;
}

/** Beyond it the whole middle is one change: what is shown stays right, and only longer. */
const MOST_STEPS = 1500;

/** The shortest edit script (E. W. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986), lines at both ends left out first. */
function editsOf(old: readonly string[], fresh: readonly string[]): readonly Edit[] {
  let head = 0;
  while (head < old.length && head < fresh.length && old[head] === fresh[head]) head++;
  let tail = 0;
  while (tail < old.length - head && tail < fresh.length - head && old.at(-1 - tail) === fresh.at(-1 - tail)) tail++;
  const [a, b] = [old.slice(head, old.length - tail), fresh.slice(head, fresh.length - tail)];
  if (a.length === 0 && b.length === 0) return [];
  const trace: Int32Array[] = [];
  const furthest = new Int32Array(2 * MOST_STEPS + 3);
  const middle = MOST_STEPS + 1;
  for (let steps = 0; steps <= MOST_STEPS; steps++) {
    trace.push(furthest.slice());
    for (let k = -steps; k <= steps; k += 2) {
      const down = k === -steps || (k !== steps && at(furthest, middle + k - 1) < at(furthest, middle + k + 1));
      let x = down ? at(furthest, middle + k + 1) : at(furthest, middle + k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      furthest[middle + k] = x;
      if (x >= a.length && x - k >= b.length) return joined(backwards(trace, a.length, b.length, middle), head);
    }
  }
  return [{ from: head, to: old.length - tail, freshFrom: head, freshTo: fresh.length - tail }];
}

/** The single steps, first to last. */
function backwards(trace: readonly Int32Array[], length: number, other: number, middle: number): readonly Edit[] {
  const steps: Edit[] = [];
  let [x, y] = [length, other];
  for (let d = trace.length - 1; d > 0; d--) {
    const row = trace[d] as Int32Array;
    const k = x - y;
    const down = k === -d || (k !== d && at(row, middle + k - 1) < at(row, middle + k + 1));
    const fromX = at(row, middle + (down ? k + 1 : k - 1));
    const fromY = fromX - (down ? k + 1 : k - 1);
    steps.push(
      down
        ? { from: fromX, to: fromX, freshFrom: fromY, freshTo: fromY + 1 }
        : { from: fromX, to: fromX + 1, freshFrom: fromY, freshTo: fromY },
    );
    [x, y] = [fromX, fromY];
  }
  return steps.reverse();
}

function joined(steps: readonly Edit[], head: number): readonly Edit[] {
  const edits: { from: number; to: number; freshFrom: number; freshTo: number }[] = [];
  for (const step of steps) {
    const last = edits.at(-1);
    if (last && last.to === step.from + head && last.freshTo === step.freshFrom + head) {
      last.to = step.to + head;
      last.freshTo = step.freshTo + head;
    } else edits.push({ from: step.from + head, to: step.to + head, freshFrom: step.freshFrom + head, freshTo: step.freshTo + head });
  }
  return edits;
}

function at(row: Int32Array, index: number): number {
  return row[index] as number;
}

/** Each with its own end. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function ended(line: string): string {
  return line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`;
}
