/** Other stacks, which are named by their folders. */
import { harmless } from '../../model/harmless.ts';
import type { TakeOver } from '../../model/take-over.ts';
import { tilde } from './holder.ts';
import { NO_VIEWER, type Viewer } from './viewer.ts';

/** The folder of a config, as it is. */
export function stackFolder(config: string): string {
  return harmless(config).replace(/[\\/][^\\/]*$/, '') || '/';
}

/** `web, api of the stack in ~/theirs`. */
export function takeOverWords({ config, services }: TakeOver, viewer: Viewer = NO_VIEWER): string {
  return `${services.map(harmless).join(', ')} of the stack in ${tilde(stackFolder(config), viewer.home)}`;
}
