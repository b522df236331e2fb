import { parsePort } from './port.ts';

/** Both ends included, `from <= to`. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** Parses `"8000"`, `":8000"` or `"3000-3099"`. `upside-down`: the range ends below its start. */
export function parsePortRange(text: string): PortRange | 'not-a-port' | 'upside-down' {
  const parts = text.replace(/^:/, '').split('-');
  const from = parsePort(parts[0] as string);
  const to = parts.length === 1 ? from : parts.length === 2 ? parsePort(parts[1] as string) : null;
  if (from === null || to === null) return 'not-a-port';
  return from <= to ? { from, to } : 'upside-down';
}
