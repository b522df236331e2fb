/** Full paths of Windows' own programs, so that no other program of the same name on PATH is run. */
import { join } from 'node:path';

const system = join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32');

export const netstat = [join(system, 'netstat.exe')];
export const netsh = [join(system, 'netsh.exe')];
export const taskkill = [join(system, 'taskkill.exe')];
export const powershell = [join(system, 'WindowsPowerShell', 'v1.0', 'powershell.exe')];
