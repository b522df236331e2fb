/** Runs in a process of its own: answers requests to find and load configs with the code that is under test. */
import { findConfig } from '../../../src/config/find/find.ts';
import type { ConfigLocation, FindOptions } from '../../../src/config/find/walk.ts';
import { findKept, loadKept } from '../../../src/config/kept.ts';
import { type LoadContext, loadStack } from '../../../src/config/load.ts';
import { systemClock } from '../../../src/machine/clock.ts';
import { linuxPlatform } from '../../../src/machine/linux.ts';

export type Request = { readonly id: number } & (
  | { readonly do: 'find' | 'findKept'; readonly options: FindOptions }
  | { readonly do: 'load' | 'loadKept'; readonly location: ConfigLocation; readonly context: Omit<LoadContext, 'clock' | 'platform'> }
);

process.on('message', async (request: Request) => {
  process.send?.({ id: request.id, answer: await answer(request) });
});
process.send?.({ id: 0, answer: 'listening' });

function answer(request: Request): Promise<unknown> {
  switch (request.do) {
    case 'find':
      return findConfig(request.options);
    case 'findKept':
      return findKept(request.options);
    case 'load':
      return loadStack(request.location, { ...request.context, clock: systemClock, platform: linuxPlatform });
    case 'loadKept':
      return loadKept(request.location, { ...request.context, clock: systemClock, platform: linuxPlatform });
  }
}
