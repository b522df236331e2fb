/** Gives the failures of a session in this process the words and exit codes that commands give them. */
import { exitCodeOfEnding } from '../model/exit-code.ts';
import type { Platform } from '../model/platform.ts';
import type { Reporting } from '../model/reporting.ts';
import { NO_VIEWER } from './words/viewer.ts';
import { words } from './words.ts';

export function reportingOn({ commands }: Platform): Reporting {
  const viewer = { ...NO_VIEWER, commands };
  return { describe: (failure) => words(failure, viewer), exitCode: exitCodeOfEnding };
}
