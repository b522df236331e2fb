/** Windows sets ranges of ports aside (Hyper-V, WSL, HTTP.sys): listening there is refused, though nobody listens. */
import type { Machine } from './machine.ts';
import { runTool } from './run.ts';

export type Ports = readonly [number, number];

/** Ends included; empty on other systems, and where it does not tell. */
export async function excludedPorts(platform: Machine['platform']): Promise<readonly Ports[]> {
  if (platform !== 'win32') return [];
  const args = ['int', 'ipv4', 'show', 'excludedportrange', 'protocol=tcp'];
  return parseExcluded((await runTool(['C:\\Windows\\System32\\netsh.exe', 'netsh'], args, 5000)).stdout);
}

/** Its rows: first, last, and a star behind those that an administrator added; the words around them are the user's language. */
export function parseExcluded(text: string): readonly Ports[] {
  return [...text.matchAll(/^[ \t]*(\d{1,5})[ \t]+(\d{1,5})[ \t]*\*?[ \t]*\r?$/gm)].flatMap(([, first, last]) => {
    const range = [Number(first), Number(last)] as const;
    return range[0] <= range[1] && range[1] <= 65_535 ? [range] : [];
  });
}
