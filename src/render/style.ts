/** Whether to colour, and our few colours. Colour never says anything alone: a glyph and a word always stand with it. */

/**
 * `--no-color` > NO_COLOR > FORCE_COLOR > a terminal with TERM other than dumb. Node's own rule lets FORCE_COLOR beat
 * NO_COLOR, so it is not asked. An empty variable says nothing (no-color.org).
 */
export function wantsColour(o: {
  readonly noColorFlag: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTerminal: boolean;
}): boolean {
  if (o.noColorFlag || o.env['NO_COLOR']) return false;
  const force = o.env['FORCE_COLOR'];
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  return o.isTerminal && o.env['TERM'] !== 'dumb';
}

export type Colour = 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan' | 'dim' | 'bold';
export type Paint = (colour: Colour, text: string) => string;

const CODES: Readonly<Record<Colour, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
};

/** Colours text, or leaves it alone. */
export function painter(colour: boolean): Paint {
  if (!colour) return (_colour, text) => text;
  return (name, text) => (text === '' ? '' : `\x1b[${CODES[name][0]}m${text}\x1b[${CODES[name][1]}m`);
}

/** The colour codes of log prefixes, one service after another; none that means good or bad. */
export const PREFIX_CODES: readonly number[] = [36, 35, 34, 33, 96, 95, 94, 93];
