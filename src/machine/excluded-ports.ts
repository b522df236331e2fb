/** Windows sets ranges of ports aside (Hyper-V, WSL, HTTP.sys): listening there is refused, though the ports are free. */
import { parseExcludedPorts } from './parse/netstat.ts';
import { runTool } from './run.ts';
import { netsh } from './windows-tools.ts';

const TIMEOUT_MS = 5000;

/** Ends included; empty if Windows does not reveal them. */
export async function excludedPorts(family: 'ipv4' | 'ipv6'): Promise<readonly (readonly [number, number])[]> {
  return parseExcludedPorts((await runTool(netsh, ['int', family, 'show', 'excludedportrange', 'protocol=tcp'], TIMEOUT_MS)).stdout);
}
