/** From which ports the system takes one for an outgoing connection: a service there may find its port held by any of them. */
import { readFile } from 'node:fs/promises';
import { errnoOf } from '../model/errno.ts';
import type { Machine } from './machine.ts';
import { runTool } from './run.ts';
import { netsh } from './windows-tools.ts';

/** Ends included; null where the system does not tell. */
export async function ephemeralPorts(platform: Machine['platform']): Promise<readonly [number, number] | null> {
  switch (platform) {
    case 'linux':
      return parseEphemeral(platform, await procFile('/proc/sys/net/ipv4/ip_local_port_range'));
    case 'darwin': {
      const names = ['net.inet.ip.portrange.first', 'net.inet.ip.portrange.last'];
      return parseEphemeral(platform, (await runTool(['/usr/sbin/sysctl', 'sysctl'], ['-n', ...names], 2000)).stdout);
    }
    case 'win32': {
      const args = ['int', 'ipv4', 'show', 'dynamicport', 'tcp'];
      return parseEphemeral(platform, (await runTool(netsh, args, 5000)).stdout);
    }
  }
}

/** Two numbers: first and last, on Windows first and how many; whatever words stand around them. */
export function parseEphemeral(platform: Machine['platform'], text: string): readonly [number, number] | null {
  const [first, second] = [...text.matchAll(/(?<![\w.])\d+(?![\w.])/g)].map(([digits]) => Number(digits));
  if (first === undefined || second === undefined) return null;
  const last = platform === 'win32' ? first + second - 1 : second;
  return first > 0 && first <= last && last <= 65535 ? [first, last] : null;
}

async function procFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT' || code === 'EACCES') return '';
    throw error;
  }
}
