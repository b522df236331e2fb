/** Windows sets ranges of ports aside (Hyper-V, WSL, HTTP.sys): listening there is refused, though nobody listens. */
import type { Machine } from './machine.ts';
import { parseExcludedPorts } from './parse/netstat.ts';
import { runTool } from './run.ts';
import { netsh } from './windows-tools.ts';

const TIMEOUT_MS = 5000;

/** Ends included; empty on other systems, and where it does not tell. */
export async function excludedPorts(
  platform: Machine['platform'],
  family: 'ipv4' | 'ipv6' = 'ipv4',
): Promise<readonly (readonly [number, number])[]> {
  if (platform !== 'win32') return [];
  return parseExcludedPorts((await runTool(netsh, ['int', family, 'show', 'excludedportrange', 'protocol=tcp'], TIMEOUT_MS)).stdout);
}
