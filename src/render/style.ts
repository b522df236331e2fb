/** Colours, and when to use them. A colour always comes with a glyph or word of the same meaning. */

/**
 * Precedence: `--no-color`, NO_COLOR, FORCE_COLOR, then a terminal whose TERM is not dumb. Node's own check is not used
 * because it prefers FORCE_COLOR to NO_COLOR. An empty variable counts as unset (no-color.org).
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

/** Colours text, or returns it unchanged if colours are off. */
export function painter(colour: boolean): Paint {
  if (!colour) return (_colour, text) => text;
  return (name, text) => (text === '' ? '' : `\x1b[${CODES[name][0]}m${text}\x1b[${CODES[name][1]}m`);
}

/** The colours of log prefixes, in turn; without red and green, which mean bad and good. */
export const PREFIX_CODES: readonly number[] = [36, 35, 34, 33, 96, 95, 94, 93];
