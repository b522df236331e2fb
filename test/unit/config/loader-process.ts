/** Runs as a separate process: answers requests to find and load configs with the code under test. */
import { type ConfigLocation, type FindOptions, findConfig } from '../../../src/config/find/find.ts';
import { type LoadContext, loadStack } from '../../../src/config/load.ts';
import { systemClock } from '../../../src/machine/clock.ts';
import { linuxPlatform } from '../../../src/machine/linux.ts';
import { NEEDS_PACKAGE } from './without-packages.ts';

export type Request = { readonly id: number } & (
  | { readonly do: 'find'; readonly options: Omit<FindOptions, 'owners'> }
  | { readonly do: 'load'; readonly location: ConfigLocation; readonly context: Omit<LoadContext, 'clock' | 'platform'> }
);

const owners: FindOptions['owners'] = {
  uid: process.getuid?.() ?? null,
  userName: async () => null,
  isOwnerless: () => false,
  safeFolders: async () => ({ values: [], hasGit: true }),
};

process.on('message', async (request: Request) => {
  process.send?.({ id: request.id, answer: await answer(request).catch(nullWithoutPackage) });
});
process.send?.({ id: 0, answer: 'listening' });

async function answer(request: Request): Promise<unknown> {
  if (request.do === 'find') return findConfig({ ...request.options, owners });
  const stack = await loadStack(request.location, { ...request.context, clock: systemClock, platform: linuxPlatform });
  return !stack.ok && 'message' in stack.failure && stack.failure.message === NEEDS_PACKAGE ? null : stack;
}

function nullWithoutPackage(error: unknown): null {
  if (error instanceof Error && error.message === NEEDS_PACKAGE) return null;
  throw error;
}
