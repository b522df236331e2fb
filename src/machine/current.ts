/** Chooses the machine for this platform. Apart from `caches-folder.ts`, no other file of `src/` reads `process.platform`. */
import type { PlatformName } from '../model/platform.ts';
import { darwinMachine } from './darwin.ts';
import { linuxMachine } from './linux.ts';
import type { Machine } from './machine.ts';
import { win32Machine } from './win32.ts';

const MACHINES: { readonly [N in PlatformName]: { readonly title: string; readonly make: () => Machine } } = {
  linux: { title: 'Linux', make: linuxMachine },
  darwin: { title: 'macOS', make: darwinMachine },
  win32: { title: 'Windows', make: win32Machine },
};

export function currentMachine(): Machine {
  const machines: Partial<Record<NodeJS.Platform, { readonly make: () => Machine }>> = MACHINES;
  const machine = machines[process.platform];
  if (machine) return machine.make();
  const titles = Object.values(MACHINES).map(({ title }) => title);
  throw new Error(`devup runs on ${titles.slice(0, -1).join(', ')} and ${titles.at(-1) ?? ''}, not on ${process.platform}`);
}
