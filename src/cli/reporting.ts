/** Words the failures of a session in this process as the commands do. */
import type { Reporting } from '../app/session/begin.ts';
import type { Platform } from '../model/platform.ts';
import { NO_VIEWER } from '../render/words/viewer.ts';
import { words } from '../render/words.ts';
import { exitCodeOfEnding } from './exit-code.ts';

export function reportingOn({ commands }: Platform): Reporting {
  const viewer = { ...NO_VIEWER, commands };
  return { describe: (failure) => words(failure, viewer), exitCode: exitCodeOfEnding };
}
