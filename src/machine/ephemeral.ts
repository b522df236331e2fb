/** Parses the range of ports that a system gives to outgoing connections. */

/** The first and the last port, from a text with two numbers. */
export function ephemeralRange(text: string): readonly [number, number] | null {
  const [first, last] = numbersIn(text);
  return portRange(first, last);
}

/** The same for Windows, which prints the first port and the number of ports. */
export function ephemeralRangeByCount(text: string): readonly [number, number] | null {
  const [first, count] = numbersIn(text);
  return first === undefined || count === undefined ? null : portRange(first, first + count - 1);
}

function numbersIn(text: string): readonly number[] {
  return [...text.matchAll(/(?<![\w.])\d+(?![\w.])/g)].map(([digits]) => Number(digits));
}

function portRange(first: number | undefined, last: number | undefined): readonly [number, number] | null {
  if (first === undefined || last === undefined) return null;
  return first > 0 && first <= last && last <= 65535 ? [first, last] : null;
}
