/**
 * Estimates how many steps an expression may need for a text at worst, from what repeats in it. V8 backtracks: each unbounded
 * repetition may try every length of the text, once for each length that the ones before it try, and a repetition of repetitions
 * has no bound that is worth the name.
 */

/** The worst number of steps for a text of this many characters. */
export function matchCost(source: string): (length: number) => number {
  const { repetitions, choices } = countChoices(source);
  if (repetitions === Number.POSITIVE_INFINITY) return () => Number.POSITIVE_INFINITY;
  return (length) => length ** (1 + repetitions) * 2 ** choices;
}

interface Choices {
  /** Repetitions without a bound; infinite if one repeats another, or a choice. */
  repetitions: number;
  /** Each may double the ways to match: `?`, `|`. */
  choices: number;
}

/** Reads the source without understanding it: whatever is in doubt counts. */
function countChoices(source: string): Choices {
  const open: Choices[] = [{ repetitions: 0, choices: 0 }];
  let inner: Choices | null = null;
  for (let i = 0; i < source.length; i++) {
    const current = open.at(-1) as Choices;
    const closed = inner;
    inner = null;
    switch (source[i]) {
      case '\\':
        // A back reference may stand for a text of any length.
        if (/[1-9k]/.test(source[i + 1] ?? '')) current.repetitions++;
        i++;
        break;
      case '[':
        i = endOfClass(source, i);
        break;
      case '(':
        open.push({ repetitions: 0, choices: 0 });
        // The sign after `(?` is no choice.
        if (source[i + 1] === '?') i++;
        break;
      case ')':
        inner = open.length > 1 ? (open.pop() as Choices) : null;
        add(open.at(-1) as Choices, inner);
        break;
      case '|':
        current.choices++;
        break;
      case '?':
        current.choices++;
        break;
      case '*':
      case '+':
      case '{':
        current.repetitions += closed && closed.repetitions + closed.choices > 0 ? Number.POSITIVE_INFINITY : 1;
        // A lazy repetition, as in `.*?`.
        if (source[i] !== '{' && source[i + 1] === '?') i++;
        break;
    }
  }
  for (const unclosed of open.slice(1)) add(open[0] as Choices, unclosed);
  return open[0] as Choices;
}

function add(to: Choices, from: Choices | null): void {
  to.repetitions += from?.repetitions ?? 0;
  to.choices += from?.choices ?? 0;
}

/** With the flag `v` a class may hold others. The rest of such a one counts as text of its own, which costs no less. */
function endOfClass(source: string, start: number): number {
  for (let i = start + 1; i < source.length; i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === ']') return i;
  }
  return source.length;
}
