/** Chooses the machine for this platform. No other file of `src/` reads `process.platform`. */
import { darwinMachine } from './darwin.ts';
import { linuxMachine } from './linux.ts';
import type { Machine } from './machine.ts';
import { win32Machine } from './win32.ts';

export function currentMachine(): Machine {
  switch (process.platform) {
    case 'linux':
      return linuxMachine();
    case 'darwin':
      return darwinMachine();
    case 'win32':
      return win32Machine();
    default:
      throw new Error(`devup runs on Linux, macOS and Windows, not on ${process.platform}`);
  }
}
