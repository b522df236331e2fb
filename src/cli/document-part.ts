/** The document on the ports of a stack, as it stands between the markers. */
import path from 'node:path';
import { loadTarget, type Target } from '../app/target.ts';
import { contractOf } from '../check/contract.ts';
import type { LoadContext } from '../config/read.ts';
import type { Stack } from '../model/service.ts';
import { portDocument } from '../render/port-document.ts';
import type { Context } from './context.ts';

/**
 * `future`: the config and its env files as they would be. Loaded once more, with the variables of this shell left out:
 * what stands in a file of the repository is the same on every machine. A config that cannot do without them is taken as
 * it is.
 */
export async function documentPart(
  target: Target,
  stack: Stack,
  context: Context,
  future: Pick<LoadContext, 'text' | 'envTexts'> = {},
): Promise<string> {
  const portable = await loadTarget(target, context, { portable: true, ...future });
  const shown = portable.ok ? portable.value : stack;
  const { isFrontend } = contractOf(shown);
  return portDocument({ stack: shown, config: path.basename(shown.configFile), frontends: shown.services.filter(isFrontend) });
}
