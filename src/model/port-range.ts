import { parsePort } from './port.ts';

/** Both ends included, `from <= to`. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** `"8000"`, `":8000"` or `"3000-3099"`; says apart what is no port at all and a range that is upside down. */
export function parsePortRange(text: string): PortRange | 'not-a-port' | 'upside-down' {
  const parts = text.replace(/^:/, '').split('-');
  const from = parsePort(parts[0] as string);
  const to = parts.length === 1 ? from : parts.length === 2 ? parsePort(parts[1] as string) : null;
  if (from === null || to === null) return 'not-a-port';
  return from <= to ? { from, to } : 'upside-down';
}
