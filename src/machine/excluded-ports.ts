/** Ranges of ports that Windows has reserved (Hyper-V, WSL, HTTP.sys): programs cannot listen on them, though they are free. */
import { parseExcludedPorts } from './parse/netstat.ts';
import { runTool } from './run.ts';
import { netsh } from './windows-tools.ts';

const TIMEOUT_MS = 5000;

/** First and last port of each range; empty if Windows does not reveal them. */
export async function excludedPorts(family: 'ipv4' | 'ipv6'): Promise<readonly (readonly [number, number])[]> {
  return parseExcludedPorts((await runTool(netsh, ['int', family, 'show', 'excludedportrange', 'protocol=tcp'], TIMEOUT_MS)).stdout);
}
